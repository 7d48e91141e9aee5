"""The outbox's delivery: a batch of mails over one connection to the mail server.

Each mail has a transaction of its own, in which its row is locked while the server takes it: of two workers one sends
it, and a killed one leaves it waiting; the mail that was just being sent may then arrive twice, no other can.
"""

import smtplib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.kit import crypto
from gonghui.kit.jobs import DATABASE_LOST
from gonghui.notices.models import Mail, MailState
from gonghui.notices.returned import tell_senders

BATCH = 100
"""Mails over one connection: what common servers allow, and few enough for a worker to stop in time."""

TRIES = 8
"""A mail that the server puts off is tried again after 4, 16, 64 … seconds: the last time a day after the first."""

ASKED_EVERY_SECONDS = 60
"""A server that is away is asked again so soon."""

KEPT_TRYING = timedelta(days=1)
"""Mail older than this fails once the server has been away for as long."""

ABOUT_US = {421, 530, 534, 535, 538}
"""Answers (RFC 5321, RFC 4954) that refuse us, or all mail for now, not this one mail."""


class ServerAway(Exception):
    """The mail server cannot be reached, does not answer in time, or will not talk to us: all mail has to wait."""


class _Later(Exception):
    """The server puts this one mail off (4xx)."""


class _Refused(Exception):
    """The server refuses this one mail for good (5xx)."""


def is_shown_in_demo() -> bool:
    """Whether mail stays in the outbox, where the page 「演示邮箱」 shows it: a demo without a mail server."""
    return settings.ENVIRONMENT.demo and not settings.ENVIRONMENT.email_url


def has_due(*, urgent: bool) -> bool:
    """Whether there is mail that could leave now."""
    return not is_shown_in_demo() and Mail.objects.due(urgent=urgent).exists()


def send_batch(job: Any, *, urgent: bool, should_stop: Callable[[], bool]) -> bool:
    """Send up to BATCH mails over one connection; returns whether to go on with the next.

    Raises ServerAway when it comes to no mail at all: then ``job`` rests, and others of its queue do nothing meanwhile,
    so that a server that hangs is waited for once a minute and not once a mail.
    """
    if is_shown_in_demo() or _is_resting(job):
        return False
    due = list(Mail.objects.due(urgent=urgent).values_list("pk", flat=True)[:BATCH])
    if not due:
        return False
    try:
        ended = _over_one_connection(due, should_stop)
    except ServerAway as away:
        if job.attempts * ASKED_EVERY_SECONDS >= KEPT_TRYING.total_seconds():
            _fail_old(urgent, str(away))
        raise
    return not ended or len(due) == BATCH


def _is_resting(job: Any) -> bool:
    """Whether another job of the queue has failed no less often and waits for its next try: it stands for this one.

    Jobs of the version before may wait for hours, and stand for nobody else.
    """
    now = timezone.now()
    others = ProcrastinateJob.objects.filter(queue_name=job.queue, status="todo", attempts__gte=max(job.attempts, 1))
    soon = others.filter(scheduled_at__gt=now, scheduled_at__lte=now + timedelta(seconds=ASKED_EVERY_SECONDS))
    return soon.exclude(pk=job.id).exists()


def _over_one_connection(mail_ids: Sequence[int], should_stop: Callable[[], bool]) -> bool:
    """Returns whether it came to the end of them. Raises ServerAway when it broke before it was through with one."""
    server = get_connection()
    failed: list[Mail] = []
    done = 0
    try:
        _open(server)
        for pk in mail_ids:
            if should_stop():
                return False
            _send_one(pk, server, failed)
            done += 1
        return True
    except ServerAway:
        if not done:
            raise
        return False
    finally:
        with suppress(OSError):  # smtplib's errors are such, too
            server.close()
        _fail(failed)


def _open(server: BaseEmailBackend) -> None:
    try:
        server.open()
    except OSError as error:
        raise ServerAway(_words(error)) from error


def _send_one(pk: int, server: BaseEmailBackend, failed: list[Mail]) -> None:
    """Send one mail, or add it to those that have failed for good. Raises ServerAway; this mail is then put off, too,
    since it may be what the server cannot bear: the others must not wait behind it for ever.
    """
    away = None
    with transaction.atomic():
        mail = Mail.objects.select_for_update(skip_locked=True).filter(pk=pk, state=MailState.WAITING).first()
        if mail is None:  # another worker has it, or had it
            return
        try:
            _hand_over(mail, server)
            mail.state, mail.sent_at, mail.error = MailState.SENT, timezone.now(), ""
        except _Refused as refused:
            mail.error = str(refused)
            failed.append(mail)
        except (_Later, ServerAway) as later:
            away = later
            mail.error, mail.tries = str(later), mail.tries + 1
            mail.due_at = timezone.now() + timedelta(seconds=4**mail.tries)
            if mail.tries > TRIES:
                failed.append(mail)
        mail.save(update_fields=["state", "sent_at", "error", "tries", "due_at"])
    if isinstance(away, ServerAway):
        raise away


def _hand_over(mail: Mail, server: BaseEmailBackend) -> None:
    """Raises _Refused, _Later or ServerAway, with what the server said."""
    if not mail.body_sealed:
        raise _Refused("its text is gone")
    try:
        EmailMessage(mail.subject, mail.body, to=[mail.to], connection=server).send()
    except crypto.UnknownKey as error:  # mended by the operator, perhaps
        raise _Later(_words(error)) from error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:  # cannot be written as a mail at all
        raise _Refused(_words(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        _judge(*next(iter(error.recipients.values())))
    except smtplib.SMTPDataError as error:
        _judge(error.smtp_code, error.smtp_error)
    except OSError as error:
        raise ServerAway(_words(error)) from error
    except DATABASE_LOST:
        raise
    except Exception as error:  # whatever it is, it is of this mail: the others must not wait behind it
        raise _Refused(_words(error)) from error


def _judge(code: int, said: bytes | str) -> None:
    """What the server's answer to one mail means. Raises _Refused, _Later or ServerAway."""
    words = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"[:500]
    if code in ABOUT_US:
        raise ServerAway(words)
    raise _Refused(words) if code >= 500 else _Later(words)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _fail_old(urgent: bool, reason: str) -> None:
    """Give up what has waited too long for a server that is away."""
    old = Mail.objects.waiting(urgent=urgent).filter(created_at__lt=timezone.now() - KEPT_TRYING)
    mails = list(old.defer("body_sealed").order_by("pk")[: 50 * BATCH])
    for mail in mails:
        mail.error = reason
    _fail(mails)


def _fail(mails: Sequence[Mail]) -> None:
    """These will not be tried again; who sent them is told, each sender once, in the same transaction."""
    if not mails:
        return
    with transaction.atomic():
        rows = Mail.objects.select_for_update().filter(pk__in=[mail.pk for mail in mails], state=MailState.WAITING)
        still = set(rows.values_list("pk", flat=True))
        mails = [mail for mail in mails if mail.pk in still]
        for error, group in groupby(sorted(mails, key=lambda mail: mail.error), key=lambda mail: mail.error):
            found = Mail.objects.filter(pk__in=[mail.pk for mail in group])
            found.update(state=MailState.FAILED, error=error)
        tell_senders(mails)

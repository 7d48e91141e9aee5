"""Sends the outbox: a batch of mails over one connection to the mail server.

Each mail has its own transaction, which locks its row while the server accepts it: only one of two workers sends it,
and after a killed worker it still waits. Only the mail that was being sent can then arrive twice.
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
from gonghui.notices.returned import notify_senders

BATCH = 100
"""Number of mails over one connection: common servers allow it, and a worker can stop in time."""

TRIES = 8
"""A temporarily refused mail is retried after 4, 16, 64 … seconds: the last time a day after the first."""

RETRY_SECONDS = 60
"""Seconds between tries while the server cannot be reached."""

MAX_AGE = timedelta(days=1)
"""Mail older than this fails when the server was unreachable all the time."""

CLIENT_REFUSED = {421, 530, 534, 535, 538}
"""Answers (RFC 5321, RFC 4954) that refuse this client or all mail for now, not this one mail."""


class ServerAway(Exception):
    """The mail server cannot be reached, does not answer in time, or refuses this client: all mail waits."""


class _Later(Exception):
    """The server refuses this one mail temporarily (4xx)."""


class _Refused(Exception):
    """The server refuses this one mail permanently (5xx)."""


def is_shown_in_demo() -> bool:
    """Returns whether mail is not sent but shown on the page 「演示邮箱」: a demo without a mail server."""
    return settings.ENVIRONMENT.demo and not settings.ENVIRONMENT.email_url


def has_due(*, urgent: bool) -> bool:
    """Returns whether there is mail that can be sent now."""
    return not is_shown_in_demo() and Mail.objects.due(urgent=urgent).exists()


def send_batch(job: Any, *, urgent: bool, should_stop: Callable[[], bool]) -> bool:
    """Sends up to BATCH mails over one connection; returns whether to continue with the next batch.

    Raises ServerAway when no mail is sent: then ``job`` is retried later, and other jobs of its queue do nothing
    meanwhile, so that a hanging server is tried once a minute and not once for each mail.
    """
    if is_shown_in_demo() or _is_resting(job):
        return False
    due = list(Mail.objects.due(urgent=urgent).values_list("pk", flat=True)[:BATCH])
    if not due:
        return False
    try:
        ended = _over_one_connection(due, should_stop)
    except ServerAway as away:
        if job.attempts * RETRY_SECONDS >= MAX_AGE.total_seconds():
            _fail_old(urgent, str(away))
        raise
    return not ended or len(due) == BATCH


def _is_resting(job: Any) -> bool:
    """Returns whether another job of the queue, with at least as many failures, waits for its next try: it replaces
    this one.

    Jobs of the previous version may wait for hours; they replace no other job.
    """
    now = timezone.now()
    jobs = ProcrastinateJob.objects.filter(queue_name=job.queue, status="todo", attempts__gte=max(job.attempts, 1))
    soon = jobs.filter(scheduled_at__gt=now, scheduled_at__lte=now + timedelta(seconds=RETRY_SECONDS))
    return soon.exclude(pk=job.id).exists()


def _over_one_connection(mail_ids: Sequence[int], should_stop: Callable[[], bool]) -> bool:
    """Returns whether all mails were handled. Raises ServerAway when the connection fails before the first one."""
    server = get_connection()
    failed: list[Mail] = []
    handled = 0
    try:
        _open(server)
        for pk in mail_ids:
            if should_stop():
                return False
            _send_one(pk, server, failed)
            handled += 1
        return True
    except ServerAway:
        if not handled:
            raise
        return False
    finally:
        with suppress(OSError):  # OSError is also the base of smtplib's errors
            server.close()
        _fail(failed)


def _open(server: BaseEmailBackend) -> None:
    try:
        server.open()
    except OSError as error:
        raise ServerAway(_words(error)) from error


def _send_one(pk: int, server: BaseEmailBackend, failed: list[Mail]) -> None:
    """Sends one mail, or adds it to ``failed``.

    Raises ServerAway; this mail is then postponed too, as it may cause the failure: other mails must not wait behind it
    without end.
    """
    away = None
    with transaction.atomic():
        mail = Mail.objects.select_for_update(skip_locked=True).filter(pk=pk, state=MailState.WAITING).first()
        if mail is None:  # another worker sends it now, or has sent it
            return
        try:
            _transmit(mail, server)
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


def _transmit(mail: Mail, server: BaseEmailBackend) -> None:
    """Raises _Refused, _Later or ServerAway, with the server's answer."""
    if not mail.body_sealed:
        raise _Refused("its text is gone")
    try:
        EmailMessage(mail.subject, mail.body, to=[mail.to], connection=server).send()
    except crypto.UnknownKey as error:  # the operator may add the key
        raise _Later(_words(error)) from error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:  # the mail cannot be built
        raise _Refused(_words(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        _classify(*next(iter(error.recipients.values())))
    except smtplib.SMTPDataError as error:
        _classify(error.smtp_code, error.smtp_error)
    except OSError as error:
        raise ServerAway(_words(error)) from error
    except DATABASE_LOST:
        raise
    except Exception as error:  # any other error concerns only this mail: the others must not wait behind it
        raise _Refused(_words(error)) from error


def _classify(code: int, answer: bytes | str) -> None:
    """Classifies the server's answer to one mail: raises _Refused, _Later or ServerAway."""
    text = f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"[:500]
    if code in CLIENT_REFUSED:
        raise ServerAway(text)
    raise _Refused(text) if code >= 500 else _Later(text)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _fail_old(urgent: bool, reason: str) -> None:
    """Marks mail failed that has waited too long for an unreachable server."""
    expired = Mail.objects.waiting(urgent=urgent).filter(created_at__lt=timezone.now() - MAX_AGE)
    mails = list(expired.defer("body_sealed").order_by("pk")[: 50 * BATCH])
    for mail in mails:
        mail.error = reason
    _fail(mails)


def _fail(mails: Sequence[Mail]) -> None:
    """Marks the mails failed and notifies each sender once, in the same transaction."""
    if not mails:
        return
    with transaction.atomic():
        rows = Mail.objects.select_for_update().filter(pk__in=[mail.pk for mail in mails], state=MailState.WAITING)
        waiting = set(rows.values_list("pk", flat=True))
        mails = [mail for mail in mails if mail.pk in waiting]
        for error, group in groupby(sorted(mails, key=lambda mail: mail.error), key=lambda mail: mail.error):
            failed = Mail.objects.filter(pk__in=[mail.pk for mail in group])
            failed.update(state=MailState.FAILED, error=error)
        notify_senders(mails)

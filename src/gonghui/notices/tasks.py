"""The outbox's delivery."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gonghui.notices.models import Mail

# 4, 16, 64 … seconds after each failure: the last try comes a day after the first.
RETRIES = 8


def is_shown_in_demo() -> bool:
    """Whether mail stays in the outbox, where the page 「演示邮箱」 shows it: a demo without a mail server."""
    return settings.ENVIRONMENT.demo and not settings.ENVIRONMENT.email_url


@app.task(queue="mail", retry=RetryStrategy(max_attempts=RETRIES, exponential_wait=4), pass_context=True)
def deliver_mail(context: Any, mail_id: int) -> None:
    """Send one e-mail by SMTP, once: the row stays locked while the server takes it.

    What the server answered is kept with the mail and raised, so that the queue tries again.
    """
    if is_shown_in_demo():
        return
    try:
        _send(mail_id)
    except (OSError, smtplib.SMTPException) as error:
        last = context.job.attempts >= RETRIES
        state = Mail.State.FAILED if last else Mail.State.WAITING
        Mail.objects.filter(pk=mail_id).update(state=state, error=f"{type(error).__name__}: {error}"[:500])
        raise


def _send(mail_id: int) -> None:
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=mail_id)
        if mail.state == Mail.State.SENT:
            return
        EmailMessage(mail.subject, mail.body, to=[mail.to]).send()
        mail.state, mail.sent_at, mail.error = Mail.State.SENT, timezone.now(), ""
        mail.save(update_fields=["state", "sent_at", "error"])

"""The outbox's delivery."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gonghui.kit import crypto
from gonghui.notices.models import Mail


@app.task(queue="mail", retry=RetryStrategy(max_attempts=12, exponential_wait=4))
def deliver_mail(mail_id: int) -> None:
    """Send one e-mail by SMTP, once: the row stays locked while the server takes it.

    In the demo without EMAIL_URL it stays in the outbox, where the page 「演示邮箱」 shows it.
    """
    if settings.ENVIRONMENT.demo and not settings.ENVIRONMENT.email_url:
        return
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=mail_id)
        if mail.state == Mail.State.SENT:
            return
        EmailMessage(mail.subject, crypto.open_sealed(mail.body_sealed), to=[mail.to]).send()
        mail.state, mail.sent_at = Mail.State.SENT, timezone.now()
        mail.save(update_fields=["state", "sent_at"])

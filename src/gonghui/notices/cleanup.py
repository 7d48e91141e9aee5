"""Old rows of the bell and the outbox, for the nightly clean-up. Waiting mail is never removed."""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from gonghui.kit.cleanup import Sweep
from gonghui.notices.models import Mail, MailState, Notice


def _ended(before: datetime) -> QuerySet:
    ended = Mail.objects.exclude(state=MailState.WAITING)
    return ended.alias(ended_at=Coalesce("sent_at", "created_at")).filter(ended_at__lt=before)


SWEEPS = (
    Sweep(
        "mail: texts",
        Mail,
        lambda before: _ended(before).exclude(body_sealed=b""),
        "created_at",
        keep="keep_mail_texts_days",
        emptied={"body_sealed": b""},
    ),
    Sweep("mail: sent or failed", Mail, _ended, "created_at", keep="keep_mail_days"),
    Sweep(
        "notices: read",
        Notice,
        lambda before: Notice.objects.filter(read_at__isnull=False, created_at__lt=before),
        "created_at",
        keep="keep_notices_days",
    ),
)

"""Deletes scans some time after their request has ended, and drafts that were never submitted."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from gonghui.attachments.models import Attachment, Bundle, Kept
from gonghui.kit.cleanup import Sweep


def _contents(before: datetime) -> QuerySet:
    open_rounds = Kept.objects.filter(attachment=OuterRef("pk")).exclude(bundle__in=Bundle.objects.closed(before))
    closed = Attachment.objects.filter(removed_at=None, bundle__in=Bundle.objects.closed(before))
    return closed.filter(~Exists(open_rounds))


def _collected(before: datetime) -> QuerySet:
    return Attachment.objects.filter(bundle__in=Bundle.objects.filter(submitted_at=None), sent_at__lt=before)


def _kept(before: datetime) -> QuerySet:
    return Kept.objects.filter(bundle__in=Bundle.objects.filter(submitted_at=None), kept_at__lt=before)


def _empty(before: datetime) -> QuerySet:
    filled, kept = (model.objects.filter(bundle=OuterRef("pk")) for model in (Attachment, Kept))
    return Bundle.objects.filter(~Exists(filled), ~Exists(kept), submitted_at=None, made_at__lt=before)


SWEEPS = (
    Sweep(
        "attachments: contents",
        Attachment,
        _contents,
        "sent_at",
        keep="keep_attachments_days",
        emptied={"content_sealed": None, "name_sealed": None, "removed_at": Now()},
    ),
    Sweep("attachments: not sent", Attachment, _collected, "sent_at", keep="keep_draft_attachments_days"),
    Sweep("attachments: not sent again", Kept, _kept, "kept_at", keep="keep_draft_attachments_days"),
    Sweep("attachments: places not used", Bundle, _empty, "made_at", keep="keep_draft_attachments_days"),
)

"""Queries of the bell and of the outbox."""

from django.db.models import QuerySet
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.notices.models import Mail, Notice
from gonghui.notices.outbox import is_shown_in_demo

UNREAD_SHOWN = 99


def unread(user: User) -> QuerySet[Notice]:
    """Returns the notices that the bell counts, up to UNREAD_SHOWN + 1."""
    return Notice.objects.filter(user=user, read_at=None)


def oldest_due(*, urgent: bool) -> int:
    """Returns the seconds that the oldest due mail has waited; 0 for none."""
    if is_shown_in_demo():
        return 0
    due_at = Mail.objects.due(urgent=urgent).values_list("due_at", flat=True).first()
    return int((timezone.now() - due_at).total_seconds()) if due_at else 0

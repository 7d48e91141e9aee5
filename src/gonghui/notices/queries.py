"""Reads of the bell."""

from gonghui.accounts.models import User
from gonghui.notices.models import Notice

UNREAD_SHOWN = 99


def unread_count(user: User) -> int:
    """How many unread notices the bell shows: counted up to UNREAD_SHOWN + 1, never more."""
    return Notice.objects.filter(user=user, read_at=None)[: UNREAD_SHOWN + 1].count()

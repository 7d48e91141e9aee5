"""Reads of checks at another hospital."""

from collections.abc import Collection

from gonghui.attachments.models import Attachment
from gonghui.audit.hooks import References
from gonghui.bookings.models import Programme, SelfCheck


def standing_of(programme: Programme, members: Collection[int]) -> dict[int, int]:
    """By member the one that waits or is accepted in this programme; one statement."""
    rows = SelfCheck.objects.standing().filter(programme=programme, member__in=members)
    return dict(rows.values_list("member", "pk"))


def audited(number: str) -> References:
    """Yields the member's checks and their invoices, for ``audit.hooks.references_to_member``."""
    mine = SelfCheck.objects.filter(member__number=number)
    yield "bookings.selfcheck", mine.values_list("pk", flat=True)
    scans = Attachment.objects.filter(bundle__self_check__in=mine)
    yield "attachments.attachment", scans.values_list("pk", flat=True)

"""Reads of checks at another hospital."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db.models.functions import Now
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.attachments.models import Attachment
from gonghui.audit.hooks import References
from gonghui.bookings.codes import Kind
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.self_checks.validation import DAYS_AFTER
from gonghui.bookings.states import ProgrammeState

MOST = 20


def taking(user: User) -> Sequence[Programme]:
    """The programmes that take invoices now, as `validation.require_taken` has it; the newest MOST."""
    rows = Programme.objects.visible_to(user).filter(
        kind=Kind.CHECKUP, self_check_price__isnull=False, state=ProgrammeState.PUBLISHED, opens_at__lte=Now()
    )
    return list(rows.exclude(ends_on__lt=localdate() - timedelta(days=DAYS_AFTER)).order_by("-pk")[:MOST])


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

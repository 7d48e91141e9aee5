"""How a check at another hospital uses the attachments: one invoice of one member, for who sent it and who decides."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from gonghui.accounts.models import User
from gonghui.attachments.hooks import PlainKind, RequestsWithBundles
from gonghui.bookings.models import Programme, SelfCheck
from gonghui.bookings.rules import can_book, can_publish
from gonghui.bookings.self_checks.validation import is_taking
from gonghui.kit.forms import row_id
from gonghui.members.models import Member
from gonghui.reviews.scans import ScanKind, Scans

CODE = "self_check"


def about(programme_id: int, member_id: int) -> str:
    """What a draft of scans is about: each member's invoice is collected apart."""
    return f"{programme_id}-{member_id}"


def may_attach(about: str, user: User) -> bool:
    """Whether the officer may send this member's invoice for this programme."""
    programme_id, _, member_id = about.partition("-")
    if user.union is None or not can_book(user, user.union):
        return False
    programme = Programme.objects.visible_to(user).filter(pk=row_id(programme_id) or 0).first()
    ours = Member.objects.filter(union=user.union, pk=row_id(member_id) or 0)
    return programme is not None and is_taking(programme) and ours.exists()


def _of(checks: QuerySet[SelfCheck]) -> Exists:
    return Exists(checks.filter(invoice=OuterRef("pk")))


def _visible(user: User) -> Exists:
    """The invoices of the user's own union; of a publisher those who decide see them, and nobody else of it."""
    union = user.union
    sees = union is not None and (union.is_grassroots or can_publish(user, union))
    return _of(SelfCheck.objects.visible_to(user) if sees else SelfCheck.objects.none())


def _closed(before: datetime) -> Exists:
    return _of(SelfCheck.objects.filter(decided_at__lt=before))


KIND = PlainKind("外院自检", Scans(required=(ScanKind.INVOICE,)), may_attach)
REQUESTS = RequestsWithBundles(visible=_visible, closed=_closed)

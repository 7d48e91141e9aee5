"""Who publishes programmes, who books, who answers for a place. What a user sees is `visible_to`."""

from gonghui.accounts.models import Role, User
from gonghui.bookings.models import PUBLISHING, Booking, Place, Programme, Session
from gonghui.members.rules import can_add_members
from gonghui.unions.models import Union

_MANAGING = (Role.ADMIN, Role.PLATFORM_ADMIN)


def can_publish(user: User, union: Union) -> bool:
    """管理员 of the city, of a district or of a bureau, for their own union (SPEC 6.1)."""
    own = user.is_active and user.union_id == union.pk and union.kind in PUBLISHING
    return own and any(user.has_role(role) for role in _MANAGING)


def can_manage(user: User, programme: Programme) -> bool:
    """Edit, publish, cancel; sessions, shares and lots; who came: as `can_publish`, of the publisher."""
    return can_publish(user, programme.publisher)


def can_see_bookings(user: User) -> bool:
    """Every account of a union; what it sees of them is `visible_to`."""
    return user.is_active and user.union is not None


def can_book(user: User, union: Union) -> bool:
    """Officers of an approved grassroots union, for their own members (SPEC 6.4)."""
    return can_add_members(user, union)


def can_change_booking(user: User, booking: Booking) -> bool:
    """Answer an offer of the line: officers of the union that has booked."""
    return can_book(user, booking.union)


def can_change_place(user: User, place: Place) -> bool:
    """Withdraw, substitute, change the session, object to 「未到」: officers of the union that answers for the place."""
    return can_book(user, place.union)


def can_end_places(user: User, places: list[Place]) -> bool:
    """As `can_change_place`, for all of several."""
    return all(can_change_place(user, place) for place in places)


def can_mark(user: User, session: Session) -> bool:
    """已参加 (已检) or 未到: who manages the programme, and the accounts of the venue's provider."""
    if can_manage(user, session.programme):
        return True
    provider = session.venue.provider
    return user.is_active and provider is not None and provider.accounts.filter(pk=user.pk).exists()


def can_manage_provider(user: User, account: User) -> bool:
    """Invite again, suspend and resume a provider's account: who publishes, of the union that has opened it."""
    if user.union is None or not can_publish(user, user.union) or not account.is_provider:
        return False
    return account.providers.filter(created_by__union=user.union).exists()


def can_load_ledger(user: User, union: Union) -> bool:
    """Entries of earlier years: officers for the members of their own union."""
    return can_book(user, union)


def can_report(user: User) -> bool:
    """The figures of the ledger: every account of a superior union, for what is below it."""
    return user.is_active and user.union is not None and not user.union.is_grassroots

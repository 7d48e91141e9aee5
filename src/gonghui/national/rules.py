"""Who may see, export and report the national forms (SPEC 3.10)."""

from gonghui.accounts.models import User
from gonghui.members.rules import can_export_sensitive, can_reveal_members
from gonghui.unions.models import UnionState


def can_see_forms(user: User) -> bool:
    """Allows everybody of a superior union, and of an approved grassroots union, to see what is missing in whom."""
    return user.is_active and user.union is not None and user.union.state == UnionState.APPROVED


def can_export_forms(user: User) -> bool:
    """The forms hold full numbers and the sensitive columns: as for both together."""
    return can_see_forms(user) and can_reveal_members(user) and can_export_sensitive(user)


def can_read_returns(user: User) -> bool:
    """Who reports reads back what was returned."""
    return can_export_forms(user)


def can_read_organisation(user: User) -> bool:
    """Officers read the organisation form of their own union back into an amendment."""
    return can_export_forms(user) and user.union is not None and user.union.is_grassroots

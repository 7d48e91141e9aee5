"""Who may do what with members. `MemberQuerySet.visible_to` selects the members that a user sees."""

from gonghui.accounts.models import Role, User
from gonghui.members.models import Member
from gonghui.unions.models import Union, UnionState

LOOKING = (Role.OFFICER, Role.ADMIN, Role.REVIEWER, Role.PLATFORM_ADMIN)


def can_add_members(user: User, union: Union) -> bool:
    """Allows officers of an approved grassroots union, for their own union (SPEC 1.4, 3)."""
    own = union.is_grassroots and user.union_id == union.pk
    return user.is_active and own and union.state == UnionState.APPROVED and user.has_role(Role.OFFICER)


def can_import_members(user: User) -> bool:
    """Allows officers of a grassroots union; the page says what an unapproved union has to do first (SPEC 3.4)."""
    return user.is_active and user.union is not None and user.union.is_grassroots and user.has_role(Role.OFFICER)


def can_edit_member(user: User, member: Member) -> bool:
    """As `can_add_members`, for a member of the user's own union; superiors only read (SPEC 3.1, 3.8)."""
    return user.union is not None and member.union_id == user.union_id and can_add_members(user, user.union)


def can_reveal_members(user: User) -> bool:
    """Allows all roles except the viewer (查看人) to see the full numbers of visible members.

    SPEC 1.4 gives a viewer read access to the union's data. Masked values are enough for that: full values are for the
    roles that process them.
    """
    return user.is_active and any(user.has_role(role) for role in LOOKING)


def can_see_looks(user: User) -> bool:
    """Who sees who has looked at a visible member (SPEC 7.6): the roles that are on that record themselves."""
    return can_reveal_members(user)


def can_export_sensitive(user: User) -> bool:
    """Who may export 民族, 政治面貌, 籍贯 and 户籍所在地: the officers of the union, and administrators above it."""
    holders = (Role.OFFICER, Role.ADMIN, Role.PLATFORM_ADMIN)
    return user.is_active and user.union is not None and any(user.has_role(role) for role in holders)


def can_export_members(user: User) -> bool:
    """Allows every user with a union to export the visible members; in full only with `can_reveal_members`."""
    return user.is_active and user.union is not None

"""Who may do what with members. Which members a user sees at all is `MemberQuerySet.visible_to`."""

from gonghui.accounts.models import Role, User
from gonghui.members.models import Member
from gonghui.unions.models import Union, UnionState

LOOKING = (Role.OFFICER, Role.ADMIN, Role.REVIEWER, Role.PLATFORM_ADMIN)


def can_add_members(user: User, union: Union) -> bool:
    """The officers of an approved grassroots union, for their own (SPEC 1.4, 3)."""
    own = union.is_grassroots and user.union_id == union.pk
    return user.is_active and own and union.state == UnionState.APPROVED and user.has_role(Role.OFFICER)


def can_import_members(user: User) -> bool:
    """The officers of a grassroots union; its page says what a union that is not approved has to do first (SPEC 3.4)."""
    return user.is_active and user.union is not None and user.union.is_grassroots and user.has_role(Role.OFFICER)


def can_edit_member(user: User, member: Member) -> bool:
    """As `can_add_members`, for a member of their own union; superiors only look (SPEC 3.1, 3.8)."""
    return user.union is not None and member.union_id == user.union_id and can_add_members(user, user.union)


def can_reveal_members(user: User) -> bool:
    """Who may see numbers in full, of members that he or she sees at all: all but the viewers (查看人).

    SPEC 1.4 lets a viewer look at what the union has; masked values are enough for that, so full ones stay with those
    who work on them.
    """
    return user.is_active and any(user.has_role(role) for role in LOOKING)


def can_export_sensitive(user: User) -> bool:
    """Who may export 民族, 政治面貌, 籍贯 and 户籍所在地: the officers of the union, and administrators above it."""
    holders = (Role.OFFICER, Role.ADMIN, Role.PLATFORM_ADMIN)
    return user.is_active and user.union is not None and any(user.has_role(role) for role in holders)


def can_export_members(user: User) -> bool:
    """Anybody with a union, for the members that he or she sees; in full only who may reveal."""
    return user.is_active and user.union is not None

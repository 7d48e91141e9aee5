"""Permissions to file, change, move, dissolve and restore a union."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import Union, UnionState


def can_file(user: User, union: Union) -> bool:
    """Whether ``user`` is an officer of this grassroots union (SPEC 1.4, 2.1)."""
    return user.is_active and user.union_id == union.pk and union.is_grassroots and user.has_role(Role.OFFICER)


def may_be_filed(union: Union) -> bool:
    """Whether the union's state allows a filing: unfiled or returned (SPEC 2.2)."""
    return union.state in (UnionState.UNFILED, UnionState.RETURNED)


def can_change(user: User, union: Union) -> bool:
    """Whether ``user`` may amend, relocate and dissolve: an officer of this approved union (SPEC 2.3 to 2.5)."""
    return can_file(user, union) and union.state == UnionState.APPROVED


def can_restore(user: User) -> bool:
    """Whether ``user`` is a platform administrator of the city (SPEC 2.5)."""
    return user.is_active and user.is_platform_admin


def can_cover(user: User, union: Union) -> bool:
    """Keep the 涵盖单位: the own officer of an approved union of a type that covers employers; no review (ADR 45)."""
    return can_change(user, union) and union.is_covering


def can_import_covered(user: User) -> bool:
    """The same before the union is approved: the page says what has to be done first."""
    return user.union is not None and can_file(user, user.union) and user.union.is_covering


def can_see_deadlines(user: User) -> bool:
    """Every account of a superior union, for what is below it (SPEC 2.7)."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_remind(user: User) -> bool:
    """「催办」: 管理员 and 审核人 of a superior union, and the city's platform administrators; 查看人 only read."""
    acting = user.has_role(Role.ADMIN) or user.has_role(Role.REVIEWER) or user.is_platform_admin
    return can_see_deadlines(user) and acting

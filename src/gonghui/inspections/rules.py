"""Who opens, confirms, reminds, re-opens. Which windows and unions a user sees is `visible_to`."""

from gonghui.accounts.models import Role, User
from gonghui.inspections.models import Confirmation
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union


def can_manage_windows(user: User) -> bool:
    """Open, extend, close: the city's platform administrators (SPEC 2.6, 5.4)."""
    return user.is_active and user.is_platform_admin


def can_confirm(user: User, union: Union) -> bool:
    """An officer of the grassroots union itself."""
    return user.is_active and union.is_grassroots and user.union_id == union.pk and user.has_role(Role.OFFICER)


def can_look_on(user: User) -> bool:
    """The completion and its lists: every account of a superior union, for what is below it."""
    return user.is_active and user.union is not None and not user.union.is_grassroots


def can_remind(user: User) -> bool:
    """管理员 and 审核人 of a superior union (and the city's platform administrators); 查看人 only read."""
    acting = user.has_role(Role.ADMIN) or user.has_role(Role.REVIEWER) or user.is_platform_admin
    return can_look_on(user) and acting


def can_reopen(user: User, confirmation: Confirmation) -> bool:
    """管理员 of the union's own superior or of the city, and the city's platform administrators."""
    if user.union is None or not user.is_active:
        return False
    own = user.union_id == confirmation.union.superior_id or user.union.kind == UnionKind.CITY
    return user.is_platform_admin or (own and user.has_role(Role.ADMIN))

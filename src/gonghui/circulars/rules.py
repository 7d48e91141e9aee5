"""Who may send circulars, and who confirms one for a union."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import Union

_CONFIRM = (Role.OFFICER, Role.ADMIN, Role.REVIEWER)


def can_send(user: User, union: Union) -> bool:
    """An administrator of this superior union (SPEC 1.4)."""
    own = user.is_active and user.union_id == union.pk and not union.is_grassroots
    return own and (user.has_role(Role.ADMIN) or user.is_platform_admin)


def can_confirm(user: User, union: Union) -> bool:
    """Whoever works in the union, not who only looks."""
    own = user.is_active and user.union_id == union.pk
    return own and (user.is_platform_admin or any(user.has_role(role) for role in _CONFIRM))

"""Who may decide a policy, and who may see it."""

from gonghui.accounts.models import Role, User
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

LEVELS = (1, 2)
"""City, districts and bureaus: unions of the third level answer for others, and follow."""


def can_set_policy(user: User, union: Union) -> bool:
    """An administrator of the very union (SPEC 1.4)."""
    own = user.is_active and user.union_id == union.pk and union.level in LEVELS
    return own and (user.has_role(Role.ADMIN) or user.is_platform_admin)


def can_set_columns(user: User) -> bool:
    """An administrator of the city federation (SPEC 2.7)."""
    return user.union is not None and user.union.kind == UnionKind.CITY and can_set_policy(user, user.union)


def can_see_columns(user: User) -> bool:
    """Whoever stands over other unions."""
    return user.is_active and user.union is not None and not user.union.is_grassroots

"""Who may decide a policy."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import Union

LEVELS = (1, 2)
"""City, districts and bureaus: unions of the third level answer for others, and follow."""


def can_set_policy(user: User, union: Union) -> bool:
    """An administrator of the very union (SPEC 1.4)."""
    own = user.is_active and user.union_id == union.pk and union.level in LEVELS
    return own and (user.has_role(Role.ADMIN) or user.is_platform_admin)

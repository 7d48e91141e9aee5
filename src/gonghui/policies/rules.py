"""Permissions to set a policy."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import Union

LEVELS = (1, 2)
"""Levels that may set a policy: city, districts and bureaus. Level 3 follows its superior."""


def can_set_policy(user: User, union: Union) -> bool:
    """Whether ``user`` is an administrator of this union (SPEC 1.4)."""
    own = user.is_active and user.union_id == union.pk and union.level in LEVELS
    return own and (user.has_role(Role.ADMIN) or user.is_platform_admin)

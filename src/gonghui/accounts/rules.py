"""Who may make, disable and enable accounts (SPEC 1.4)."""

from collections.abc import Collection

from gonghui.accounts.models import Role, User
from gonghui.unions.levels import Kind
from gonghui.unions.models import Union

_SUPERIOR_ROLES = (Role.ADMIN, Role.REVIEWER, Role.VIEWER)


def roles_of(kind: str) -> tuple[Role, ...]:
    """The roles that a union of this kind has."""
    if kind == Kind.GRASSROOTS:
        return (Role.OFFICER,)
    return (*_SUPERIOR_ROLES, Role.PLATFORM_ADMIN) if kind == Kind.CITY else _SUPERIOR_ROLES


def can_manage_accounts(user: User) -> bool:
    """The administrators of a superior union."""
    return user.union is not None and not user.union.is_grassroots and user.has_role(Role.ADMIN)


def can_create_account(user: User, union: Union, roles: Collection[str]) -> bool:
    """In one's own union any of its roles; in a superior union directly below an administrator, to begin with.

    Only a platform administrator makes platform administrators.
    """
    if not can_manage_accounts(user) or not roles or not set(roles) <= set(roles_of(union.kind)):
        return False
    if Role.PLATFORM_ADMIN in roles and not user.is_platform_admin:
        return False
    if union == user.union:
        return True
    return not union.is_grassroots and union.superior_id == user.union_id and set(roles) == {Role.ADMIN}


def can_switch_account(user: User, other: User) -> bool:
    """Disable or enable: not oneself; one's own union's accounts, and administrators of the unions directly below."""
    if not can_manage_accounts(user) or other == user or other.union is None:
        return False
    if other.has_role(Role.PLATFORM_ADMIN) and not user.is_platform_admin:
        return False
    below = not other.union.is_grassroots and other.union.superior_id == user.union_id
    return other.union_id == user.union_id or (below and other.has_role(Role.ADMIN))

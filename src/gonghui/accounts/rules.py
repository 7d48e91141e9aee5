"""Who may create, change and hand over accounts (SPEC 1.4): of the own union and directly below, never above."""

from collections.abc import Callable, Collection
from typing import TypeVarTuple

from gonghui.accounts.models import Role, User
from gonghui.kit.errors import Refused
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState

_SUPERIOR_ROLES = (Role.ADMIN, Role.REVIEWER, Role.VIEWER)
# No account may remove these roles from itself, so a union always keeps an administrator.
_KEPT = {Role.ADMIN, Role.PLATFORM_ADMIN}

Subject = TypeVarTuple("Subject")


def require(may: Callable[[User, *Subject], bool], by: User, *subject: *Subject, sentence: str) -> None:
    """Refreshes ``by``, then checks the rule ``may``. Raises Refused with ``sentence`` when it returns False.

    Actions call it after they lock their rows: the account may have lost its roles since the page was shown.
    """
    refresh(by)
    if not may(by, *subject):
        raise Refused(sentence)


def refresh(user: User) -> None:
    """Reloads the columns that the rules read."""
    user.refresh_rights()


def roles_of(kind: str) -> tuple[Role, ...]:
    """Returns the roles of a union of this kind."""
    if kind == UnionKind.GRASSROOTS:
        return (Role.OFFICER,)
    return (*_SUPERIOR_ROLES, Role.PLATFORM_ADMIN) if kind == UnionKind.CITY else _SUPERIOR_ROLES


def can_manage_accounts(user: User) -> bool:
    """Allows active administrators of a superior union."""
    superior = user.union is not None and not user.union.is_grassroots
    return user.is_active and superior and user.has_role(Role.ADMIN)


def can_manage_officers(user: User, union: Union) -> bool:
    """Allows administrators of the grassroots union's direct superior, who knows its officers."""
    return can_manage_accounts(user) and union.is_grassroots and union.superior_id == user.union_id


def can_create_account(user: User, union: Union, roles: Collection[str]) -> bool:
    """In the own union: any of its roles. In a superior union directly below: its first administrator.

    Only a platform administrator creates platform administrators. None in a closed union.
    """
    if union.state == UnionState.DISSOLVED:
        return False
    if not can_manage_accounts(user) or not roles or not set(roles) <= set(roles_of(union.kind)):
        return False
    if Role.PLATFORM_ADMIN in roles and not user.is_platform_admin:
        return False
    if union == user.union:
        return True
    return not union.is_grassroots and union.superior_id == user.union_id and set(roles) == {Role.ADMIN}


def can_switch_account(user: User, account: User) -> bool:
    """Allows to disable, enable, invite again, hand over and reset other accounts of the own union, and of the unions
    directly below the administrators and the grassroots officers. A platform administrator only by another one.

    A reset mails the owner: the administrator gets no access to the account.
    """
    if not can_manage_accounts(user) or account == user or account.union is None:
        return False
    if account.has_role(Role.PLATFORM_ADMIN) and not user.is_platform_admin:
        return False
    if account.union_id == user.union_id:
        return True
    below = account.union.superior_id == user.union_id
    return below and (account.union.is_grassroots or account.has_role(Role.ADMIN))


def can_change_roles(user: User, account: User, roles: Collection[str]) -> bool:
    """Allows to replace the roles of an account of the own union. The own account keeps 管理员 and 平台管理员.

    The union below changes its own accounts; only a platform administrator changes the role 平台管理员.
    """
    if not can_manage_accounts(user) or account.union is None or account.union_id != user.union_id:
        return False
    new, old = set(roles), set(account.roles)
    if not new or not new <= set(roles_of(account.union.kind)):
        return False
    if Role.PLATFORM_ADMIN in new | old and not user.is_platform_admin:
        return False
    return account != user or not (old - new) & _KEPT

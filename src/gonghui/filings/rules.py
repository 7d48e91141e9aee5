"""Who may file."""

from gonghui.accounts.models import Role, User
from gonghui.unions.models import State, Union


def can_file(user: User, union: Union) -> bool:
    """An officer of the grassroots union itself (SPEC 1.4, 2.1)."""
    return user.is_active and user.union_id == union.pk and union.is_grassroots and user.has_role(Role.OFFICER)


def may_be_filed(union: Union) -> bool:
    """Whether the union's state lets a filing be written: never filed, or returned (SPEC 2.2)."""
    return union.state in (State.UNFILED, State.RETURNED)

"""Who may change the code lists, and which of their values may be retired."""

from typing import Protocol

from gonghui.codelists.hooks import CodeList


class Person(Protocol):
    """The part of accounts.models.User (a layer above) that the rule reads."""

    is_active: bool

    @property
    def is_platform_admin(self) -> bool: ...


def can_manage_codes(user: Person) -> bool:
    """The city's platform administrators (SPEC 5.4): the lists hold for everybody."""
    return user.is_active and user.is_platform_admin


def may_retire(one: CodeList, value: str) -> bool:
    """A value of an open list that no code depends on."""
    return not one.closed and value not in one.lasting

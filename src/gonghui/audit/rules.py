"""Who may search the audit."""

from typing import Protocol


class Person(Protocol):
    """The part of accounts.models.User (a layer above) that the audit uses."""

    @property
    def is_platform_admin(self) -> bool: ...


def can_search(user: Person) -> bool:
    """Allows only the city's platform administrators (SPEC 5.4, 7.2)."""
    return user.is_platform_admin

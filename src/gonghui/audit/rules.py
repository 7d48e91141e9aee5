"""Who may search the audit."""

from typing import Protocol


class Person(Protocol):
    """What the audit asks of a user (accounts.models.User, a layer above)."""

    @property
    def is_platform_admin(self) -> bool: ...


def can_search(user: Person) -> bool:
    """The city's platform administrators; nobody else (SPEC 5.4, 7.2)."""
    return user.is_platform_admin

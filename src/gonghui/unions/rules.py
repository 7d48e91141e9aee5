"""Who may change the tree."""

from typing import Protocol


class Administrator(Protocol):
    """The part of accounts.models.User (a layer above) that the rule reads."""

    is_active: bool

    @property
    def is_platform_admin(self) -> bool: ...


def can_change_tree(user: Administrator) -> bool:
    """The city's platform administrators (SPEC 5.4)."""
    return user.is_active and user.is_platform_admin

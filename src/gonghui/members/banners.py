"""What stands over a union's member list for some weeks: rooms above say it here (the members' annual inspection)."""

from collections.abc import Callable
from dataclasses import dataclass

from gonghui.accounts.models import User


@dataclass(frozen=True)
class Banner:
    """What is asked (a sentence), a remark beside it, and the button that leads there."""

    text: str
    remark: str
    button: str
    url: str


Finder = Callable[[User], Banner | None]
_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Add a room's finder; called once, from its ``apps.py``."""
    _finders.append(finder)
    return finder


def banners(user: User) -> list[Banner]:
    """All that the officers of the user's union should see over their list now."""
    return [banner for find in _finders if (banner := find(user))]

"""What keeps a union from moving or ending for the time being: each room that has something under way says so here.

Rooms side by side do not know each other: a card in the making keeps a union from relocating (SPEC 2.4), and neither the
cards nor the relocation has to import the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gonghui.unions.models import Union


@dataclass(frozen=True)
class Blocker:
    """One thing under way: a sentence without its full stop, and the page where its officer sees to it."""

    text: str
    url: str


Finder = Callable[[Union], Iterable[Blocker]]
_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Add a room's finder; called once, from its ``apps.py``."""
    _finders.append(finder)
    return finder


def blockers(union: Union) -> list[Blocker]:
    """All that is under way in the union and must end first."""
    return [blocker for find in _finders for blocker in find(union)]

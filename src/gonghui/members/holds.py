"""What keeps a member where he or she is for the time being: each room with something in work for a person says so here.

A card in the making keeps its member in the union (SPEC 3.7); neither the cards nor the transfers have to know each other.
"""

from collections.abc import Callable, Mapping, Sequence

Finder = Callable[[Sequence[int]], Mapping[int, str]]
"""Given members' ids: those that are held, each with the reason as a sentence without its full stop."""

_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Add a room's finder; called once, from its ``apps.py``."""
    _finders.append(finder)
    return finder


def holds(members: Sequence[int]) -> dict[int, str]:
    """Which of the members may not move now, and why."""
    return {member: reason for find in _finders for member, reason in find(members).items()}

"""What is under way for a member in the rooms above, which say so here; none of them has to know the other.

A card in the making keeps its member in the union (SPEC 3.7) and its values as they are, for it shows them; a transfer
that waits keeps a card from being made for a union that the member is about to leave (SPEC 4.2).
"""

from collections.abc import Callable, Mapping, Sequence

Finder = Callable[[Sequence[int]], Mapping[int, str]]
"""Given members' ids: those whom it concerns, each with the reason as a sentence without its full stop."""


class Registry:
    """The finders of one question; asked by a call with members' ids."""

    def __init__(self) -> None:
        self.finders: list[Finder] = []

    def register(self, finder: Finder) -> Finder:
        """Add a room's finder; called once, from its ``apps.py``."""
        self.finders.append(finder)
        return finder

    def __call__(self, members: Sequence[int]) -> dict[int, str]:
        return {member: reason for find in self.finders for member, reason in find(members).items()}


holds = Registry()
"""Which of the members may not leave their union now, and why."""

departures = Registry()
"""Which of the members are about to leave their union, and how."""

printing = Registry()
"""Of which members name, document and birth date may not change now, and why."""

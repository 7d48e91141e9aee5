"""What apps above add to unions (docs/architecture.md says who does)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gonghui.kit.hooks import Hook, Registry, chained
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Blocker:
    """One thing under way: a sentence without its full stop, and the page where its officer sees to it."""

    text: str
    url: str


blockers = Hook[[Union], Iterable[Blocker], list[Blocker]](chained)
"""What is under way in the union and must end before it moves or ends (SPEC 2.4)."""

BRANCH_FIGURES: Registry[Callable[[Union, str], dict[int, int]]] = Registry()
"""By the name under which the tree shows it: ``figure(node, key)`` counts by the branches below ``node`` (``key``: level2 or
level3) what only its app knows.
"""

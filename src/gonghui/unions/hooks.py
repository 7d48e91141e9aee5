"""What apps above add to unions (list: docs/architecture.md)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gonghui.kit.hooks import Hook, Registry, chained
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Blocker:
    """One unfinished matter: a sentence without its full stop, and the page where the officer finishes it."""

    text: str
    url: str


blockers = Hook[[Union], Iterable[Blocker], list[Blocker]](chained)
"""Returns the unfinished matters that must end before the union relocates or dissolves (SPEC 2.4)."""

BRANCH_FIGURES: Registry[Callable[[Union, str], dict[int, int]]] = Registry()
"""By its name in the tree: ``figure(node, key)`` returns counts by the ids of the branches below ``node`` (``key``:
level2 or level3).
"""

"""What apps above add to unions (list: docs/architecture.md)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from gonghui.kit.hooks import Hook, Registry, chained
from gonghui.unions.models import Person, Union, UnionQuerySet


@dataclass(frozen=True)
class Blocker:
    """One unfinished matter: a sentence without its full stop, and the page where the officer finishes it."""

    text: str
    url: str


blockers = Hook[[Union], Iterable[Blocker], list[Blocker]](chained)
"""The unfinished matters that must end before the union relocates or dissolves (SPEC 2.4)."""

BRANCH_FIGURES: Registry[Callable[[Union, str], dict[int, int]]] = Registry()
"""By its name in the tree: ``figure(node, key)`` returns counts by the ids of the branches below ``node`` (``key``: level2
or level3).
"""


@dataclass(frozen=True)
class Condition:
    """A condition of a list's search: what it is called, what there is to choose, and the rows that a choice leaves."""

    label: str
    choices: Mapping[str, str]
    narrow: Callable[[Any, str, Person], Any]
    """From the rows, the choice, and who asks."""
    by_union: Callable[[UnionQuerySet, str], QuerySet | None] = lambda unions, choice: None
    """Of few rows among millions of members: in which of the unions they are (``place``), and how many (``count``)."""


CONDITIONS: Registry[Condition] = Registry()
"""Of lists of unions, by the name in the address."""

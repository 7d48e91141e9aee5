"""What apps above add to notices (docs/architecture.md says who does)."""

from collections.abc import Iterable
from dataclasses import dataclass

from gonghui.kit.hooks import Hook, chained


@dataclass(frozen=True)
class TaskKind:
    """What notices with open tasks of one kind ask for: 「工会填报待审核」, and the list where that is worked off."""

    code: str
    label: str
    url: str


task_kinds = Hook[[], Iterable[TaskKind], list[TaskKind]](chained)
"""The kinds by which notices with open tasks are grouped, in the order of the page."""

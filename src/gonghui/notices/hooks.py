"""What apps above add to notices (list: docs/architecture.md)."""

from collections.abc import Iterable
from dataclasses import dataclass

from gonghui.kit.hooks import Hook, chained


@dataclass(frozen=True)
class TaskKind:
    """The kind of the tasks of open notices: its label, such as 「工会填报待审核」, and the list that shows these tasks."""

    code: str
    label: str
    url: str


task_kinds = Hook[[], Iterable[TaskKind], list[TaskKind]](chained)
"""The kinds by which notices with open tasks are grouped, in the order of the page."""

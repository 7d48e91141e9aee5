"""How an app describes one kind of workbook to the import engine: words, permission, effect of its rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID, uuid4

from gonghui.accounts.models import User
from gonghui.imports.hooks import KINDS
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Column, Problem, Sheet
from gonghui.kit.jobs import TryAgain
from gonghui.unions.models import Union

if TYPE_CHECKING:
    from gonghui.imports.models import Batch


@dataclass(frozen=True, slots=True)
class Group:
    """Valid rows of one sort, with label and sentence for the page.

    ``key`` is no other kind's: the audit names groups by it. ``at_once``: a file of nothing else is queued without a
    question. ``taken``: there is something to do for them, so that the officer may tick the group.
    """

    key: str
    label: str
    words: str
    at_once: bool = False
    taken: bool = True


ROWS = Group("rows", "可以导入的行", "按文件导入", at_once=True)
"""All valid rows, for a kind that does not sort them."""


class GoodRow(NamedTuple):
    """A valid row as the batch's page lists it: masked, with changes as (label, old, new)."""

    row: int
    name: str
    number: str
    changes: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The effect of a workbook on the present register: its problems, and its valid rows in the kind's own form.

    ``groups`` sorts the rows: each key of the kind's groups with the places of its rows in ``rows``, or all are ROWS;
    ``lines`` are those that the page lists before anything happens. ``warning`` is a sentence to read before going on.

    ``run`` marks the rows that are staged for it, since two runs of one job may be alive at once.
    """

    problems: list[Problem]
    rows: list[Any]
    total: int
    groups: Mapping[str, Sequence[int]] = field(default_factory=dict)
    lines: Mapping[str, Sequence[GoodRow]] = field(default_factory=dict)
    warning: str = ""
    run: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        if self.rows and not self.groups:
            object.__setattr__(self, "groups", {ROWS.key: range(len(self.rows))})

    def narrowed(self, keys: Sequence[str]) -> "Plan":
        """Returns the plan with the rows of these groups only."""
        places = sorted(place for key in keys for place in self.groups.get(key, ()))
        return replace(self, rows=[self.rows[place] for place in places])


class Undoable(Protocol):
    """The effect of undoing an import."""

    @property
    def count(self) -> int:
        """The number of rows to undo; with 0 the page does not offer it."""

    @property
    def words(self) -> str:
        """A sentence: what is done to them."""

    @property
    def left(self) -> Sequence[GoodRow]:
        """The rows that stay unchanged."""


@dataclass(frozen=True)
class NothingToUndo:
    """For a kind that cannot be undone."""

    count: int = 0
    words: str = ""
    left: Sequence[GoodRow] = ()


def nothing_to_undo(batch: "Batch") -> Undoable:
    """The default of ``ImportKind.undoable``."""
    return NothingToUndo()


def refuse_undo(batch: "Batch") -> tuple[str, Sequence[GoodRow]]:
    """The default of ``ImportKind.undo``. Raises Refused."""
    kind = KINDS[batch.kind]
    raise Refused(f"“{kind.title}”不能整批撤销。请在“{kind.home_label}”中逐个修改。")


@dataclass(frozen=True)
class ImportKind:
    """One kind of workbook, registered under ``key`` by the app that owns its columns (its ``sheet.py``, its ``apps.py``).

    ``noun`` is what a row is called, ``register`` where it goes; ``home`` the URL name of the page on which the rows
    end up, ``home_label`` what that is called. ``can_import`` says who may, each for his or her own union; ``importer`` is
    what sentences call them.

    ``check`` finds all problems of all rows in one pass, asking the database by set and not by row, for the officer who
    asks (None: the job, which checks again what an officer was answered); it may raise Refused. ``stage`` writes a
    plan's rows to the kind's staging table in short transactions of its own, and calls ``progress(rows done)`` in
    each; ``commit`` moves what was staged into place inside the engine's one transaction, records it in the audit, and
    returns the sentence that the officer reads; it raises ``Changed`` when the register is no longer what ``check``
    saw. ``clear`` empties the staging table of a batch. ``undoable`` tells what ``undo`` would do for an import that is
    done; ``undo`` does it and returns the sentence that the officer reads and the lines of those who stay as they are;
    ``instead_of_undo`` is the way out once it is too late.
    """

    key: str
    title: str
    noun: str
    register: str
    home: str
    home_label: str
    can_import: Callable[[User], bool]
    template_name: str
    columns: Sequence[Column]
    max_rows: int
    template: Callable[[], bytes]
    check: Callable[[Union, Sheet, User | None], Plan]
    stage: Callable[["Batch", Plan, Callable[[int], None]], None]
    commit: Callable[["Batch", Plan], str]
    clear: Callable[["Batch"], None]
    groups: Sequence[Group] = (ROWS,)
    undoable: Callable[["Batch"], Undoable] = nothing_to_undo
    undo: Callable[["Batch"], tuple[str, Sequence[GoodRow]]] = refuse_undo
    instead_of_undo: str = ""
    importer: str = "经办人"
    unit: str = "人"  # how they are counted
    line_headings: tuple[str, str] = ("姓名", "证件号码")  # of the name and number of a `GoodRow`
    notes: Sequence[str] = ()  # what the page says beside the file field
    masks: Mapping[str, Callable[[str], str]] = field(default_factory=dict)  # by column: how a cell is shown at rest


class Changed(TryAgain):
    """The register has changed since the check: nothing was written; the job checks again."""

"""How an app describes one kind of workbook to the import engine: labels, permission, effect of its rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
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

    ``key`` is unique over all kinds: the audit names groups by it. ``at_once``: a file with only such groups is queued
    without a question. ``taken``: the rows have an effect, so the officer may tick the group.
    """

    key: str
    label: str
    words: str
    at_once: bool = False
    taken: bool = True


ROWS = Group("rows", "可以导入的行", "按文件导入", at_once=True)
"""All valid rows, for a kind without groups."""


class GoodRow(NamedTuple):
    """A valid row as the batch's page lists it: masked, with changes as (label, old, new)."""

    row: int
    name: str
    number: str
    changes: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The effect of a workbook on the present register: its problems, and its valid rows in the kind's own form.

    ``groups`` has the positions in ``rows`` for each key of the kind's groups; if it is empty, all rows are ROWS.
    ``lines`` are the rows that the page lists before the import. ``warning`` is a sentence to read before the import.

    ``run`` marks the plan's staged rows, because two runs of one job may be active at once.
    """

    problems: list[Problem]
    rows: list[Any]
    total: int
    groups: Mapping[str, Sequence[int]] = field(default_factory=dict)
    lines: Mapping[str, Sequence[GoodRow]] = field(default_factory=dict)
    warning: str = ""
    run: UUID = field(default_factory=uuid4)
    details: Any = None  # what the kind's ``check`` passes on to its ``stage`` and ``commit``

    def __post_init__(self) -> None:
        if self.rows and not self.groups:
            object.__setattr__(self, "groups", {ROWS.key: range(len(self.rows))})

    def narrowed(self, keys: Sequence[str]) -> "Plan":
        """Returns the plan with the rows of these groups only."""
        positions = sorted(position for key in keys for position in self.groups.get(key, ()))
        return replace(self, rows=[self.rows[position] for position in positions])


class Undoable(Protocol):
    """The effect of undoing an import."""

    @property
    def count(self) -> int:
        """The number of rows to undo; if it is 0, the page does not offer it."""

    @property
    def words(self) -> str:
        """A sentence about the effect."""

    @property
    def left(self) -> Sequence[GoodRow]:
        """The rows that are not changed."""


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
    """One kind of workbook, registered under ``key`` by the app that owns its columns (its ``sheet.py``, its
    ``apps.py``).

    ``noun`` is the word for a row, ``register`` for its destination; ``home`` is the URL name of the page that lists
    the imported rows, ``home_label`` its title, ``menu`` the entry of the menu that leads there, if it is not that page
    itself. ``can_import`` is the permission, for the user's own union;
    ``importer`` is the word for these users.

    ``check`` finds all problems of all rows in one pass, with queries for sets of rows, for the officer who asks (None:
    the job, which repeats the officer's check). It may raise Refused. ``stage`` writes a plan's rows to the kind's
    staging table in short transactions, and calls ``progress(rows done)`` in each. ``commit`` moves the staged rows
    into the register in the engine's one transaction, records it in the audit, and returns the sentence for the
    officer. It raises ``Changed`` when the register has changed since ``check``. ``clear`` empties the staging table of
    a batch. ``undoable`` returns the effect that ``undo`` would have on a finished import; ``undo`` undoes it and
    returns the sentence for the officer and the lines of the unchanged rows; ``instead_of_undo`` is the remedy when it
    is too late.
    """

    key: str
    title: str
    noun: str
    register: str
    home: str
    home_label: str
    can_import: Callable[[User], bool]
    template_name: str
    columns: Callable[[], Sequence[Column]]
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
    menu: str = ""
    unit: str = "人"  # how they are counted
    line_headings: tuple[str, str] = ("姓名", "证件号码")  # of the name and number of a `GoodRow`
    notes: Sequence[str] = ()  # shown beside the file field
    # Headings of other columns in a form that the kind reads: the page says that they are not read, and asks nothing.
    unasked: Collection[str] = frozenset()
    # By column: masks a cell that is not being edited.
    masks: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


class Changed(TryAgain):
    """The register has changed since the check. Nothing was written; the job checks again."""

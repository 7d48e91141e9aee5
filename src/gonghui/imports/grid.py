"""The grid of rows with errors: rows with the same error stand together, each with its cells (SPEC 3.4)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gonghui.imports.forms import TypedGrid
from gonghui.imports.kinds import ImportKind
from gonghui.kit.excel import CellKind, Column, Problem, Row

AT_FIRST = 8
"""So many columns fit a desk's window; the others are shown when they are asked for, or hold an error."""


class Error(NamedTuple):
    """What is the same about several problems. ``value`` is None where the cells differ, or are each person's own."""

    column: str
    right: str
    value: str | None


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a row. A right one with a mask is not told at all: what is typed into it is new."""

    row: int
    column: Column
    text: str
    masked: str
    typed: str | None
    problems: Sequence[Problem]

    @property
    def place(self) -> str:
        """By which the form names its fields."""
        return f"{self.row}-{self.column.key}"

    @property
    def was(self) -> str:
        """What the field holds while nobody has typed."""
        return "" if self.masked and not self.problems else self.text

    @property
    def value(self) -> str:
        return self.was if self.typed is None else self.typed

    @property
    def classes(self) -> str:
        """For the style sheet and the script (mending.js)."""
        hidden = bool(self.masked and self.problems) and self.typed is None
        marks = {"wrong": bool(self.problems), "masked": hidden, "needed": self.column.required}
        return " ".join(["cell", self.column.kind, *(mark for mark, on in marks.items() if on)])


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the workbook; ``out`` if it shall be left out."""

    number: int
    cells: Sequence[GridCell]
    out: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of this page with one error; ``count`` are its problems in the whole workbook."""

    column: Column
    error: Error
    wrong: str
    count: int
    text: str
    """What all of them shall be, as typed when a save failed."""
    rows: list[GridRow] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.column.key}:{self.error.value}"

    @property
    def is_shared(self) -> bool:
        """Whether they may be mended together."""
        return self.error.value is not None


class Errors:
    """The problems of a workbook: by row, and counted by what is the same about them."""

    def __init__(self, kind: ImportKind, problems: Sequence[Problem]) -> None:
        self.kind = kind
        self.columns = {column.key: column for column in kind.columns()}
        self.by_row: dict[int, list[Problem]] = {}
        problems = [problem for problem in problems if problem.column in self.columns]  # one may be gone since
        self._alike = Counter((problem.column, problem.right, problem.value) for problem in problems)
        for problem in problems:
            self.by_row.setdefault(problem.row, []).append(problem)
        self._counts = Counter(map(self._error, problems))
        self._places = {key: place for place, key in enumerate(self.columns)}

    def _error(self, problem: Problem) -> Error:
        own = self.columns[problem.column].kind in (CellKind.NAME, CellKind.CODE)  # each person's
        alike = not own and self._alike[problem.column, problem.right, problem.value] > 1
        return Error(problem.column, problem.right, problem.value if alike else None)

    def _first(self, row: int) -> Problem | None:
        """The problem under which a row stands: one that is mended together, the one that most have."""

        def rank(problem: Problem) -> tuple[bool, int]:
            error = self._error(problem)
            return error.value is not None, self._counts[error]

        return max(self.by_row.get(row, ()), key=rank, default=None)

    def ordered(self, rows: Sequence[Row]) -> list[Row]:
        """The rows by error: what one choice mends comes first, of that the most frequent."""
        return sorted(rows, key=self._rank)

    def _rank(self, row: Row) -> tuple[bool, int, int, str, str, int]:
        problem = self._first(row.number)
        if problem is None:  # right meanwhile, shown for what was typed
            return True, 0, len(self._places), "", "", row.number
        error = self._error(problem)
        shared = error.value is not None
        return (
            not shared,
            -self._counts[error] if shared else 0,
            self._places[error.column],
            error.right,
            error.value or "",
            row.number,
        )

    def groups(self, rows: Sequence[Row], typed: TypedGrid) -> list[Group]:
        """A page of rows, which are in order, in their groups. What can be mended together has one in any case: an empty
        one at the head, if its rows stand under another error.
        """
        groups: list[Group] = []
        for row in rows:
            problem = self._first(row.number) or Problem(row.number, next(iter(self.columns)), "", "", "已没有错误", "")
            error = self._error(problem)
            if not groups or groups[-1].error != error:
                groups.append(self._group(error, rows, typed))
            groups[-1].rows.append(self._row(row, typed))
        here = {self._error(problem): None for row in rows for problem in self.by_row.get(row.number, ())}
        headed = {group.error for group in groups}
        alone = [error for error in here if error.value is not None and error not in headed]
        return [*(self._group(error, rows, typed) for error in alone), *groups]

    def _group(self, error: Error, rows: Sequence[Row], typed: TypedGrid) -> Group:
        same = typed.same.get((error.column, error.value or ""), "")
        return Group(self.columns[error.column], error, self._told(error, rows), self._counts[error], same)

    def _told(self, error: Error, rows: Sequence[Row]) -> str:
        """The problem in words, if all rows of the page that have it have the same."""
        problems = (problem for row in rows for problem in self.by_row.get(row.number, ()))
        told = {problem.wrong for problem in problems if self._error(problem) == error}
        return told.pop() if len(told) == 1 else f"{self.columns[error.column].heading}有误"

    def _row(self, row: Row, typed: TypedGrid) -> GridRow:
        new = typed.cells.get(row.number, {})
        cells = []
        for key, column in self.columns.items():
            text, mask = row.cells.text(key), self.kind.masks.get(key)
            problems = [problem for problem in self.by_row.get(row.number, ()) if problem.column == key]
            cells.append(GridCell(row.number, column, text, mask(text) if mask else "", new.get(key), problems))
        return GridRow(row.number, cells, row.number in typed.out)

    def optional(self, groups: Sequence[Group]) -> set[str]:
        """The columns that need not be shown: nothing is wrong in them on this page, and there is no room."""
        wrong = {cell.column.key for group in groups for row in group.rows for cell in row.cells if cell.problems}
        first = [key for key, column in self.columns.items() if column.required or key in wrong]
        others = [key for key in self.columns if key not in first]
        return set(others[max(0, AT_FIRST - len(first)) :])

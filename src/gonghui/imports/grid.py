"""The grid of rows with errors, grouped by error (SPEC 3.4)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gonghui.imports.forms import TypedGrid
from gonghui.imports.kinds import ImportKind
from gonghui.kit.excel import CellKind, Column, Problem, Row

AT_FIRST = 8
"""Number of columns that fit a desktop window; the others are shown on request, or when they contain an error."""


class Error(NamedTuple):
    """The common part of several problems. ``value`` is None if the cells differ, or belong to each person alone."""

    column: str
    right: str
    value: str | None


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a row. A correct cell with a mask is shown masked, and its field is empty: typed text replaces it."""

    row: int
    column: Column
    text: str
    masked: str
    typed: str | None
    problems: Sequence[Problem]

    @property
    def place(self) -> str:
        """The suffix of the names of its form fields."""
        return f"{self.row}-{self.column.key}"

    @property
    def was(self) -> str:
        """The initial value of the field."""
        return "" if self.masked and not self.problems else self.text

    @property
    def value(self) -> str:
        return self.was if self.typed is None else self.typed

    @property
    def classes(self) -> str:
        """The CSS classes, also for the script (mending.js)."""
        hidden = bool(self.masked and self.problems) and self.typed is None
        marks = {"wrong": bool(self.problems), "masked": hidden, "needed": self.column.required}
        return " ".join(["cell", self.column.kind, *(mark for mark, on in marks.items() if on)])


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the workbook; ``out`` if it is left out."""

    number: int
    cells: Sequence[GridCell]
    out: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of this page with one error; ``count`` is the number of its problems in the whole workbook."""

    column: Column
    error: Error
    wrong: str
    count: int
    text: str
    """The common new text, as typed when a save failed."""
    rows: list[GridRow] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.column.key}:{self.error.value}"

    @property
    def is_shared(self) -> bool:
        """Whether one input can correct all rows."""
        return self.error.value is not None


class Errors:
    """The problems of a workbook, by row, and counted by error."""

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
        differs = self.columns[problem.column].kind in (CellKind.NAME, CellKind.CODE)  # different for each person
        is_shared = not differs and self._alike[problem.column, problem.right, problem.value] > 1
        return Error(problem.column, problem.right, problem.value if is_shared else None)

    def _first(self, row: int) -> Problem | None:
        """Returns the problem by which a row is grouped: one that many cells share, then the most frequent one."""

        def rank(problem: Problem) -> tuple[bool, int]:
            error = self._error(problem)
            return error.value is not None, self._counts[error]

        return max(self.by_row.get(row, ()), key=rank, default=None)

    def ordered(self, rows: Sequence[Row]) -> list[Row]:
        """Returns the rows by error: first the errors that one input corrects, the most frequent first."""
        return sorted(rows, key=self._rank)

    def _rank(self, row: Row) -> tuple[bool, int, int, str, str, int]:
        problem = self._first(row.number)
        if problem is None:  # correct meanwhile, shown because of the typed text
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
        """Groups a page of ordered rows.

        Each error that can be corrected together has a group: an empty one at the top if its rows are in other groups.
        """
        groups: list[Group] = []
        for row in rows:
            problem = self._first(row.number) or Problem(row.number, next(iter(self.columns)), "", "", "已没有错误", "")
            error = self._error(problem)
            if not groups or groups[-1].error != error:
                groups.append(self._group(error, rows, typed))
            groups[-1].rows.append(self._row(row, typed))
        page_errors = {self._error(problem): None for row in rows for problem in self.by_row.get(row.number, ())}
        headed = {group.error for group in groups}
        without_group = [error for error in page_errors if error.value is not None and error not in headed]
        return [*(self._group(error, rows, typed) for error in without_group), *groups]

    def _group(self, error: Error, rows: Sequence[Row], typed: TypedGrid) -> Group:
        same = typed.same.get((error.column, error.value or ""), "")
        return Group(self.columns[error.column], error, self._wording(error, rows), self._counts[error], same)

    def _wording(self, error: Error, rows: Sequence[Row]) -> str:
        """Returns the problem in words if it is the same for all rows of the page, else a general sentence."""
        problems = (problem for row in rows for problem in self.by_row.get(row.number, ()))
        wordings = {problem.wrong for problem in problems if self._error(problem) == error}
        return wordings.pop() if len(wordings) == 1 else f"{self.columns[error.column].heading}有误"

    def _row(self, row: Row, typed: TypedGrid) -> GridRow:
        typed_texts = typed.cells.get(row.number, {})
        cells = []
        for key, column in self.columns.items():
            text, mask = row.cells.text(key), self.kind.masks.get(key)
            problems = [problem for problem in self.by_row.get(row.number, ()) if problem.column == key]
            cells.append(GridCell(row.number, column, text, mask(text) if mask else "", typed_texts.get(key), problems))
        return GridRow(row.number, cells, row.number in typed.out)

    def optional(self, groups: Sequence[Group]) -> set[str]:
        """Returns the columns that are not shown at first: they have no error on this page, and there is no space."""
        wrong = {cell.column.key for group in groups for row in group.rows for cell in row.cells if cell.problems}
        always_shown = [key for key, column in self.columns.items() if column.required or key in wrong]
        others = [key for key in self.columns if key not in always_shown]
        return set(others[max(0, AT_FIRST - len(always_shown)) :])

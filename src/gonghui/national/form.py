"""How one national form is described: its columns to the letter, and where each value comes from."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Func, Model, Q, QuerySet, UUIDField

from gonghui.kit.choices import Some
from gonghui.unions.models import Union


def _always(line: Any) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a form. ``text`` gives a cell from the form's own kind of line."""

    key: str  # in addresses; the name of the field, where there is one
    heading: str
    text: Callable[[Any], str]
    width: int = 12
    values: Sequence[str] = ()  # the drop-down, in the form's order
    gap: Q | None = None  # the rows that have nothing for it; None: every row has it
    by_policy: bool = False  # written only if the city collects it
    needed: Callable[[Any], bool] = _always  # for which lines an empty cell is a gap, as ``gap`` says it of rows

    def is_written(self, asked: Collection[str]) -> bool:
        """Whether the city collects it: what it does not collect stays empty."""
        return not self.by_policy or self.key in asked


class FormRow(NamedTuple):
    """One row of a form without 序号: whom it is about, the version that was read, the cells, and whether none is missing."""

    subject: int
    version: UUID
    cells: list[str]
    complete: bool


@dataclass(frozen=True, kw_only=True)
class NationalForm:
    """One form. ``heads`` are the words above the headings, with {union} for who fills it in."""

    title: str
    annex: str
    heads: Sequence[str]
    columns: Sequence[Column]
    rows: Callable[[Union, Collection[str]], Iterator[FormRow]]
    """Of a union and all below it, with the fields that the city collects."""
    expected: Callable[[Union], int]
    asked: Callable[[], frozenset[str]]
    """The fields that the city collects now."""
    versions: Sequence[str]
    """The columns of the database whose change makes a reported row 待报 again."""
    stored: Sequence[str]
    """The same in SQL, where ``target`` is the table of ``model`` and ``joined`` joins others."""
    joined: str = ""
    model: type[Model]
    """Of whose rows the form's rows are made."""
    rows_below: Callable[[Union], QuerySet[Any]]
    """Those of a union and all below it."""
    headings: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headings", ("序号", *(column.heading for column in self.columns)))

    def above(self, union: Union) -> list[list[str]]:
        """The lines above the headings: data begin in row 5."""
        return [[self.annex], [self.title], [head.format(union=union.name) for head in self.heads] or [""]]

    def row(self, subject: int, version: UUID, line: Any, asked: Collection[str]) -> FormRow:
        """Returns the row of a line."""
        cells, complete = [], True
        for column in self.columns:
            text = column.text(line) if column.is_written(asked) else ""
            cells.append(text)
            if not text and column.gap and column.is_written(asked) and column.needed(line):
                complete = False
        return FormRow(subject, version, cells, complete)

    def gaps(self, asked: Collection[str]) -> dict[str, Q]:
        """The condition of a gap, by the key of each column that is written."""
        return {column.key: column.gap for column in self.columns if column.gap and column.is_written(asked)}

    def not_collected(self, asked: Collection[str]) -> list[str]:
        """The headings of the columns that stay empty."""
        return [column.heading for column in self.columns if not column.is_written(asked)]

    def version(self, path: str = "") -> Func:
        """The version of a row: a digest of its stored columns, made by the database.

        Sealed values are compared as they are stored. One that is sealed anew counts as changed, which is the safe side.
        ``path`` leads to the row, from another one.
        """
        columns = [f"{path}__{column}" if path else column for column in self.versions]
        return Func(*columns, template="md5(ROW(%(expressions)s)::text)::uuid", output_field=UUIDField())


def words_of(codes: Mapping[Any, str] | Some[Any, str]) -> dict[str, str]:
    """The form's word for each stored value."""
    return {str(value): word for value, word in codes.items()}


def distinct(words: Mapping[str, str]) -> tuple[str, ...]:
    """The form's words, each once."""
    return tuple(dict.fromkeys(words.values()))


def day(value: date | None) -> str:
    """yyyy/MM/dd, as the forms write it."""
    return f"{value:%Y/%m/%d}" if value else ""

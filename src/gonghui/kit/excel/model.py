"""The data model of a workbook: known columns, read rows, problems."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

FIELD = "\x01"
"""Separates the cells of a row in the child's answer. No cleaned text contains it."""


class CellKind(StrEnum):
    """The way to clean a column's text, see `cleaning.clean_text`."""

    TEXT = "text"
    NAME = "name"
    CODE = "code"
    DATE = "date"


class Flag(StrEnum):
    """The result of reading a cell. The last four make its value invalid, see `Cell.trouble`."""

    NONE = ""
    NUMBER = "n"
    """Typed as a number: leading zeros are lost."""
    DATE = "d"
    """A date value of Excel; the text is the ISO date."""
    BOOLEAN = "b"
    """TRUE or FALSE; the text is 是 or 否."""
    TIME = "t"
    LOST_DIGITS = "l"
    FORMULA = "f"
    """A formula that was never calculated. A calculated formula is read as its value, without a flag."""
    MERGED = "m"
    """Covered by a merged range, but not its first cell; the detail is the range."""
    ERROR = "e"
    """An error value; the detail is its code, such as #N/A."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a workbook may or must have.

    Found by `heading` or one of `aliases`, in any place. The template has a drop-down of `choices`, and shows `hint`
    and `example`. The caller checks the values.
    """

    key: str
    heading: str
    required: bool = False
    aliases: Sequence[str] = ()
    kind: CellKind = CellKind.TEXT
    choices: Sequence[str] = ()
    hint: str = ""
    example: str = ""
    width: int = 0
    """In characters; 0 means the width of the heading."""


class Cell:
    """One cell: its cleaned text, the flag, and the detail of the flag. Immutable."""

    __slots__ = ("detail", "flag", "text")

    def __init__(self, text: str, flag: Flag = Flag.NONE, detail: str = "") -> None:
        self.text = text
        self.flag = flag
        self.detail = detail

    def __repr__(self) -> str:
        """Does not contain the text: cells hold personal data, and a repr ends up in logs."""
        return f"<Cell {self.flag.name} {len(self.text)} characters>"

    @property
    def trouble(self) -> tuple[str, str] | None:
        """(error, remedy) if the flag makes the value invalid, else None."""
        match self.flag:
            case Flag.LOST_DIGITS:
                wrong = "号码被当作数字保存，Excel 只保留 15 位，后面的数字已丢失"
                return wrong, "先把这一列的单元格格式设为“文本”，再重新输入完整号码"
            case Flag.FORMULA:
                return "公式还没有计算结果", "用 Excel 或 WPS 打开并保存一次，或把公式粘贴为“数值”"
            case Flag.MERGED:
                return f"单元格已合并（{self.detail}），这一行没有自己的值", "取消合并单元格，每一行都填写自己的值"
            case Flag.ERROR:
                return f"单元格是错误值 {self.detail}", "改为正确的内容，不要使用出错的公式"
        return None


class Cells(Mapping[str, Cell]):
    """A row's cells by column key; a missing column has an empty cell.

    Stored as the line that the child has sent, and split on access, so 50,000 rows need little memory.
    """

    __slots__ = ("_flags", "_line", "_places")

    def __init__(self, places: Mapping[str, int | None], line: str, flags: Mapping[int, tuple[Flag, str]]) -> None:
        self._places = places
        self._line = line
        self._flags = flags

    def __getitem__(self, key: str) -> Cell:
        place = self._places[key]
        if place is not None and place in self._flags:
            return Cell(self.text(key), *self._flags[place])
        return Cell(self.text(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def flagged(self) -> bool:
        """Whether any cell has a flag; nearly all rows have none."""
        return bool(self._flags)

    def text(self, key: str) -> str:
        """Returns the text of one cell; fast, without its flag."""
        place = self._places[key]
        return "" if place is None else self._line.split(FIELD)[place]

    def replaced(self, texts: Mapping[str, str]) -> "Cells":
        """Returns a copy with these cleaned texts, without the flags of the replaced cells."""
        values = {**self.texts(), **texts}
        places = {key: place for place, key in enumerate(values)}
        flags = {
            places[key]: self._flags[place]
            for key, place in self._places.items()
            if place is not None and place in self._flags and key not in texts
        }
        return Cells(places, FIELD.join(values.values()), flags)

    def texts(self) -> dict[str, str]:
        """Returns the texts of all columns of the sheet; fast for a whole row."""
        return dict(zip(self._places, self._line.split(FIELD), strict=False))


@dataclass(slots=True)
class Row:
    """One row with data. `number` is Excel's row number, from 1; `cells` has the key of every known column."""

    number: int
    cells: Cells
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its place, the value, the error, the remedy."""

    row: int
    column: str
    heading: str
    value: str
    wrong: str
    right: str


@dataclass(slots=True)
class Sheet:
    """The read sheet. `places` maps a column's key to its 0-based place, if the sheet has the column."""

    name: str
    heading_row: int
    places: dict[str, int]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    """Remarks for the officer: hidden rows and columns that were read, ignored columns."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Unknown headings, each with the key of a similar missing column."""

    def troubles(self, columns: Sequence[Column]) -> Iterator[Problem]:
        """Yields the problems of reading: lost digits, uncalculated formulas, merged cells, errors."""
        for row in self.rows:
            if not row.cells.flagged:
                continue
            for column in columns:
                cell = row.cells[column.key]
                if cell.flag and (trouble := cell.trouble):
                    yield Problem(row.number, column.key, column.heading, cell.text, *trouble)


def letters(place: int) -> str:
    """Returns the letters of the column at a 0-based place: 0 is A, 25 is Z, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(65 + digit) + name
    return name


def place_of(name: str) -> int:
    """Returns the 0-based place of a column's letters; the inverse of `letters`."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - 64
    return place - 1

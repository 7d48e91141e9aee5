"""What a workbook is to the rest of the platform: columns wanted, rows found, problems to tell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

FIELD = "\x01"
"""Between the cells of a line on the way from the child. No cleaned text holds it."""


class CellKind(StrEnum):
    """How a column's text is cleaned, see `cleaning.clean_text`."""

    TEXT = "text"
    NAME = "name"
    CODE = "code"
    DATE = "date"


class Flag(StrEnum):
    """What happened to a cell on its way here. The last four make its value worthless, see `Cell.trouble`."""

    NONE = ""
    NUMBER = "n"
    """Typed as a number: leading zeros, if there were any, are gone."""
    DATE = "d"
    """A real date of Excel's; the text is the ISO date."""
    BOOLEAN = "b"
    """TRUE or FALSE; the text is 是 or 否."""
    TIME = "t"
    LOST_DIGITS = "l"
    FORMULA = "f"
    """A formula that was never calculated. A calculated one is read as its value, without a flag."""
    MERGED = "m"
    """Covered by a merged range and not its first cell; the detail is the range."""
    ERROR = "e"
    """An error value; the detail is its code, such as #N/A."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a workbook may or must have.

    Found by `heading` or one of `aliases`, wherever it stands. `choices` become a drop-down of the template;
    `hint` and `example` are shown there. Whether a value is right is for the caller to check.
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
    """In characters; 0 lets the heading decide."""


class Cell:
    """One cell: its cleaned text, what happened to it, and with which detail. Not to be changed."""

    __slots__ = ("detail", "flag", "text")

    def __init__(self, text: str, flag: Flag = Flag.NONE, detail: str = "") -> None:
        self.text = text
        self.flag = flag
        self.detail = detail

    def __repr__(self) -> str:
        """Without the text: cells hold personal data and a repr ends up in logs."""
        return f"<Cell {self.flag.name} {len(self.text)} characters>"

    @property
    def trouble(self) -> tuple[str, str] | None:
        """(what is wrong, what would be right) if the value can't be trusted whatever it says, else None."""
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
    """A row's cells by column key; absent columns have an empty one.

    Kept as the one line that came from the child, and parted when somebody asks: 50,000 rows stay light.
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
        """Whether anything happened to any of the cells; of nearly all rows nothing did."""
        return bool(self._flags)

    def text(self, key: str) -> str:
        """The text of one cell; the quick way where its flag does not matter."""
        place = self._places[key]
        return "" if place is None else self._line.split(FIELD)[place]

    def replaced(self, texts: Mapping[str, str]) -> "Cells":
        """The same with these cleaned texts; what had happened to those cells is no matter any more."""
        values = {**self.texts(), **texts}
        places = {key: place for place, key in enumerate(values)}
        flags = {
            places[key]: self._flags[place]
            for key, place in self._places.items()
            if place is not None and place in self._flags and key not in texts
        }
        return Cells(places, FIELD.join(values.values()), flags)

    def texts(self) -> dict[str, str]:
        """The texts of all columns that the sheet has, at once: the quick way for a whole row."""
        return dict(zip(self._places, self._line.split(FIELD), strict=False))


@dataclass(slots=True)
class Row:
    """One row with data. `number` is Excel's own, from 1; `cells` has the key of every wanted column."""

    number: int
    cells: Cells
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where, the value found, what is wrong with it, what would be right."""

    row: int
    column: str
    heading: str
    value: str
    wrong: str
    right: str


@dataclass(slots=True)
class Sheet:
    """The sheet that was read. `places` maps a column's key to its 0-based place, if the sheet has the column."""

    name: str
    heading_row: int
    places: dict[str, int]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    """Sentences to read before going on: hidden rows and columns that were read too, columns left out."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Headings of columns that are not in the template, each with the key of the absent column that it looks like."""

    def troubles(self, columns: Sequence[Column]) -> Iterator[Problem]:
        """The problems that no checker needs to look for: lost digits, uncalculated formulas, merged cells, errors."""
        for row in self.rows:
            if not row.cells.flagged:
                continue
            for column in columns:
                cell = row.cells[column.key]
                if cell.flag and (trouble := cell.trouble):
                    yield Problem(row.number, column.key, column.heading, cell.text, *trouble)


def letters(place: int) -> str:
    """The letters over the column at a 0-based place: 0 is A, 25 is Z, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        name = chr(65 + digit) + name
    return name


def place_of(name: str) -> int:
    """The 0-based place of a column's letters; the opposite of `letters`."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - 64
    return place - 1

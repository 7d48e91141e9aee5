"""Writes a filled-in form: a title above the headings, drop-downs, and many rows in little memory.

The same rows give the same bytes: the writer knows no time, no user and no host. It is imported where it is used, as in
`writing`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from gonghui.kit.excel.model import letters
from gonghui.kit.excel.writing import CHOICES, FONT, HEADING, TEXT, sheet_name

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_SAME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""The form's own date of creation, in every copy."""


@dataclass(frozen=True)
class FormColumn:
    """One column of a form; ``choices`` become its drop-down."""

    heading: str
    width: int = 12
    choices: Sequence[str] = ()


def write_form(
    path: Path,
    columns: Sequence[FormColumn],
    rows: Iterable[Sequence[str]],
    *,
    title: str,
    above: Sequence[Sequence[str]],
    last_row: int,
) -> int:
    """Writes a form whose headings stand below the lines ``above``; returns the number of rows.

    Of the three lines ``above`` each has one text across the whole width, or several that share it. The drop-downs reach to the row
    ``last_row``. Rows are written as they come: memory does not grow with them, and what the writer keeps meanwhile lies
    beside ``path``.
    """
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "tmpdir": str(path.parent), "default_format_properties": dict(FONT)}
    with Workbook(str(path), options) as workbook:  # closes its own files, also when the rows end early
        workbook.set_properties({"created": _SAME_DAY})
        sheet = workbook.add_worksheet(sheet_name(title))
        text, heading = workbook.add_format(TEXT), workbook.add_format({**HEADING, "text_wrap": True})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, text)
        _write_above(workbook, sheet, above, len(columns))
        head = len(above)
        for place, column in enumerate(columns):
            sheet.write_string(head, place, column.heading, heading)
        sheet.freeze_panes(head + 1, 0)
        count = 0
        for count, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if value:
                    sheet.write_string(head + count, place, value, text)
        listed = _list_choices(workbook, sheet, columns, first_row=head + 1, last_row=last_row)
        for one in (sheet, listed):
            one.ignore_errors({"number_stored_as_text": "A1:XFD1048576", "two_digit_text_year": "A1:XFD1048576"})
    return count


def _write_above(workbook: "Workbook", sheet: "Worksheet", above: Sequence[Sequence[str]], width: int) -> None:
    """The lines above the headings, the second of which is the title."""
    styles = [TEXT, {**FONT, "bold": True, "font_size": 16, "align": "center"}, TEXT]
    for number, (line, style) in enumerate(zip(above, styles, strict=True)):
        step = -(-width // len(line))
        for part, words in enumerate(line):
            first, last = part * step, min((part + 1) * step, width) - 1
            sheet.merge_range(number, first, number, last, words, workbook.add_format(style))


def _list_choices(
    workbook: "Workbook", sheet: "Worksheet", columns: Sequence[FormColumn], *, first_row: int, last_row: int
) -> "Worksheet":
    """The drop-downs, and the hidden sheet with their words, row by row: the writer goes back to none."""
    for place, column in enumerate(columns):
        if column.choices:
            name = letters(place)
            source = f"={CHOICES}!${name}$1:${name}${len(column.choices)}"
            sheet.data_validation(first_row, place, last_row - 1, place, {"validate": "list", "source": source})
    listed, text = workbook.add_worksheet(CHOICES), workbook.add_format(TEXT)
    for number, line in enumerate(zip_longest(*(column.choices for column in columns), fillvalue="")):
        for place, word in enumerate(line):
            if word:
                listed.write_string(number, place, word, text)
    listed.hide()
    return listed

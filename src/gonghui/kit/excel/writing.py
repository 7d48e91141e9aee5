"""Writes workbooks: the template, the officer's workbook with marked problems, long plain lists.

All values are text, so no value acts as a formula, and no long number loses digits. The writers are imported where
they are used, because the reading child must start without them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import chain, count, islice, zip_longest
from os import PathLike
from typing import TYPE_CHECKING, Any

from gonghui.kit.excel.headings import PROBLEMS
from gonghui.kit.excel.model import Column, Problem, Sheet, letters

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

FONT = {"font_name": "微软雅黑", "font_size": 10}
"""Part of every Windows with Excel or WPS; other systems replace it by their own Chinese font."""
HEADING = {**FONT, "bold": True, "bg_color": "#F2F2F2", "border": 1, "border_color": "#BFBFBF", "num_format": "@"}
REQUIRED = {**HEADING, "bg_color": "#FDE9D9", "font_color": "#C00000"}
TEXT = {**FONT, "num_format": "@"}
WRONG = {**TEXT, "bg_color": "#FFC7CE", "font_color": "#9C0006"}
WRAPPED = {**TEXT, "text_wrap": True, "valign": "top"}

LAST_DRESSED_ROW = 10_001
"""The last row with drop-downs and hints: an import has at most 10,000 rows (SPEC 3.4)."""
SUMMARY, INSTRUCTIONS, CHOICES = "问题汇总", "填写说明", "选项"
MAX_COMMENTS = 10_000
"""Maximum number of comments. Each takes 3 KB of the child's limited memory while the file is written. Further cells
are red without a comment; the row's last column has all problems."""
_FIRST_ROW_OF_LIST = 7
"""Below the rows that are searched for headings, so the list of columns is not mistaken for them."""


def write_template(columns: Sequence[Column], *, instructions: Sequence[str], title: str) -> bytes:
    """Returns an empty workbook: a sheet named `title` with the headings, and a sheet of instructions with examples.

    Required columns have a star and a colour. Whole columns have text format, so Excel keeps 18 digits. Columns with
    choices have a drop-down, which rejects other values.
    """
    content, workbook = _workbook()
    sheet = workbook.add_worksheet(sheet_name(title))
    formats = {required: workbook.add_format(REQUIRED if required else HEADING) for required in (True, False)}
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.heading + "*" * column.required, formats[column.required])
    sheet.freeze_panes(1, 0)
    _write_instructions(workbook, columns, instructions, title)
    _dress(workbook, sheet, columns, {column.key: place for place, column in enumerate(columns)}, first_row=1)
    _close(workbook)
    return content.getvalue()


def write_marked(
    rows: list[list[str]],
    sheet: Sheet,
    columns: Sequence[Column],
    problems: Iterable[Problem],
    mended: Mapping[int, Mapping[str, str]],
) -> bytes:
    """Writes all `rows` of an uploaded sheet in their places, with the cells of the problems red and explained.

    `sheet` has its name, heading row and places. Runs in the child, for `reading.mark`.
    """
    by_row: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_row[problem.row].append(problem)
    content, workbook = _workbook()
    page = workbook.add_worksheet(sheet_name(sheet.name))
    text, wrong, heading = (workbook.add_format(style) for style in (TEXT, WRONG, HEADING))
    _lay_over(rows, mended, sheet.places)
    headings = rows[sheet.heading_row - 1]
    width = headings.index(PROBLEMS) if PROBLEMS in headings else max(map(len, rows))
    for number, row in enumerate(rows, start=1):
        style = heading if number == sheet.heading_row else text
        for place, value in enumerate(row[:width]):
            if value:
                page.write_string(number - 1, place, value, style)
    page.write_string(sheet.heading_row - 1, width, PROBLEMS, heading)
    page.set_column(width, width, 60)
    for number, row_problems in by_row.items():
        explanation = "；".join(f"{problem.heading}：{problem.wrong}，{problem.right}" for problem in row_problems)
        page.write_string(number - 1, width, explanation[:32_000], wrong)
    _mark_cells(page, rows, by_row, sheet.places, wrong)
    page.freeze_panes(sheet.heading_row, 0)
    _write_summary(workbook, sheet, by_row)
    measured = [row[:width] for row in rows[sheet.heading_row - 1 :][:MEASURED]]
    widths = [column_width(texts) for texts in zip_longest(*measured, fillvalue="")]
    for place, wide in enumerate(widths):
        page.set_column(place, place, wide)
    _dress(workbook, page, columns, sheet.places, first_row=sheet.heading_row, widths=widths)
    _close(workbook)
    return content.getvalue()


def export(path: str | PathLike[str], headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str) -> int:
    """Writes a plain list to a file row by row: memory does not grow with the rows (22 MB for 1,000 and 400,000).

    Every value must be a str, and is written as text. `title` names the sheet. Returns the number of rows. Raises
    ValueError for a duplicate heading. `path` must not be an open file: the writer would collect the whole result in memory.
    """
    from rustpy_xlsxwriter import Format, write_worksheet

    if len(set(headings)) != len(headings):
        raise ValueError("headings must differ")
    text = Format().set_num_format("@")
    rows = iter(rows)
    first = list(islice(rows, MEASURED))
    counted = count()  # advances once per row: zip reads the rows first
    write_worksheet(
        (dict(zip(headings, row, strict=True)) for row, _ in zip(chain(first, rows), counted, strict=False)),
        path,
        sheet_name=sheet_name(title),
        freeze_row=1,
        bold_headers=True,
        column_formats=[text] * len(headings),
        column_widths=[column_width(texts) for texts in zip_longest(headings, *first, fillvalue="")],
        ignore_errors=list(headings),
    )
    return next(counted)


MEASURED = 200
"""The number of rows that determine the widths of the columns; a long list is not kept in memory."""


def column_width(texts: Iterable[str]) -> int:
    """Returns a column's width in Excel's units; a Chinese character takes two."""
    widest = max((sum(1 + (char > "\u2e7f") for char in text[:80]) for text in texts), default=0)
    return min(50, max(8, widest + 2))


def sheet_name(wanted: str) -> str:
    """Returns a sheet name that Excel accepts, different from those of our own sheets."""
    name = re.sub(r"[\[\]:*?/\\]", " ", wanted)[:31].strip("' ")
    return "数据" if name in {"", SUMMARY, INSTRUCTIONS, CHOICES} else name


def _workbook() -> "tuple[BytesIO, Workbook]":
    from xlsxwriter import Workbook

    content = BytesIO()
    return content, Workbook(content, {"in_memory": True, "default_format_properties": dict(FONT)})


def _close(workbook: "Workbook") -> None:
    """Closes the workbook. Disables Excel's green triangles: numbers and dates are text on purpose."""
    for sheet in workbook.worksheets():
        everywhere = "A1:XFD1048576"
        sheet.ignore_errors({"number_stored_as_text": everywhere, "two_digit_text_year": everywhere})
    workbook.close()


def _dress(
    workbook: "Workbook",
    sheet: "Worksheet",
    columns: Sequence[Column],
    places: Mapping[str, int],
    *,
    first_row: int,
    widths: Sequence[int] = (),
) -> None:
    """Formats the known columns of a sheet as text, with widths, drop-downs and hints."""
    text = workbook.add_format(TEXT)
    choices = None
    for column in columns:
        if column.key not in places:
            continue
        place = places[column.key]
        wide = widths[place] if place < len(widths) else 0
        sheet.set_column(place, place, max(wide, column.width or max(10, 2 * len(column.heading) + 4)), text)
        rule: dict[str, Any] = {"validate": "any"}
        if column.choices:
            choices = choices or workbook.add_worksheet(CHOICES)
            choices.write_column(0, place, column.choices, text)
            name = letters(place)
            rule = {
                "validate": "list",
                "source": f"={CHOICES}!${name}$1:${name}${len(column.choices)}",
                "error_title": "不在可选范围内",
                "error_message": f"请从下拉列表中选择“{column.heading}”。"[:255],
            }
        if column.hint:
            rule |= {"input_title": column.heading[:32], "input_message": column.hint[:255]}
        if len(rule) > 1:
            sheet.data_validation(first_row, place, LAST_DRESSED_ROW - 1, place, rule)
    if choices:
        choices.hide()


def _write_instructions(
    workbook: "Workbook", columns: Sequence[Column], instructions: Sequence[str], title: str
) -> None:
    sheet = workbook.add_worksheet(INSTRUCTIONS)
    heading, text = workbook.add_format(HEADING), workbook.add_format(WRAPPED)
    sheet.write_string(0, 0, f"{title}：{INSTRUCTIONS}", workbook.add_format({**FONT, "bold": True, "font_size": 14}))
    for row, line in enumerate(instructions, start=1):
        sheet.merge_range(row, 0, row, 3, f"{row}. {line}", text)
    first = max(_FIRST_ROW_OF_LIST, len(instructions) + 2)
    _write_row(sheet, first, ("列", "是否必填", "填写要求", "示例"), heading)
    for row, column in enumerate(columns, start=first + 1):
        choices = "请从下拉列表中选择：" + "、".join(column.choices) if column.choices else ""
        wanted = "；".join(part for part in (column.hint, choices) if part)
        _write_row(sheet, row, (column.heading, "必填" if column.required else "选填", wanted, column.example), text)
    for place, width in enumerate((20, 12, 70, 30)):
        sheet.set_column(place, place, width)


def _lay_over(rows: Sequence[list[str]], mended: Mapping[int, Mapping[str, str]], places: Mapping[str, int]) -> None:
    for number, texts in mended.items():
        for key, value in texts.items():
            if key in places and number <= len(rows):
                row = rows[number - 1]
                row += [""] * (places[key] + 1 - len(row))
                row[places[key]] = value


def _mark_cells(
    page: "Worksheet",
    rows: Sequence[Sequence[str]],
    by_row: Mapping[int, Sequence[Problem]],
    places: Mapping[str, int],
    wrong: Any,
) -> None:
    cells = (
        (number, *cell) for number, row_problems in by_row.items() for cell in _by_place(row_problems, places).items()
    )
    for index, (number, place, explained) in enumerate(cells):
        value = rows[number - 1][place] if number <= len(rows) else ""
        write = page.write_string if value else page.write_blank
        write(number - 1, place, value, wrong)
        if index < MAX_COMMENTS:
            page.write_comment(number - 1, place, explained, {"author": "", "x_scale": 2})


def _write_summary(workbook: "Workbook", sheet: Sheet, by_row: Mapping[int, Sequence[Problem]]) -> None:
    page = workbook.add_worksheet(SUMMARY)
    index = sum(map(len, by_row.values()))
    summary = f"共 {index} 处问题，涉及 {len(by_row)} 行。改好红色单元格后保存，可直接重新上传本文件。"
    page.write_string(0, 0, summary, workbook.add_format({**FONT, "bold": True}))
    page.freeze_panes(3, 0)
    _write_row(page, 2, ("行", "列", "填写的内容", "哪里不对", "应当怎样"), workbook.add_format(HEADING))
    text = workbook.add_format(WRAPPED)
    problems = (problem for number in sorted(by_row) for problem in by_row[number])
    for row, problem in enumerate(problems, start=3):
        values = (str(problem.row), problem.heading, problem.value, problem.wrong, problem.right)
        _write_row(page, row, values, text)
    for place, width in enumerate((8, 16, 30, 50, 50)):
        page.set_column(place, place, width)


def _write_row(sheet: "Worksheet", row: int, values: Iterable[str], style: Any) -> None:
    for place, value in enumerate(values):
        sheet.write_string(row, place, value, style)


def _by_place(problems: Iterable[Problem], places: Mapping[str, int]) -> dict[int, str]:
    """Returns the comment of each cell with problems; a problem of a missing column has no cell."""
    explained: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if problem.column in places:
            explained[places[problem.column]].append(f"{problem.wrong}\n{problem.right}")
    return {place: "\n".join(parts)[:32_000] for place, parts in explained.items()}

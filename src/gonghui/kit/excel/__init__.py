"""Workbooks in and out: `read` what an officer uploads, `write_template`, `mark` the problems, `export` long lists.

    sheet = read(data, columns, max_rows=10_000)     # raises Refused with a sentence
    for row in sheet.rows:
        row.number, row.cells["name"].text

`scanning` looks at the file before any parser, `child` is the capped process that parses it, `headings` finds the
columns and `cleaning` makes text of cells.
"""

from gonghui.kit.excel.cleaning import clean_date, clean_text
from gonghui.kit.excel.model import Cell, Column, Flag, Kind, Problem, Row, Sheet
from gonghui.kit.excel.reading import read
from gonghui.kit.excel.scanning import MAX_BYTES, scan
from gonghui.kit.excel.writing import export, mark, write_template

__all__ = [
    "MAX_BYTES",
    "Cell",
    "Column",
    "Flag",
    "Kind",
    "Problem",
    "Row",
    "Sheet",
    "clean_date",
    "clean_text",
    "export",
    "mark",
    "read",
    "scan",
    "write_template",
]

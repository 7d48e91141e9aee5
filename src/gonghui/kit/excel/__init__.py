"""Workbooks: `read` uploads, `write_template`, `mark` problems, `export` long lists,
`write_stamped` those that say whose they are.

    sheet = read(data, columns, max_rows=10_000)     # raises Refused with a sentence
    for row in sheet.rows:
        row.number, row.cells["name"].text

`reading` sends the file to `child`, a process with resource limits. There `scanning` checks it before any parser,
`headings` finds the columns, and `cleaning` converts cells to text. `dates` parses dates.
"""

from gonghui.kit.excel.cleaning import ERRORS, clean_text, clean_typed
from gonghui.kit.excel.dates import clean_date, unclear
from gonghui.kit.excel.model import Cell, CellKind, Column, Flag, Problem, Row, Sheet
from gonghui.kit.excel.reading import mark, read
from gonghui.kit.excel.scanning import MAX_BYTES
from gonghui.kit.excel.stamped import write_stamped
from gonghui.kit.excel.writing import export, write_template

__all__ = [
    "ERRORS",
    "MAX_BYTES",
    "Cell",
    "CellKind",
    "Column",
    "Flag",
    "Problem",
    "Row",
    "Sheet",
    "clean_date",
    "clean_text",
    "clean_typed",
    "export",
    "mark",
    "read",
    "unclear",
    "write_stamped",
    "write_template",
]

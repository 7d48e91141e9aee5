"""Writes a long list whose first line says whose it is, in little memory. The writer is imported where it is used, as in
`writing`.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path

from gonghui.kit.excel.writing import FONT, HEADING, MEASURED, TEXT, column_width, sheet_name

STAMP = {**FONT, "bold": True, "font_color": "#9C0006", "num_format": "@"}
_LONGEST_FOOTER = 240
"""Of the 255 characters that Excel takes, its own signs among them."""


def write_stamped(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, stamp: str) -> int:
    """Writes a list as text below the line ``stamp``, which stands on every printed page too; returns the number of rows.

    Rows are written as they come: memory does not grow with them, and what the writer keeps meanwhile lies beside
    ``path``.
    """
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "tmpdir": str(path.parent), "default_format_properties": dict(FONT)}
    with Workbook(str(path), options) as workbook:  # closes its own files, also when the rows end early
        sheet = workbook.add_worksheet(sheet_name(title))
        text, heading = workbook.add_format(TEXT), workbook.add_format(HEADING)
        rows = iter(rows)
        first = list(islice(rows, MEASURED))
        for place, texts in enumerate(zip_longest(headings, *first, fillvalue="")):
            sheet.set_column(place, place, column_width(texts), text)
        sheet.write_string(0, 0, stamp, workbook.add_format(STAMP))
        for place, words in enumerate(headings):
            sheet.write_string(1, place, words, heading)
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(0, 1)
        sheet.set_footer("&L" + stamp[:_LONGEST_FOOTER].replace("&", "&&"))
        count = 0
        for count, row in enumerate(chain(first, rows), start=1):
            for place, value in enumerate(row):
                if value:
                    sheet.write_string(1 + count, place, value, text)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576", "two_digit_text_year": "A1:XFD1048576"})
    return count

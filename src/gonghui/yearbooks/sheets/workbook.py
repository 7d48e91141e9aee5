"""The workbook of what was signed: the same signature gives the same bytes, whatever has changed since.

The writer knows no time but that of the signature, no user and no host.
"""

from pathlib import Path

from django.utils.timezone import localtime

from gonghui.kit.excel.writing import FONT, HEADING, TEXT
from gonghui.yearbooks.models import Signature
from gonghui.yearbooks.sheets.rows import frozen_rows

_COLUMNS = (("行次", 6), ("项目", 28), ("本年", 14), ("上年", 14), ("变动", 12), ("变动比例", 12), ("说明", 48))


def write_workbook(signature: Signature, path: Path, folder: str) -> None:
    """Writes a sheet; ``folder`` is for what the writer keeps meanwhile."""
    from xlsxwriter import Workbook

    content = signature.content
    with Workbook(str(path), {"tmpdir": folder, "default_format_properties": dict(FONT)}) as workbook:
        workbook.set_properties({"created": signature.signed_at})
        sheet = workbook.add_worksheet(f"{content['year']}年报")
        text, heading = workbook.add_format(TEXT), workbook.add_format(HEADING)
        number = workbook.add_format({**FONT, "num_format": "#,##0"})
        title = workbook.add_format({**FONT, "bold": True, "font_size": 16, "align": "center"})
        for place, (_, width) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
        sheet.merge_range(0, 0, 0, len(_COLUMNS) - 1, content["title"], title)
        at = f"{localtime(signature.signed_at):%Y-%m-%d %H:%M}"
        sheet.write_string(1, 0, f"{content['node']}　截至 {content['year']}-12-31　签报：{content['by']} {at}", text)
        for place, (words, _) in enumerate(_COLUMNS):
            sheet.write_string(2, place, words, heading)
        line = 2
        for line, row in enumerate(frozen_rows(signature), start=3):
            sheet.write_number(line, 0, row.position, number)
            sheet.write_string(line, 1, row.label, text)
            for place, value in enumerate((row.value, row.last, row.change), start=2):
                if value is not None:
                    sheet.write_number(line, place, value, number)
            sheet.write_string(line, 5, row.percent, text)
            sheet.write_string(line, 6, row.explanation, text)
        sheet.write_string(line + 1, 0, f"校验值 {bytes(signature.digest).hex()}", text)
        sheet.freeze_panes(3, 0)
        sheet.repeat_rows(0, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

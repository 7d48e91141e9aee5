"""Workbooks for the tests of kit.excel, from real writers or part by part, as other programs and attackers do it."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from gonghui.kit.excel import CellKind, Column

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

COLUMNS = [
    Column("name", "姓名", required=True, kind=CellKind.NAME),
    Column("number", "证件号码", required=True, kind=CellKind.CODE, aliases=["身份证号"]),
    Column("born", "出生日期", kind=CellKind.DATE),
    Column("address", "联系地址", kind=CellKind.TEXT),
]
HEADINGS = [column.heading for column in COLUMNS]
PERSON = ["张三", "310000199001010017", "1990-01-01", "人民路1号"]


def saved(workbook: Workbook) -> bytes:
    """The bytes of an openpyxl workbook."""
    content = BytesIO()
    workbook.save(content)
    return content.getvalue()


def book(*rows: Sequence[Any], title: str = "会员") -> bytes:
    """A workbook of one sheet."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return saved(workbook)


def person_book(*cells: Any) -> bytes:
    """Headings and one row, the given cells before those of PERSON."""
    return book(HEADINGS, [*cells, *PERSON[len(cells) :]])


def sheet_xml(data: str, before: str = "", after: str = "") -> bytes:
    """A sheet's part around the XML of its rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'.encode()


def text_row(number: int, values: Iterable[str]) -> str:
    """A row of inline strings, as WPS and many programs write them."""
    cells = (
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{value}</t></is></c>' for n, value in enumerate(values)
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def raw_book(sheet: bytes, *, settings: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A minimal workbook around one sheet's part, with further parts."""
    sheets = '<sheets><sheet name="会员" sheetId="1" r:id="rId1"/></sheets>'
    target = f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    strings = f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    office = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}">{office}</Relationships>'.encode(),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}{sheets}</workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{target}{strings}</Relationships>'.encode(),
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped(parts | (extra or {}))


def zipped(parts: dict[str, bytes]) -> bytes:
    """An archive of parts."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()

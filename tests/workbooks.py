"""Workbooks as officers upload them, made by a library that the platform does not read with."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from gonghui.kit.invent import invent_person
from gonghui.members.fields import CORE
from gonghui.members.roster.sheet import columns_of

COLUMNS = columns_of(CORE)
"""Of the manual's template; what the city collects beside comes after them."""
HEADINGS = [column.heading for column in COLUMNS]
_sexes = {"M": "男", "F": "女"}


def member_row(seed: int, **changed: object) -> list[object]:
    """One good row of the member template for an invented person; ``changed`` by column key, the others empty."""
    person = invent_person(seed)
    row: dict[str, object] = {
        "name": person.name,
        "position": "会员",
        "document_type": "身份证",
        "document_number": person.resident_id,
        "sex": _sexes[person.sex],
        "born_on": person.born_on.isoformat(),
        "address": person.address,
        "mobile": person.mobile,
        "education": "大学本科",
        "household": "非农业",
        "skill_level": "初级",
        **changed,
    }
    return [row.get(column.key, "") for column in COLUMNS]


def workbook(rows: Iterable[Sequence[object]], *, headings: Sequence[object] = HEADINGS) -> Workbook:
    """An open workbook with one sheet, so that a test may spoil it."""
    book = Workbook()
    book.active.append(list(headings))
    for row in rows:
        book.active.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def upload(
    rows: Iterable[Sequence[object]], *, name: str = "会员.xlsx", headings: Sequence[object] = HEADINGS
) -> SimpleUploadedFile:
    """The file field's value for a workbook of ``rows``."""
    return SimpleUploadedFile(name, saved(workbook(rows, headings=headings)))

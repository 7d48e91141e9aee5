"""Exports of the national forms, and what comes back."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from gonghui.accounts.models import User
from gonghui.imports.actions import confirm_import, upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.job import run_batch
from gonghui.imports.models import Batch
from gonghui.kit.invent import invent_uscc
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.national.exports import actions
from gonghui.national.models import Export, File
from gonghui.unions.models import Employer, Union
from tests.factories import live
from tests.inspections.stories import filled_in
from tests.members.people import values
from tests.policies.stories import collecting

WHOLE = {
    "ethnicity": "03",
    "native_place": "江苏省昆山市",
    "household_place": "上海市杨浦区五角场街道",
    "political_status": "01",
    "employment": "employed",
    "workplace": "上海示例劳务有限公司",
    "migrant_worker": "no",
    "joined_on": "2022-03-01",
}
"""What the city asks for beside the manual's fields."""


def whole_member(cast: Any, seed: int = 1, **changes: Any) -> Member:
    """A member of whom the form lacks nothing; the city collects every column."""
    return add_member(cast.union, values(seed, **{**WHOLE, **changes}), by=cast.officer)


def collecting_all(cast: Any) -> None:
    collecting(cast)


def whole_union(union: Union) -> Union:
    """The union with all that its form wants."""
    filled_in(
        union, phone="021-61234567", address="杨浦区示例路100号", staff_count=120, leader="王工",
        legal_code=invent_uscc(7, "81"), founded_on=date(2015, 3, 1), grassroots_type="single", member_count=0,
        merged=False,
    )  # fmt: skip
    Employer.objects.filter(union=union).update(
        industry="C", district_code="310110", employer_kind="other_limited", national_economic_type="private"
    )
    return Union.objects.select_related("employer", "superior").get(pk=union.pk)


def asked(by: User, form: str = "member") -> Export:
    """Asked for by somebody who needs nobody else: its job begins."""
    disclosure = actions.ask(form, purpose="填报", by=by)
    return Export.objects.get(disclosure=disclosure)


def exported(by: User, form: str = "member", **build: Any) -> Export:
    """Asked for, and built by its job."""
    export = Export.objects.get(disclosure=actions.ask(form, purpose="填报全国采集表", by=by))
    actions.build(export.pk, **build)
    return live(export)


def reported(by: User, form: str = "member") -> Export:
    export = exported(by, form)
    actions.mark(export, by=by)
    actions.enter(export.pk)
    return live(export)


def contents(export: Export) -> list[bytes]:
    return [file.content for file in File.objects.filter(export=export).order_by("position")]


def grid(data: bytes) -> list[list[str]]:
    """All rows of a form's first sheet, as another library reads them."""
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    return [["" if value is None else str(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def rows(export: Export) -> list[dict[str, str]]:
    """The rows of all files, by heading."""
    found = []
    for data in contents(export):
        lines = grid(data)
        found += [dict(zip(lines[3], line, strict=True)) for line in lines[4:]]
    return found


def with_reasons(data: bytes, reasons: Sequence[str], heading: str = "退回原因") -> bytes:
    """The form as the authority sends it back: a column more, with a reason for each row or none."""
    book = load_workbook(BytesIO(data))
    sheet = book.worksheets[0]
    place = sheet.max_column + 1
    for number, text in enumerate([heading, *reasons], start=4):
        sheet.cell(number, place, text or None)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def read(kind: str, data: bytes, by: User, name: str = "采集表.xlsx") -> Batch:
    """Uploaded; what can be taken in at once is."""
    assert by.union
    batch = upload_workbook(by.union, KINDS[kind], SimpleUploadedFile(name, data), by=by)
    run_batch(batch.pk)
    return live(batch)


def taken(batch: Batch, *groups: str, by: User) -> Batch:
    confirm_import(batch, groups, by=by)
    run_batch(batch.pk)
    return live(batch)


def returned(by: User, *reasons: str, form: str = "member") -> Batch:
    """Reported, and sent back with these reasons, row by row."""
    (data,) = contents(reported(by, form))
    kind, group = ("returned_members", "member_returned") if form == "member" else ("returned_unions", "union_returned")
    batch = read(kind, with_reasons(data, reasons), by)
    return taken(batch, group, by=by) if batch.is_waiting else batch

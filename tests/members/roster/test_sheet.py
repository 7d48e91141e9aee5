"""「模板导入会员」: the groups of good rows, and the refused rows."""

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gonghui.audit.models import Entry
from gonghui.imports import actions, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.excel import Sheet, read
from gonghui.kit.invent import invent_person
from gonghui.members.models import Member, Membership, NumberRange, StagedMember
from gonghui.members.roster import actions as intake
from gonghui.members.validation import validate_member
from tests.factories import make_member
from tests.workbooks import COLUMNS, HEADINGS, member_row, saved, upload, workbook

KIND = KINDS["members"]

pytestmark = pytest.mark.django_db


def imported(cast, *rows) -> Batch:
    return ended(actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer))


def ended(batch: Batch) -> Batch:
    job.run_batch(batch.pk)
    return Batch.objects.get(pk=batch.pk)


def problems(cast, *rows) -> list:
    return actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer).problems


def test_example_of_the_template_is_a_good_row():
    values, wrong = validate_member({column.key: column.example for column in COLUMNS})
    assert wrong == []
    assert values is not None


def test_good_rows_become_members(cast):
    batch = imported(cast, *(member_row(seed) for seed in range(3)))
    assert (batch.state, batch.message, batch.rows_done) == (ImportState.DONE, "新增会员 3 人。", 3)
    person = invent_person(1)
    member = Member.objects.get(name=person.name, born_on=person.born_on)
    assert member.union == cast.union
    assert member.document_number == person.resident_id
    assert (member.mobile, member.address) == (person.mobile, person.address)
    assert member.get_education_display() == "大学本科"
    assert (member.batch, member.status, member.has_card) == (batch, "normal", False)
    assert member.unit_code == cast.union.employer.code
    assert member.pinyin
    assert person.resident_id.encode() not in bytes(member.document_sealed)


def test_import_counts_records_and_keeps_the_membership(cast):
    imported(cast, member_row(1), member_row(2))
    cast.union.refresh_from_db()
    assert cast.union.member_count == 2
    assert Membership.objects.filter(union=cast.union, began_by="imported", ended_on=None).count() == 2
    entry = Entry.objects.get(verb="members.imported")
    assert (entry.actor, entry.union_id, entry.data) == (
        cast.officer,
        cast.union.pk,
        {"added": 2, "returned": 0, "changed": 0, "requested": 0},
    )
    assert not StagedMember.objects.exists()


def test_numbers_run_in_the_order_of_the_file(cast):
    imported(cast, *(member_row(seed) for seed in range(20)))
    names = list(Member.objects.order_by("number").values_list("name", flat=True))
    assert names == [invent_person(seed).name for seed in range(20)]
    assert Member.objects.order_by("number").first().number == "0100000001"


def test_number_of_a_failed_run_is_not_given_again(cast):
    batch = actions.upload_workbook(cast.union, KIND, upload([member_row(1)]), by=cast.officer)
    plan = KIND.check(cast.union, sheet_of([member_row(1)]), cast.officer)
    KIND.stage(batch, plan, lambda rows: None)  # a killed run has staged them
    ended(batch)
    assert Member.objects.get().number == "0100000002"


def sheet_of(rows) -> Sheet:
    return read(saved(workbook(rows)), COLUMNS, max_rows=10_000)


def test_numbers_used_up_fail_with_the_reason(cast):
    NumberRange.objects.create(level2=cast.district, next=9_999_999)
    batch = imported(cast, member_row(1), member_row(2))
    assert batch.state == ImportState.FAILED
    assert "会员编号已经用完" in batch.message
    assert not Member.objects.exists()


def test_same_person_twice_names_both_rows(cast):
    faults = problems(cast, member_row(1), member_row(2), member_row(1, name="另一个名字"))
    assert [(problem.row, problem.column) for problem in faults] == [(2, "document_number"), (4, "document_number")]
    assert "第 4 行" in faults[0].wrong
    assert "第 2 行" in faults[1].wrong


def test_residence_permit_typed_as_two_types_is_one_person(cast):
    number = "810000199001010017"
    faults = problems(
        cast, member_row(1, document_number=number, sex="", born_on=""),
        member_row(2, document_number=number, document_type="港澳台居民居住证", sex="", born_on=""),
    )  # fmt: skip
    assert [problem.row for problem in faults] == [2, 3]


def test_unattached_person_comes_back_under_the_old_number(cast):
    row = member_row(1)
    person = make_member(None, name=row[0], number=row[3], mobile="19900009999")
    batch = imported(cast, row, member_row(2))
    assert batch.message.startswith("新增会员 1 人。另有 1 人原在会员库中")
    back = Member.objects.get(pk=person.pk)
    assert (back.number, back.union, back.status, back.mobile) == (person.number, cast.union, "normal", row[8])
    assert back.memberships.get(ended_on=None).union == cast.union
    assert cast.union.members.count() == 2
    cast.union.refresh_from_db()
    assert cast.union.member_count == 2


def test_unattached_person_keeps_what_the_workbook_leaves_empty(cast):
    row = member_row(1, address="", education="")
    person = make_member(None, name=row[0], number=row[3], address="徐汇区旧路2号", education="master")
    imported(cast, row)
    back = Member.objects.get(pk=person.pk)
    assert (back.address, back.education) == ("徐汇区旧路2号", "master")


def test_unattached_person_of_another_name_is_refused_without_a_word_of_the_register(cast):
    row = member_row(1)
    person = make_member(None, name="欧阳登记", number=row[3])
    [problem] = problems(cast, row)
    assert problem.wrong == "姓名与证件号码不相符"
    assert "欧阳" not in f"{problem.right}{problem.value}"
    assert person.number not in f"{problem.right}{problem.value}"


def test_unattached_person_who_joins_elsewhere_meanwhile_fails_the_import(cast, monkeypatch):
    row = member_row(1)
    person = make_member(None, name=row[0], number=row[3])
    batch = actions.upload_workbook(cast.union, KIND, upload([row]), by=cast.officer)

    def stage_while_another_takes_the_person_in(*arguments):
        intake.stage(*arguments)
        Member.objects.filter(pk=person.pk).update(union=cast.far, status="normal")

    monkeypatch.setitem(KINDS, KIND.key, replace(KIND, stage=stage_while_another_takes_the_person_in))
    batch = ended(batch)
    assert batch.state == ImportState.FAILED
    assert not Membership.objects.filter(union=cast.union).exists()


def test_all_problems_of_all_rows_are_told_by_row_and_column(cast):
    faults = problems(
        cast, member_row(1, mobile="", name=""), member_row(2), member_row(3, education="幼儿园", document_number="1")
    )
    assert [(problem.row, problem.heading) for problem in faults] == [
        (2, "姓名"),
        (2, "移动电话"),
        (4, "证件号码"),
        (4, "学历"),
    ]


@pytest.mark.parametrize("rows", [10, 300])
def test_check_asks_the_database_once_whatever_the_rows(cast, rows):
    sheet = sheet_of(member_row(seed) for seed in range(rows))
    with CaptureQueriesContext(connection) as queries:
        KIND.check(cast.union, sheet, cast.officer)
    # what is collected, the employer's name, whom the rows mean, how often the union has missed today, and may
    assert len(queries) == 5


def test_ten_thousand_rows(cast):
    batch = imported(cast, *(member_row(seed) for seed in range(10_000)))
    assert (batch.state, batch.rows_done) == (ImportState.DONE, 10_000)
    assert Member.objects.values("number").distinct().count() == 10_000
    assert Membership.objects.filter(union=cast.union).count() == 10_000
    cast.union.refresh_from_db()
    assert cast.union.member_count == 10_000


def as_excel_writes() -> bytes:
    """Shared strings, a date that is a date, numbers as text with the green corner."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("会员信息")
    sheet.write_row(0, 0, HEADINGS)
    row = member_row(1)
    sheet.write_row(1, 0, row, book.add_format({"num_format": "@"}))
    person = invent_person(1)
    sheet.write_datetime(1, HEADINGS.index("出生日期"), person.born_on, book.add_format({"num_format": "yyyy/m/d"}))
    book.close()
    return content.getvalue()


def as_wps_writes() -> bytes:
    """Numbers as numbers, formatted rows below, an extra sheet that is empty."""
    row = member_row(1)
    row[HEADINGS.index("移动电话")] = int(row[HEADINGS.index("移动电话")])
    book = workbook([row])
    for number in range(3, 100):
        book.active.cell(number, 1).number_format = "@"
    book.create_sheet("Sheet2")
    return saved(book)


def as_libreoffice_writes(tmp_path: Path) -> bytes:
    (tmp_path / "out").mkdir()
    (tmp_path / "会员.xlsx").write_bytes(as_excel_writes())
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is among the system packages of the tests"
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", tmp_path / "out", tmp_path / "会员.xlsx"], check=True, capture_output=True)
    return (tmp_path / "out" / "会员.xlsx").read_bytes()


@pytest.mark.parametrize("maker", ["excel", "wps", "libreoffice"])
def test_every_office_gives_the_same_member(cast, tmp_path, maker):
    makers = {"excel": as_excel_writes, "wps": as_wps_writes, "libreoffice": lambda: as_libreoffice_writes(tmp_path)}
    file = SimpleUploadedFile("会员.xlsx", makers[maker]())
    ended(actions.upload_workbook(cast.union, KIND, file, by=cast.officer))
    member, person = Member.objects.get(), invent_person(1)
    assert (member.name, member.document_number, member.mobile) == (person.name, person.resident_id, person.mobile)
    assert (member.born_on, member.address) == (person.born_on, person.address)


def test_file_from_elsewhere_than_a_form(cast):
    """The API and the command line pass contents, not an upload."""
    file = ContentFile(saved(workbook([member_row(1)])), name="会员.xlsx")
    assert ended(actions.upload_workbook(cast.union, KIND, file, by=cast.officer)).state == ImportState.DONE

"""Columns that are not the template's: told, asked about, and read as the officer says (SPEC 3.4)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gonghui.imports import actions, editing, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.excel.headings import find, plain
from gonghui.members.models import Member
from tests.imports.test_actions import jobs
from tests.markup import markup
from tests.workbooks import COLUMNS, HEADINGS, member_row, saved, workbook

pytestmark = pytest.mark.django_db
KIND = KINDS["members"]


def renamed(**names: str) -> list[str]:
    """The template's headings, some by other names."""
    return [names.get(column.key, column.heading) for column in COLUMNS]


def sent(cast, headings: list[str], *rows: list) -> Batch:
    file = SimpleUploadedFile("名册.xlsx", saved(workbook(rows or [member_row(1)], headings=headings)))
    return actions.upload_workbook(cast.union, KIND, file, by=cast.officer)


def told(cast, batch: Batch, **headings: str) -> Batch:
    return editing.confirm_columns(batch, headings, version=batch.mended, by=cast.officer)


@pytest.mark.parametrize(("key", "heading"), [(column.key, aliase) for column in COLUMNS for aliase in column.aliases])
def test_every_synonym_is_found(key, heading):
    """However it is decorated."""
    for shape in (
        heading,
        f"★{heading}",
        f"{heading}*",
        f" {heading} （必填）",
        f"{heading}：",
        f"{heading}（文本格式）",
    ):
        match = find([renamed(**{key: shape})], COLUMNS)
        assert (match.missing, match.ignored, match.doubled) == ([], [], ""), shape


def test_no_heading_stands_for_two_columns():
    names = [plain(name) for column in COLUMNS for name in (column.heading, *column.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("key", "heading"),
    [
        ("address", "家庭住址"), ("address", "现住址"), ("education", "最高学历"), ("born_on", "出生年月"),
        ("household", "户籍所在"), ("position", "职务"), ("skill_level", "技术等级证书"),
        ("expires_on", "证件的有效期"),
    ],
)  # fmt: skip
def test_a_near_miss_is_asked_about_and_nobody_comes_in_meanwhile(cast, key, heading):
    batch = sent(cast, renamed(**{key: heading}))
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    assert batch.unread == [(heading, key)]
    assert jobs() == []


def test_what_is_there_already_is_not_asked_about_and_what_looks_like_nothing_is_told(cast):
    batch = sent(cast, [*HEADINGS, "家庭住址", "班组"], [*member_row(1), "x", "y"])
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    assert batch.unread == [("家庭住址", ""), ("班组", "")]


def test_a_column_of_running_numbers_is_nothing_to_ask_about(cast):
    batch = sent(cast, ["序号", *HEADINGS], [1, *member_row(1)])
    assert (batch.state, batch.message) == (ImportState.QUEUED, "")


def test_its_own_heading_goes_before_another_name_for_it(cast):
    batch = sent(cast, [*HEADINGS, "联系电话"], [*member_row(1), "021-61234567"])
    assert batch.unread == [("联系电话", "")]


def test_confirmed_without_a_word_the_column_is_left_out(cast):
    batch = sent(cast, renamed(address="家庭住址"))
    job.run_batch(actions.confirm_import(batch, ["new"], by=cast.officer).pk)
    assert Member.objects.get().address == ""


def test_told_what_it_is_the_column_is_read_by_page_job_and_marked_file(cast):
    batch = sent(cast, renamed(address="家庭住址", education="最高学历"), member_row(1), member_row(2, education="甲"))
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    batch = told(cast, batch, 家庭住址="address", 最高学历="education")
    assert (batch.state, batch.unread) == (ImportState.INVALID, [])
    assert [problem.column for problem in Batch.objects.get(pk=batch.pk).problems] == ["education"]
    assert actions.marked_workbook(Batch.objects.get(pk=batch.pk), by=cast.officer)
    job.run_batch(actions.confirm_import(batch, ["new"], by=cast.officer).pk)
    member = Member.objects.get()
    assert (member.address, member.education) == (member_row(1)[7], "bachelor")
    remainder = Batch.objects.get(follows=batch)
    remainder = editing.edit_rows(remainder, {3: {"education": "本科"}}, [], version=0, by=cast.officer)
    job.run_batch(actions.confirm_import(remainder, ["new"], by=cast.officer).pk)
    assert [bool(member.address) for member in Member.objects.filter(education="bachelor")] == [True, True]


def test_two_columns_are_not_one_and_only_what_was_asked_is_answered(cast):
    batch = sent(cast, [*renamed(address="家庭住址"), "现住址"], [*member_row(1), "x"])
    with pytest.raises(Refused, match="“家庭住址”、“现住址”不能都是“联系地址”"):
        told(cast, batch, 家庭住址="address", 现住址="address")
    batch = told(cast, batch, 家庭住址="name", 现住址="nonsense", 姓名="address")
    assert [heading for heading, _ in batch.unread] == ["家庭住址", "现住址"]
    assert actions.confirm_import(batch, ["new"], by=cast.officer).rows_valid == 1


def test_only_the_unions_officers_say_it_and_only_while_it_waits(cast):
    batch = sent(cast, renamed(address="家庭住址"))
    with pytest.raises(Refused):
        editing.confirm_columns(batch, {"家庭住址": "address"}, version=0, by=cast.neighbour_officer)
    told(cast, batch)
    with pytest.raises(Refused, match="另一个窗口"):
        editing.confirm_columns(batch, {"家庭住址": "address"}, version=0, by=cast.officer)
    actions.discard_batch(batch, by=cast.officer)
    with pytest.raises(Refused):
        told(cast, Batch.objects.get(pk=batch.pk))


@pytest.mark.parametrize(
    ("key", "label", "heading"),
    [
        ("document_number", "证件号码", "证件"), ("document_number", "证件号码", "有效证件号码信息"),
        ("mobile", "移动电话", "本人联系电话"), ("name", "姓名", "姓名(中文)"),
    ],
)  # fmt: skip
def test_a_near_miss_of_what_must_be_there_is_asked_in_the_refusal(cast, key, label, heading):
    with pytest.raises(Refused) as refused:
        sent(cast, renamed(**{key: heading}))
    assert f"“{heading}”是不是“{label}”？" in refused.value.sentence


def test_the_page_asks_and_reads_the_column(client, cast):
    batch = sent(cast, renamed(address="家庭住址"))
    client.force_login(cast.officer)
    address = reverse("imports:batch", args=[batch.pk])
    page = markup(client.get(address))
    assert "“家庭住址”是不是“联系地址”？" in page
    assert "确认导入 1 人" in page
    data = {"version": 0, "column-0": "address"}
    page = client.post(reverse("imports:map_columns", args=[batch.pk]), data, follow=True).content.decode()
    assert "没有读取" not in page
    assert "已重新检查，没有错误。" in page

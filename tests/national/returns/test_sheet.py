"""What came back from the authority is 退回 with its reason until it is mended (SPEC 3.10)."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from gonghui.accounts.hooks import worklist
from gonghui.audit.models import Entry
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import ImportState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.national import queries
from gonghui.national.models import MemberReport, UnionReport
from gonghui.national.states import PENDING, ReportState
from gonghui.notices.models import Notice
from tests.factories import change_member, live, make_member
from tests.national.exports.test_actions import state_of
from tests.national.stories import contents, exported, read, reported, returned, taken, with_reasons

pytestmark = pytest.mark.django_db


def sheet(*lines: list[str]) -> bytes:
    book, content = Workbook(), BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(content)
    return content.getvalue()


HEAD = ["姓名", "证件号码", "退回原因"]


def problems(batch) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.heading, problem.wrong) for problem in batch.problems]


def test_a_reason_makes_it_returned_and_who_has_none_stays_reported(cast):
    first, second = make_member(cast.union, name="王一"), make_member(cast.union, name="王二")
    batch = returned(cast.officer, "学历与学信网不符", "")
    assert batch.state == ImportState.DONE
    assert batch.group_counts == {"member_returned": 1, "member_not_returned": 1}
    assert (state_of(first), state_of(second)) == (ReportState.RETURNED, ReportState.REPORTED)
    assert MemberReport.objects.get(member=first).reason == "学历与学信网不符"
    entry = Entry.objects.get(verb="nationalform.returned")
    assert entry.data == {"form": "member", "returned": 1}


def test_mended_it_is_pending_and_reported_again_it_is_reported(cast):
    member = make_member(cast.union)
    returned(cast.officer, "民族不符")
    change_member(member, education="master")
    assert state_of(member) == PENDING
    reported(cast.officer)
    assert state_of(member) == ReportState.REPORTED
    assert MemberReport.objects.get(member=member).reason == ""


def test_a_superior_reads_for_all_below_and_their_officers_are_told(cast):
    make_member(cast.union, name="王一"), make_member(cast.neighbour, name="邻家人")
    returned(cast.district_admin, "", "证件类别不符")
    assert MemberReport.objects.get(state="returned").member.name == "邻家人"
    (notice,) = Notice.objects.filter(user=cast.neighbour_officer)
    assert notice.title == "工会会员信息采集表有退回，请按退回原因改正"
    assert not Notice.objects.filter(user=cast.officer).exists()


def test_it_waits_on_the_officers_front_page_until_it_is_mended(cast):
    member = make_member(cast.union)
    returned(cast.officer, "民族不符")

    def waiting() -> int:
        (item,) = [item for item in worklist(cast.officer) if item.label == "会员信息采集表被退回"]
        return item.rows.count()

    assert waiting() == 1
    change_member(member, education="master")
    assert waiting() == 0


def test_what_was_never_reported_here_may_be_returned(cast):
    member = make_member(cast.union)
    (data,) = contents(exported(cast.officer))
    assert (
        read("returned_members", with_reasons(data, ["照片不清"], "退回理由"), cast.officer).state == ImportState.DONE
    )
    assert state_of(member) == ReportState.RETURNED


def test_each_problem_has_its_row_and_column(cast):
    member, other = make_member(cast.union, name="王一"), make_member(cast.neighbour, name="邻家人")
    lines = [
        ["王一", "？", "原因"],
        ["邻家人", other.document_number, "原因"],
        ["王二", member.document_number, "原因"],
        ["王一", member.document_number, "原因"],
    ]
    batch = read("returned_members", sheet(HEAD, *lines), cast.officer)
    assert problems(batch) == [
        (2, "证件号码", "号码不正确"),
        (3, "证件号码", "所辖范围内没有这个会员"),
        (4, "姓名", "名称与号码不相符"),
        (5, "证件号码", "在文件中出现了不止一次"),
    ]
    assert other.document_number not in "".join(problem.value for problem in batch.problems)


def test_a_reason_that_is_too_long_is_refused(cast):
    member = make_member(cast.union, name="王一")
    batch = read("returned_members", sheet(HEAD, ["王一", member.document_number, "长" * 201]), cast.officer)
    assert problems(batch) == [(2, "退回原因", "退回原因超过 200 个字")]


def test_a_file_without_any_reason_changes_nothing(cast):
    member = make_member(cast.union)
    (data,) = contents(reported(cast.officer))
    batch = read("returned_members", with_reasons(data, [""]), cast.officer)
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    with pytest.raises(Refused, match="没有可以导入的行"):
        taken(batch, "member_not_returned", by=cast.officer)
    assert state_of(member) == ReportState.REPORTED


def test_63_001_rows_are_refused_with_the_remedy(cast, monkeypatch):
    kind = KINDS["returned_members"]
    assert kind.max_rows == 63_000
    book, content = Workbook(write_only=True), BytesIO()
    page = book.create_sheet()
    page.append(HEAD)
    for number in range(63_001):
        page.append(["王一", f"X{number}", ""])
    book.save(content)
    with pytest.raises(Refused, match="共 63,001 行，一次最多 63,000 行。请拆分"):
        upload_workbook(cast.union, kind, SimpleUploadedFile("大.xlsx", content.getvalue()), by=cast.officer)


@pytest.mark.parametrize("who", ["viewer", "newcomer", "claimant"])
def test_who_may_not_export_reads_nothing_back(cast, who):
    user = getattr(cast, who)
    kind = KINDS["returned_members"]
    assert not kind.can_import(user)


def test_a_union_is_returned_by_its_employers_code(cast):
    returned(cast.officer, "单位地址不详", form="organisation")
    assert queries.union_states([cast.union.pk]) == {cast.union.pk: ReportState.RETURNED}
    report = queries.union_report(cast.union)
    assert report
    assert report.reason == "单位地址不详"
    cast.union.staff_count = 77
    cast.union.save()
    assert queries.union_states([cast.union.pk]) == {}
    assert queries.union_report(live(cast.union)) is None
    reported(cast.officer, "organisation")
    assert UnionReport.objects.get().state == ReportState.REPORTED


def test_a_district_reads_the_organisation_form_back(cast):
    batch = returned(cast.district_admin, "", "代码不符", form="organisation")
    assert batch.group_counts == {"union_returned": 1, "union_not_returned": 1}
    assert UnionReport.objects.get(state="returned").union == cast.neighbour
    assert Notice.objects.filter(user=cast.neighbour_officer).exists()


def test_whoever_has_left_since_the_check_is_checked_again(cast):
    """The job finds that the member is another union's by now, and says so."""
    member = make_member(cast.union, name="王一")
    data = sheet(HEAD, ["王一", member.document_number, "原因"])
    batch = upload_workbook(cast.union, KINDS["returned_members"], SimpleUploadedFile("a.xlsx", data), by=cast.officer)
    Member.objects.filter(pk=member.pk).update(union=cast.neighbour)
    from gonghui.imports.job import run_batch

    run_batch(batch.pk)
    assert live(batch).state == ImportState.FAILED
    assert not MemberReport.objects.exists()

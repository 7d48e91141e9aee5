"""「从其他工会转入会员到本工会」 by workbook and one by one (SPEC 3.6)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localdate, timedelta

from gonghui.audit.models import Entry
from gonghui.imports.actions import upload_workbook
from gonghui.imports.hooks import KINDS
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.members.models import Lookups, Member
from gonghui.transfers.departures.actions import withdraw
from gonghui.transfers.models import Tally, Transfer, TransferState
from gonghui.transfers.requests import actions as requests
from gonghui.transfers.requests.actions import request_member, request_members, upload_people
from gonghui.unions.models import UnionState
from tests.factories import live, make_member, resident_id
from tests.transfers.stories import offered, people_file, requested, uploaded
from tests.workbooks import COLUMNS as MEMBER_COLUMNS
from tests.workbooks import member_row, saved, upload, workbook

pytestmark = pytest.mark.django_db


def tallies(upload) -> list[str]:
    return [line[3] for line in upload.lines]


def test_who_matches_by_name_and_number_is_asked_of_the_union_and_stays_until_it_agrees(cast):
    member = make_member(cast.union, name="张示例")
    sent = uploaded(cast, member)
    transfer = Transfer.objects.get()
    assert tallies(sent) == [Tally.REQUESTED]
    assert (transfer.origin, transfer.target, transfer.state) == (cast.union, cast.neighbour, TransferState.WAITING)
    assert transfer.due_on == localdate() + timedelta(days=15)
    assert live(member).union == cast.union
    assert cast.officer.notices.filter(title__contains="有会员申请转到其他工会").exists()
    assert Entry.objects.filter(verb="transfer.uploaded", union_id=cast.neighbour.pk, data__requested=1).exists()


def test_who_is_in_no_union_comes_in_at_once_with_number_and_history(cast):
    member = make_member(None, name="张示例")
    sent = uploaded(cast, member)
    assert tallies(sent) == [Tally.JOINED]
    moved = live(member)
    assert (moved.union, moved.number, moved.status) == (cast.neighbour, member.number, "normal")
    assert Transfer.objects.get().state == TransferState.AGREED
    assert live(cast.neighbour).member_count == 1
    assert [stay.union for stay in member.memberships.order_by("pk")] == [None, cast.neighbour]


def test_each_row_has_its_result(cast):
    mine, theirs = make_member(cast.neighbour, name="本会员"), make_member(cast.union, name="张示例")
    requested_member, coming = make_member(cast.far, name="已申请"), make_member(cast.union, name="已转出")
    requested(cast, requested_member)
    offered(cast, coming)
    unknown = ("无此人", resident_id(777))
    rows = [
        unknown,
        ("李示例", theirs.document_number),
        ("张示例", theirs.document_number),
        ("x", "310"),
        ("张示例", "没有"),
    ]
    sent = uploaded(cast, mine, requested_member, coming, theirs, more=rows)
    assert tallies(sent) == [
        "ours",
        "asked",
        "offered",
        "requested",
        "unmatched",
        "repeated",
        "repeated",
        "invalid",
        "invalid",
    ]
    assert Transfer.objects.waiting().filter(target=cast.neighbour).count() == 3


def test_a_name_that_differs_and_a_person_who_is_not_there_have_the_same_result(cast):
    member = make_member(cast.union, name="张示例")
    sent = uploaded(cast, more=[("李示例", member.document_number), ("李示例", resident_id(778))])
    differs, absent = sent.lines
    assert differs[3:] == absent[3:]
    assert not Transfer.objects.exists()


def test_what_the_reader_reports_is_told_in_the_words_of_the_member_import_and_is_no_look_up(cast):
    """Whatever Excel has done to a cell: no such row is looked up, or counts as a miss."""
    member = make_member(cast.union, name="张示例")
    book = workbook([("张示例", member.document_number)], headings=["姓名*", "证件号码*"])
    sheet = book.active
    for name, number in (
        ("张示例", int(resident_id(801))), ("张示例", "=1+1"), ("=NA()", resident_id(802)), ("张示例", resident_id(803)),
        ("", ""), ("", resident_id(804)), ("张示例", None), ("张示例", "3.10000199001E+17"), ("张示例", _misprinted()),
    ):  # fmt: skip
        sheet.append((name, number))
    sheet["A4"].data_type = "e"
    sheet["A4"].value = "#N/A"
    sheet.merge_cells("A6:B6")
    content = saved(book)
    sent = upload_people(cast.neighbour, SimpleUploadedFile("转入.xlsx", content), by=cast.neighbour_officer)
    answers = {line[0]: line[3:5] for line in sent.lines}
    read = excel.read(content, MEMBER_COLUMNS[:1] + MEMBER_COLUMNS[3:4], max_rows=100)
    for problem in read.troubles(MEMBER_COLUMNS[:1] + MEMBER_COLUMNS[3:4]):
        assert problem.wrong in answers[problem.row][1]
        assert problem.right in answers[problem.row][1]
    assert answers.pop(2) == [Tally.REQUESTED, ""]
    assert {tally for tally, _ in answers.values()} == {Tally.INVALID}, answers
    assert "后面的数字已丢失" in answers[3][1]
    assert "没有填写姓名" in answers[8][1]
    assert "校验位不正确" in answers[11][1]
    assert not Lookups.objects.exists()


def _misprinted() -> str:
    right = resident_id(805)
    return right[:-1] + ("0" if right[-1] != "0" else "1")


def test_one_thousand_rows_at_most(cast):
    rows = [("张示例", resident_id(number)) for number in range(1001)]
    with pytest.raises(Refused, match="共 1,001 行，一次最多 1,000 行"):
        uploaded(cast, more=rows)


def test_many_rows_ask_as_many_queries_as_few(cast):
    counts = []
    for size in (5, 50):
        members = [make_member(union) for union in (cast.union, cast.far, None) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            uploaded(cast, *members)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Transfer.objects.count() == 165


def test_only_officers_of_an_approved_union_ask(cast):
    member = make_member(cast.union)
    for by in (cast.reviewer, cast.officer):
        with pytest.raises(Refused, match="经办人"):
            request_member(cast.neighbour, member.name, member.document_number, by=by)
    cast.neighbour.state = UnionState.DISSOLVED
    cast.neighbour.save()
    with pytest.raises(Refused, match="审核通过的工会"):
        request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer)
    assert not Transfer.objects.exists()


def test_asked_twice_is_asked_once(cast):
    member = make_member(cast.union)
    first = requested(cast, member)
    second = request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer)
    assert (second.tally, second.transfer) == (Tally.ASKED, first)
    assert Transfer.objects.count() == 1


def test_two_unions_may_ask_for_the_same_member(cast):
    member = make_member(cast.union)
    assert requested(cast, member) != requested(cast, member, by=cast.far_officer)


def test_another_room_asks_for_members_it_has_matched(cast):
    elsewhere, free = make_member(cast.union), make_member(None)
    made = request_members(cast.neighbour, [elsewhere.pk, free.pk], by=cast.neighbour_officer)
    assert made == 2
    assert live(free).union == cast.neighbour
    assert Transfer.objects.get(member=elsewhere).is_waiting


def test_while_an_import_is_in_work_nobody_is_asked_for(cast):
    member = make_member(cast.union)
    upload_workbook(cast.neighbour, KINDS["members"], upload([member_row(1)]), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="正在处理中"):
        requested(cast, member)


def test_the_rows_are_forgotten_after_thirty_days_and_the_requests_stay(cast):
    sent = uploaded(cast, make_member(cast.union))
    requests.forget_old_rows(sent.sent_at)
    assert live(sent).lines
    requests.forget_old_rows(sent.sent_at + timedelta(seconds=1))
    assert live(sent).lines == []
    assert Transfer.objects.count() == 1


def test_what_is_uploaded_is_sealed(cast):
    member = make_member(cast.union, name="张示例")
    sent = uploaded(cast, member)
    assert member.document_number.encode() not in bytes(live(sent).rows_sealed)


def test_a_workbook_that_is_none_is_refused(cast):
    with pytest.raises(Refused):
        upload_people(cast.neighbour, SimpleUploadedFile("x.xlsx", b"nonsense"), by=cast.neighbour_officer)
    with pytest.raises(Refused, match="没有数据"):
        upload_people(cast.neighbour, people_file([]), by=cast.neighbour_officer)
    assert Member.objects.count() == 0


def test_a_union_sends_so_many_workbooks_a_day(cast, monkeypatch):
    monkeypatch.setattr(requests, "UPLOADS_A_DAY", 1)
    uploaded(cast, make_member(cast.union))
    with pytest.raises(Refused, match="今天已上传 1 个转入文件"):
        uploaded(cast, make_member(cast.union))
    requests.Upload.objects.update(sent_at=timezone.now() - timedelta(days=1))
    uploaded(cast, make_member(cast.union))


def test_who_takes_requests_back_all_day_makes_no_new_ones(cast, monkeypatch):
    monkeypatch.setattr(requests, "WITHDRAWN_A_DAY", 1)
    member = make_member(cast.union)
    withdraw([requested(cast, member).pk], by=cast.neighbour_officer)
    with pytest.raises(Refused, match="今天已撤回 1 项转入申请"):
        requested(cast, member)

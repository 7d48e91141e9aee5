"""会籍 as one table (members/standings.py): what ends it, what each may, by which doors one comes back (SPEC 3.10)."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from gonghui.cards.applications.preflight import examine
from gonghui.config import check
from gonghui.imports.kinds import Plan
from gonghui.inspections.members.check import figures, findings
from gonghui.kit.errors import Refused
from gonghui.kit.excel import read
from gonghui.members.by_code.actions import bound_to
from gonghui.members.memberships import move, wrong_counts
from gonghui.members.models import Member, Membership
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.members.retention.actions import retain
from gonghui.members.roster import sheet as roster
from gonghui.members.standings import PERMISSIONS, Return, StandingState, standings_that
from gonghui.statistics.actions import count_months
from gonghui.statistics.queries import trend
from gonghui.transfers.departures.actions import Document, release, undo
from gonghui.transfers.models import Tally
from gonghui.transfers.requests.actions import request_member
from gonghui.unions.models import Union
from tests.factories import live, make_member
from tests.members.people import values
from tests.transfers.stories import agreed, ended, left, offered, requested
from tests.workbooks import COLUMNS, member_row, saved, workbook

pytestmark = pytest.mark.django_db


def joined(cast, seed: int = 1) -> Member:
    return add_member(cast.union, values(seed), by=cast.officer)


def counters_are_true() -> None:
    assert wrong_counts() == []
    for union in Union.objects.all():
        rows = union.members
        assert (union.member_count, union.retained_count) == (rows.count(), rows.filter(standing="retained").count())


def test_the_table_has_a_row_for_each_standing():
    assert set(PERMISSIONS) == set(StandingState)
    assert standings_that(returns=Return.CONFIRMED) == ["expelled"]
    assert standings_that(card=True) == standings_that(duties=True) == standings_that(booking=True) == ["normal"]


@pytest.mark.parametrize(("way", "standing"), [("withdrawn", "resigned"), ("expelled", "expelled")])
def test_a_standing_ends_at_once_with_the_membership(cast, way, standing):
    member = joined(cast)
    transfer = ended(cast, member, way)
    gone = live(member)
    assert (gone.union, gone.status, gone.standing, gone.standing_on) == (None, "unattached", standing, localdate())
    assert member.memberships.filter(ended_by=way, ended_act=transfer.act).exists()
    assert (transfer.state, transfer.document_on) == ("left", localdate())
    counters_are_true()


def test_the_database_holds_what_an_ended_standing_means(cast):
    member = joined(cast)
    for columns in (
        {"standing": "expelled", "standing_on": localdate()},  # and still in the union
        {"standing": "retained", "standing_on": localdate()},  # for no reason
        {"retained_for": "sick"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(pk=member.pk).update(**columns)


def test_papers_are_asked_for_and_their_days_are_in_order(cast):
    member = joined(cast)
    Membership.objects.filter(member=member).update(began_on=localdate() - timedelta(days=10))

    def told(reason: str, **document) -> str:
        paper = Document(**document) if document else None
        try:
            outcome = release(cast.union, [member.pk], to=None, reason=reason, note="", by=cast.officer, document=paper)
        except Refused as refused:
            return refused.sentence
        return "".join(outcome.remarks())

    tomorrow, before = localdate() + timedelta(days=1), localdate() - timedelta(days=11)
    assert told("withdrawn") == "请填写申请日期。"
    assert told("expelled", on=localdate()) == "请填写除名决定的文号。"
    assert "文号不能超过" in told("expelled", on=localdate(), number="第" * 51)
    assert f"决定日期 {tomorrow} 晚于今天（{localdate()}）" in told("expelled", on=tomorrow, number="1")
    assert f"申请日期 {before} 早于入会日期 {localdate() - timedelta(days=10)}" in told("withdrawn", on=before)
    born = live(member).born_on
    day = born - timedelta(days=1)
    assert f"申请日期 {day} 早于出生日期 {born}" in told("withdrawn", on=day)
    assert live(member).union == cast.union


def test_neither_ends_while_something_is_under_way(cast, monkeypatch):
    from gonghui.members.hooks import leave_blockers

    asked, held = joined(cast, 1), joined(cast, 2)
    requested(cast, asked)
    monkeypatch.setitem(
        leave_blockers.functions,
        "test",
        lambda ids: {held.pk: "正在办理会员服务卡"} if held.pk in ids else {},
    )
    paper = Document(localdate())
    outcome = release(
        cast.union, [asked.pk, held.pk], to=None, reason="withdrawn", note="", by=cast.officer, document=paper
    )
    said = "".join(outcome.remarks())
    assert not outcome.done
    assert "请先在“会员转出审核”中答复或撤回" in said
    assert "请先在“会员服务卡管理”中办完或撤回" in said


def test_who_has_resigned_joins_again_as_anybody_but_not_by_code_or_transfer(cast):
    member = joined(cast)
    code = live(member).unit_code
    ended(cast, member, "withdrawn")
    assert not bound_to(code).filter(pk=member.pk).exists()
    answer = request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer)
    assert answer.tally == Tally.ENDED
    assert f"此人曾于 {localdate()} 退会，不能转入" in answer.remark
    add_member(cast.neighbour, values(1), by=cast.neighbour_officer)
    back = live(member)
    assert (back.union, back.standing, back.standing_on) == (cast.neighbour, "normal", None)
    counters_are_true()


def test_who_was_expelled_joins_again_by_an_officer_who_knows(cast):
    member = joined(cast)
    ended(cast, member, "expelled")
    assert not bound_to(member.unit_code).filter(pk=member.pk).exists()
    answer = request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer)
    assert (answer.tally, answer.transfer) == (Tally.ENDED, None)
    with pytest.raises(Refused, match=f"曾于 {localdate()} 被除名") as refused:
        add_member(cast.neighbour, values(1), by=cast.neighbour_officer)
    assert refused.value.field == "expulsion_known"
    assert live(member).union is None
    add_member(cast.neighbour, values(1), by=cast.neighbour_officer, expulsion_known=True)
    assert (live(member).union, live(member).standing) == (cast.neighbour, "normal")


def plan_of(cast, *seeds: int) -> Plan:
    sheet = read(saved(workbook([member_row(seed) for seed in seeds])), COLUMNS, max_rows=10)
    return roster.check(cast.neighbour, sheet, cast.neighbour_officer)


def test_a_workbook_takes_who_has_resigned_and_not_who_was_expelled(cast):
    ended(cast, joined(cast, 1), "withdrawn")
    ended(cast, joined(cast, 2), "expelled")
    plan = plan_of(cast, 1, 2)
    assert [row.group for row in plan.rows] == ["returning"]
    (problem,) = plan.problems
    assert problem.wrong == f"此人曾于 {localdate()} 被除名"
    assert "请用“新增会员”逐个办理" in problem.right


def test_an_undone_end_gives_back_what_was(cast):
    member = joined(cast)
    retain(cast.union, [member.pk], reason="unemployed", on=localdate(), by=cast.officer)
    transfer = ended(cast, member, "expelled")
    assert live(member).retained_for == ""
    assert undo([transfer.pk], by=cast.officer).done
    back = live(member)
    assert (back.union, back.standing, back.retained_for, back.standing_on) == (
        cast.union, "retained", "unemployed", localdate(),
    )  # fmt: skip
    counters_are_true()


def test_a_retained_member_has_no_card_no_office_and_no_part_in_the_inspection(cast):
    member = make_member(cast.union, mobile="1", born_on=localdate() - timedelta(days=80 * 365))
    assert [doubt.key for doubt in findings(cast.union) if doubt.ids] == ["mobile", "retired"]
    assert "会籍" not in examine([member])[member.pk].reasons
    retain(cast.union, [member.pk], reason="retired", on=localdate(), by=cast.officer)
    member = live(member)
    assert [doubt.key for doubt in findings(cast.union) if doubt.ids] == []
    assert figures(cast.union)["retained"] == 1
    assert "会籍是“保留会籍”，恢复会籍后才能办卡" in examine([member])[member.pk].reasons
    assert "会籍" not in examine([member], "loss")[member.pk].reasons


def test_a_retained_member_takes_no_office(cast):
    member = joined(cast)
    retain(cast.union, [member.pk], reason="sick", on=localdate(), by=cast.officer)
    member = live(member)
    with pytest.raises(Refused, match="保留会籍期间不担任工会职务") as refused:
        edit_member(member, values(1, position="chair"), version=version_of(member), by=cast.officer)
    assert refused.value.field == "position"


def test_a_retained_member_who_comes_to_another_union_is_normal_there(cast):
    member = joined(cast)
    retain(cast.union, [member.pk], reason="unemployed", on=localdate(), by=cast.officer)
    agreed(requested(cast, member), by=cast.officer)
    moved = live(member)
    assert (moved.union, moved.standing, moved.retained_for) == (cast.neighbour, "normal", "")
    counters_are_true()


def test_the_retained_go_along_with_their_union_to_its_heir_and_back(cast):
    member = joined(cast)
    retain(cast.union, [member.pk], reason="unemployed", on=localdate(), by=cast.officer)
    move([member.pk], to=cast.neighbour, reason=Membership.Reason.MERGED)
    assert live(member).standing == "retained"
    assert (live(cast.union).retained_count, live(cast.neighbour).retained_count) == (0, 1)
    left_union = live(member)
    move([left_union.pk], to=None, reason=Membership.Reason.DISSOLVED)
    counters_are_true()


def test_figures_count_the_retained_in_a_column_of_their_own(cast):
    first, second = joined(cast, 1), joined(cast, 2)
    retain(cast.union, [first.pk], reason="sick", on=localdate(), by=cast.officer)
    count_months()
    assert (trend(cast.street).members[-1], trend(cast.street).retained) == (2, 1)
    assert live(cast.union).working_count == 1
    ended(cast, second, "withdrawn")
    count_months()
    assert (trend(cast.city).members[-1], trend(cast.city).retained, trend(cast.city).departed[-1]) == (1, 1, 1)


def test_wrong_counters_are_found_and_counted_again(cast):
    member = joined(cast)
    retain(cast.union, [member.pk], reason="sick", on=localdate(), by=cast.officer)
    Union.objects.filter(pk=cast.union.pk).update(member_count=7, retained_count=3)
    assert wrong_counts() == [cast.union.pk]
    found = check._counts()
    assert (found.seen.endswith(f"by id: {cast.union.pk}"), found.remedy) == (
        True,
        "run gonghui manage recount_members",
    )
    call_command("recount_members")
    counters_are_true()


def test_who_is_retained_may_be_offered_and_leave(cast):
    first, second = joined(cast, 1), joined(cast, 2)
    retain(cast.union, [first.pk, second.pk], reason="unemployed", on=localdate(), by=cast.officer)
    assert offered(cast, first)
    assert left(cast, second)
    counters_are_true()

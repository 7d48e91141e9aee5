"""「会员转出审核」: agree or refuse, one or many; first agreed wins (SPEC 3.6)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers
from gonghui.members.models import Membership
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import remind, withdraw
from gonghui.transfers.models import Transfer, TransferState
from gonghui.unions.models import UnionState
from tests.factories import live, make_member
from tests.transfers.stories import agreed, offered, requested

pytestmark = pytest.mark.django_db


def said(outcome) -> str:
    return "".join(outcome.remarks())


def test_agreed_the_member_moves_with_number_and_history(cast):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    outcome = answer([transfer.pk], agree=True, opinion="同意", by=cast.officer)
    moved, done = live(member), live(transfer)
    assert outcome.done == [transfer]
    assert (moved.union, moved.number) == (cast.neighbour, member.number)
    assert (done.state, done.decided_by, done.opinion) == (TransferState.AGREED, cast.officer, "同意")
    stay = member.memberships.get(ended_on=None)
    assert (stay.union, stay.began_by, stay.began_act) == (cast.neighbour, Membership.Reason.TRANSFERRED, done.act)
    assert (live(cast.union).member_count, live(cast.neighbour).member_count) == (0, 1)
    assert Entry.objects.filter(verb="transfer.agreed", data__transfers=[transfer.pk], actor=cast.officer).exists()
    assert cast.neighbour_officer.notices.filter(title="会员转移已同意").exists()


def test_refused_with_a_reason_the_member_stays_and_the_other_side_reads_why(cast):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    answer([transfer.pk], agree=False, opinion="仍在职", by=cast.officer)
    assert live(member).union == cast.union
    assert (live(transfer).state, live(transfer).opinion) == (TransferState.REFUSED, "仍在职")
    assert cast.neighbour_officer.notices.filter(body__contains="仍在职").exists()
    assert requested(cast, member) != transfer  # asked for anew


def test_a_refusal_needs_a_reason(cast):
    transfer = requested(cast, make_member(cast.union))
    with pytest.raises(Refused, match="必须填写原因"):
        answer([transfer.pk], agree=False, opinion=" ", by=cast.officer)


def test_many_at_once_with_as_many_queries_as_few(cast):
    counts = []
    for size in (3, 30):
        ids = [requested(cast, make_member(cast.union)).pk for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            assert len(answer(ids, agree=True, opinion="", by=cast.officer).done) == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_the_union_that_is_asked_answers(cast):
    transfer = requested(cast, make_member(cast.union))
    for by in (cast.neighbour_officer, cast.far_officer):
        outcome = answer([transfer.pk], agree=True, opinion="", by=by)
        assert (outcome.done, outcome.gone) == ([], 1)
    with pytest.raises(Refused, match="经办人"):
        answer([transfer.pk], agree=True, opinion="", by=cast.reviewer)
    cast.officer.roles = [Role.VIEWER]
    cast.officer.save()
    with pytest.raises(Refused, match="经办人"):
        answer([transfer.pk], agree=True, opinion="", by=cast.officer)
    assert live(transfer).is_waiting


def test_answered_twice_names_the_first(cast):
    transfer = requested(cast, make_member(cast.union))
    agreed(transfer, by=cast.officer)
    assert "已由 示例经办人 办结（已转移）" in said(answer([transfer.pk], agree=False, opinion="不行", by=cast.officer))


def test_a_withdrawn_request_cannot_be_agreed_to(cast):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    withdraw([transfer.pk], by=cast.neighbour_officer)
    assert "申请方已撤回" in said(answer([transfer.pk], agree=True, opinion="", by=cast.officer))
    assert live(member).union == cast.union


def test_of_two_unions_the_first_agreed_wins_and_the_other_hears_why(cast):
    member = make_member(cast.union)
    first, second = requested(cast, member), requested(cast, member, by=cast.far_officer)
    agreed(second, by=cast.officer)
    assert live(member).union == cast.far
    assert live(first).state == TransferState.LAPSED
    assert cast.neighbour_officer.notices.filter(title="会员转移申请已失效", body__contains="已转到其他工会").exists()


def test_both_requests_for_one_person_ticked_at_once_move_the_person_once(cast):
    member = make_member(cast.union)
    ids = [requested(cast, member).pk, requested(cast, member, by=cast.far_officer).pk]
    outcome = answer(ids, agree=True, opinion="", by=cast.officer)
    assert live(member).union == cast.neighbour
    assert len(outcome.done) == 1
    assert "已转到其他工会" in said(outcome)
    assert live(Transfer.objects.get(pk=ids[1])).state == TransferState.LAPSED


def test_not_while_a_card_is_being_made(cast, monkeypatch):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    monkeypatch.setitem(leave_blockers.functions, "test", lambda ids: dict.fromkeys(ids, "正在办理会员服务卡"))
    assert "正在办理会员服务卡" in said(answer([transfer.pk], agree=True, opinion="", by=cast.officer))
    assert live(member).union == cast.union
    assert answer([transfer.pk], agree=False, opinion="先办卡", by=cast.officer).done


def test_nobody_comes_into_a_union_that_has_ended(cast):
    transfer = requested(cast, make_member(cast.union))
    cast.neighbour.state = UnionState.DISSOLVED
    cast.neighbour.save()
    assert "已撤销" in said(answer([transfer.pk], agree=True, opinion="", by=cast.officer))
    assert live(transfer).is_waiting


def test_an_offer_is_accepted_or_declined_by_the_other_union(cast):
    stays, goes = make_member(cast.union), make_member(cast.union)
    offer, other = offered(cast, stays, goes)
    answer([offer.pk], agree=False, opinion="不认识", by=cast.neighbour_officer)
    agreed(other, by=cast.neighbour_officer)
    assert (live(stays).union, live(goes).union) == (cast.union, cast.neighbour)
    assert cast.officer.notices.filter(title="会员转移未获同意").exists()
    assert answer([offer.pk], agree=True, opinion="", by=cast.officer).gone == 1


def test_withdrawing_only_by_who_asked_and_only_while_it_waits(cast):
    transfer = requested(cast, make_member(cast.union))
    assert withdraw([transfer.pk], by=cast.officer).gone == 1
    assert withdraw([transfer.pk], by=cast.neighbour_officer).done == [transfer]
    assert "不能撤回" in said(withdraw([transfer.pk], by=cast.neighbour_officer))


def test_reminding_once_a_day(cast):
    transfer = requested(cast, make_member(cast.union))
    before = cast.officer.notices.count()
    assert remind([transfer.pk], by=cast.neighbour_officer).done
    assert "一天只能催办一次" in said(remind([transfer.pk], by=cast.neighbour_officer))
    assert cast.officer.notices.count() == before + 1
    assert remind([transfer.pk], by=cast.officer).gone == 1
    agreed(transfer, by=cast.officer)
    assert "不需要催办" in said(remind([transfer.pk], by=cast.neighbour_officer))

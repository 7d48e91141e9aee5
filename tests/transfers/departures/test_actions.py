"""「转出」 of ticked members to a union or out of any, and its undoing (SPEC 3.7)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers
from gonghui.members.register.actions import add_member
from gonghui.transfers.departures.actions import release, undo
from gonghui.transfers.models import Transfer, TransferState
from gonghui.unions.models import UnionState
from tests.factories import live, make_member
from tests.members.people import values
from tests.transfers.stories import left, offered, requested

pytestmark = pytest.mark.django_db


def said(outcome) -> str:
    return "".join(outcome.remarks())


@pytest.mark.parametrize("reason", ["resigned", "retired", "died", "left"])
def test_who_leaves_is_in_no_union_at_once_and_keeps_number_and_history(cast, reason):
    member = make_member(cast.union)
    (transfer,) = left(cast, member, reason=reason)
    departed = live(member)
    assert (departed.union, departed.status, departed.number) == (None, "unattached", member.number)
    assert member.memberships.filter(ended_by=reason, ended_act=transfer.act).exists()
    assert live(cast.union).member_count == 0
    assert Entry.objects.filter(verb="transfer.left", data__transfers=[transfer.pk]).exists()


def test_an_offer_moves_nobody_until_it_is_accepted(cast):
    member = make_member(cast.union)
    (transfer,) = offered(cast, member)
    assert live(member).union == cast.union
    assert transfer.is_waiting
    assert cast.neighbour_officer.notices.filter(title__contains="转来会员").exists()


@pytest.mark.parametrize("reason", ["", "merged", "added", "nonsense"])
def test_leaving_needs_one_of_the_reasons(cast, reason):
    with pytest.raises(Refused, match="转出原因"):
        left(cast, make_member(cast.union), reason=reason)


def test_not_to_a_dissolved_or_unfiled_union_a_superior_or_ones_own(cast):
    member = make_member(cast.union)
    cast.far.state = UnionState.DISSOLVED
    cast.far.save()
    for to in (cast.far, cast.unfiled, cast.street, cast.union):
        with pytest.raises(Refused):
            offered(cast, member, to=to)
    assert not Transfer.objects.exists()


def test_only_officers_of_the_union_let_go(cast):
    member = make_member(cast.union)
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused, match="经办人"):
            release(cast.union, [member.pk], to=None, reason="resigned", note="", by=by)


def test_who_is_not_ours_is_passed_over_without_a_name(cast):
    mine, theirs = make_member(cast.union), make_member(cast.neighbour, name="他会员")
    outcome = release(cast.union, [mine.pk, theirs.pk], to=None, reason="resigned", note="", by=cast.officer)
    assert [transfer.member for transfer in outcome.done] == [mine]
    assert outcome.gone == 1
    assert "他会员" not in said(outcome)
    assert live(theirs).union == cast.neighbour


def test_not_while_a_card_is_being_made(cast, monkeypatch):
    member = make_member(cast.union)
    monkeypatch.setitem(leave_blockers.functions, "test", lambda ids: dict.fromkeys(ids, "正在办理会员服务卡"))
    for to in (None, cast.neighbour):
        outcome = release(cast.union, [member.pk], to=to, reason="resigned", note="", by=cast.officer)
        assert "正在办理会员服务卡" in said(outcome)
    assert not Transfer.objects.exists()


def test_offered_once_at_a_time(cast):
    member = make_member(cast.union)
    offered(cast, member)
    outcome = release(cast.union, [member.pk], to=cast.far, reason="", note="", by=cast.officer)
    assert "请先撤回" in said(outcome)


def test_who_is_asked_for_by_that_very_union_is_agreed_to_and_not_offered(cast):
    member = make_member(cast.union)
    requested(cast, member)
    outcome = release(cast.union, [member.pk], to=cast.neighbour, reason="", note="", by=cast.officer)
    assert "请在“待审核转出”中同意" in said(outcome)


def test_who_leaves_makes_what_waits_for_the_person_void(cast):
    member = make_member(cast.union)
    request, (offer,) = requested(cast, member), offered(cast, member, to=cast.far)
    left(cast, member)
    assert {live(request).state, live(offer).state} == {TransferState.LAPSED}
    assert requested(cast, member).state == TransferState.AGREED  # unattached now: in at once


def test_undone_within_seven_days(cast):
    stays, back = make_member(cast.union), make_member(cast.union)
    transfers = left(cast, stays, back)
    outcome = undo([transfers[1].pk], by=cast.officer)
    assert [transfer.member for transfer in outcome.done] == [back]
    assert (live(stays).union, live(back).union) == (None, cast.union)
    assert live(transfers[1]).state == TransferState.UNDONE
    assert [stay.began_by for stay in back.memberships.order_by("pk")] == ["added", "resigned", "undone"]
    assert live(cast.union).member_count == 1


def test_not_undone_after_seven_days(cast):
    (transfer,) = left(cast, make_member(cast.union))
    Transfer.objects.update(decided_at=timezone.now() - timedelta(days=8))
    assert "超过可以撤销的期限" in said(undo([transfer.pk], by=cast.officer))


def test_not_undone_when_the_person_has_joined_another_union(cast):
    add_member(cast.union, values(1), by=cast.officer)
    member = cast.union.members.get()
    (transfer,) = left(cast, member)
    add_member(cast.neighbour, values(1), by=cast.neighbour_officer)
    assert "已有变化" in said(undo([transfer.pk], by=cast.officer))
    assert live(member).union == cast.neighbour
    assert live(transfer).state == TransferState.LEFT


def test_not_undone_twice_nor_by_another_union(cast):
    (transfer,) = left(cast, make_member(cast.union))
    with pytest.raises(Refused):
        undo([], by=cast.officer)
    assert undo([transfer.pk], by=cast.neighbour_officer).gone == 1
    assert undo([transfer.pk], by=cast.officer).done
    assert "已撤销转出" in said(undo([transfer.pk], by=cast.officer))

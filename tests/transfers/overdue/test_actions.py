"""After fifteen days the superior decides what the union did not; offers lapse (SPEC 3.6)."""

import pytest

from gonghui.kit.errors import Refused
from gonghui.reviews.actions import decide
from gonghui.reviews.actions import withdraw as withdraw_review
from gonghui.reviews.models import Review, Step
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import remind, withdraw
from gonghui.transfers.models import TransferState
from gonghui.transfers.overdue.actions import settle_overdue
from gonghui.unions.hooks import blockers
from tests.factories import live, make_member
from tests.transfers.stories import left, offered, overdue, requested

pytestmark = pytest.mark.django_db


def fallen(cast, member=None):
    transfer = requested(cast, member or make_member(cast.union))
    overdue(transfer)
    assert settle_overdue() == 1
    return live(transfer)


def test_on_the_last_day_it_is_still_the_unions(cast):
    requested(cast, make_member(cast.union))
    assert settle_overdue() == 0


def test_what_is_overdue_falls_to_the_superior_and_all_are_told(cast):
    transfer = fallen(cast)
    step = Step.objects.get(review=transfer.review)
    assert (step.superior, transfer.review.union, transfer.review.state) == (cast.street, cast.union, "pending")
    for who, words in ((cast.reviewer, "逾期未审核"), (cast.neighbour_officer, "转由上级工会审核")):
        assert who.notices.filter(title__contains=words).exists()
    assert settle_overdue() == 0
    assert "转由上级工会审核" in "".join(answer([transfer.pk], agree=True, opinion="", by=cast.officer).remarks())


def test_the_superior_approves_and_the_member_moves(cast):
    transfer = fallen(cast)
    decide(transfer.review, decision="approved", opinion="同意转移", by=cast.reviewer)
    done = live(transfer)
    assert (done.state, done.decided_by, done.opinion) == (TransferState.AGREED, cast.reviewer, "同意转移")
    assert live(done.member).union == cast.neighbour


def test_the_superior_refuses_and_the_member_stays(cast):
    transfer = fallen(cast)
    decide(transfer.review, decision="refused", opinion="劳动合同未到期", by=cast.reviewer)
    assert (live(transfer).state, live(transfer.member).union) == (TransferState.REFUSED, cast.union)
    assert cast.neighbour_officer.notices.filter(body__contains="劳动合同未到期").exists()


def test_another_superior_does_not_decide(cast):
    transfer = fallen(cast)
    with pytest.raises(Refused):
        decide(transfer.review, decision="approved", opinion="", by=cast.other_reviewer)


def test_taken_back_it_waits_on_no_desk_any_more(cast):
    transfer = fallen(cast)
    with pytest.raises(Refused):
        withdraw_review(transfer.review, by=cast.neighbour_officer)  # on its own page only
    assert withdraw([transfer.pk], by=cast.neighbour_officer).done
    assert live(transfer.review).state == "withdrawn"
    assert not Step.objects.filter(open=True).exists()
    with pytest.raises(Refused, match="已撤回"):
        decide(transfer.review, decision="approved", opinion="", by=cast.reviewer)


def test_who_leaves_meanwhile_is_off_the_desk(cast):
    member = make_member(cast.union)
    transfer = fallen(cast, member)
    left(cast, member)
    assert live(transfer).state == TransferState.LAPSED
    assert live(transfer.review).state == "withdrawn"


def test_a_reminder_goes_to_the_superior_then(cast):
    transfer = fallen(cast)
    before = cast.reviewer.notices.count(), cast.officer.notices.count()
    remind([transfer.pk], by=cast.neighbour_officer)
    assert (cast.reviewer.notices.count(), cast.officer.notices.count()) == (before[0] + 1, before[1])


def test_an_offer_that_nobody_accepts_lapses(cast):
    member = make_member(cast.union)
    (offer,) = offered(cast, member)
    overdue(offer)
    settle_overdue()
    assert (live(offer).state, live(member).union) == (TransferState.LAPSED, cast.union)
    assert cast.officer.notices.filter(title="会员转移申请已失效").exists()
    assert not Review.objects.exists()


def test_many_of_one_union_fall_at_once_with_one_notice(cast):
    transfers = [requested(cast, make_member(cast.union)) for _ in range(12)]
    overdue(*transfers)
    assert settle_overdue() == 12
    assert cast.reviewer.notices.filter(title__contains="逾期未审核").count() == 1
    assert Review.objects.count() == 12


def test_what_waits_keeps_both_unions_from_moving_and_ending(cast):
    requested(cast, make_member(cast.union))
    assert "1 名会员的转出申请待审核" in str(blockers(cast.union))
    assert "1 名会员的转入申请正在审核" in str(blockers(cast.neighbour))

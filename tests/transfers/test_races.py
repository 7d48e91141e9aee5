"""Two people at the same moment, by two connections: one outcome, and a clear sentence or no change for the other."""

import pytest
from django.utils.timezone import localdate

from gonghui.filings.dissolution.actions import dissolve_union
from gonghui.members.models import Membership
from gonghui.members.retention.actions import retain
from gonghui.reviews.actions import decide
from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import Document, release, undo, withdraw
from gonghui.transfers.models import Transfer, TransferState
from gonghui.transfers.overdue.actions import settle_overdue
from gonghui.transfers.requests.actions import request_member
from gonghui.unions.models import Union
from tests.factories import live, make_member
from tests.filings.test_races import DONE, at_once
from tests.transfers.stories import left, overdue, requested

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def whole(*members) -> None:
    """Each is in the union of the one open stay, and the counters are true."""
    for member in members:
        stay = Membership.objects.get(member=member, ended_on=None)
        assert live(member).union_id == stay.union_id
    for union in Union.objects.all():
        assert union.member_count == union.members.count()
        assert union.retained_count == union.members.filter(standing="retained").count()


def test_two_requests_agreed_to_at_once_move_the_member_once(cast):
    member = make_member(cast.union)
    ids = [requested(cast, member).pk, requested(cast, member, by=cast.far_officer).pk]
    outcomes = at_once(*(lambda pk=pk: answer([pk], agree=True, opinion="", by=live(cast.officer)) for pk in ids))
    assert outcomes == [DONE, DONE]
    assert sorted(Transfer.objects.values_list("state", flat=True)) == [TransferState.AGREED, TransferState.LAPSED]
    whole(member)


def test_agreed_and_withdrawn_at_once_is_one_of_them(cast):
    member = make_member(cast.union)
    transfer = requested(cast, member)
    at_once(
        lambda: answer([transfer.pk], agree=True, opinion="", by=cast.officer),
        lambda: withdraw([transfer.pk], by=cast.neighbour_officer),
    )
    moved = live(transfer).state == TransferState.AGREED
    assert live(transfer).state in {TransferState.AGREED, TransferState.WITHDRAWN}
    assert live(member).union == (cast.neighbour if moved else cast.union)
    whole(member)


def test_a_double_click_asks_once(cast):
    member = make_member(cast.union)
    ask = lambda: request_member(cast.neighbour, member.name, member.document_number, by=live(cast.neighbour_officer))  # noqa: E731
    assert at_once(ask, ask) == [DONE, DONE]
    assert Transfer.objects.count() == 1


def retained(cast, member) -> int:
    return retain(cast.union, [member.pk], reason="sick", on=localdate(), by=live(cast.officer))


def expelled(cast, member) -> None:
    document = Document(localdate(), "5")
    release(cast.union, [member.pk], to=None, reason="expelled", note="", by=live(cast.officer), document=document)


def test_a_double_click_retains_once(cast):
    member = make_member(cast.union)
    assert at_once(lambda: retained(cast, member), lambda: retained(cast, member)) == [DONE, DONE]
    assert member.events.count() == 1
    whole(member)


def test_retained_in_one_window_and_expelled_in_another(cast):
    member = make_member(cast.union)
    first, _ = at_once(lambda: retained(cast, member), lambda: expelled(cast, member))
    assert first == DONE or "已不在本工会" in first
    assert (live(member).standing, live(member).union) == ("expelled", None)
    whole(member)


def test_expelled_in_two_windows_is_reported_once(cast):
    member = make_member(cast.union)
    at_once(lambda: expelled(cast, member), lambda: expelled(cast, member))
    assert Transfer.objects.filter(reason="expelled").count() == 1
    whole(member)


def test_asked_for_while_the_member_leaves(cast):
    member = make_member(cast.union)
    at_once(
        lambda: request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer),
        lambda: release(cast.union, [member.pk], to=None, reason="resigned", note="", by=cast.officer),
    )
    asked = Transfer.objects.get(way="request")
    assert asked.state in {TransferState.AGREED, TransferState.LAPSED}  # came in at once, or had asked before
    assert not Transfer.objects.waiting().exists()
    whole(member)


def test_two_unions_take_in_somebody_unattached_at_once(cast):
    member = make_member(None)
    at_once(
        lambda: request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer),
        lambda: request_member(cast.far, member.name, member.document_number, by=cast.far_officer),
    )
    assert sorted(Transfer.objects.values_list("state", flat=True)) == [TransferState.AGREED, TransferState.WAITING]
    whole(member)


def test_undone_while_somebody_else_takes_the_member_in(cast):
    member = make_member(cast.union)
    (transfer,) = left(cast, member)
    at_once(
        lambda: undo([transfer.pk], by=cast.officer),
        lambda: request_member(cast.neighbour, member.name, member.document_number, by=cast.neighbour_officer),
    )
    assert live(member).union == (cast.union if live(transfer).state == TransferState.UNDONE else cast.neighbour)
    whole(member)


def test_the_superior_decides_while_the_request_is_withdrawn_or_the_member_leaves(cast):
    first, second = make_member(cast.union), make_member(cast.union)
    transfers = [requested(cast, member) for member in (first, second)]
    overdue(*transfers)
    settle_overdue()
    reviews = [live(transfer).review for transfer in transfers]
    at_once(
        lambda: decide(reviews[0], decision="approved", opinion="", by=live(cast.reviewer)),
        lambda: withdraw([transfers[0].pk], by=cast.neighbour_officer),
        lambda: decide(reviews[1], decision="approved", opinion="", by=live(cast.reviewer)),
        lambda: release(cast.union, [second.pk], to=None, reason="resigned", note="", by=cast.officer),
    )
    assert not Transfer.objects.waiting().exists()
    for transfer in transfers:
        decided = live(transfer)
        assert (decided.state == TransferState.AGREED) == (decided.review.state == "approved")
    whole(first, second)


def test_two_jobs_settle_what_is_overdue_once(cast):
    transfers = [requested(cast, make_member(cast.union)) for _ in range(5)]
    overdue(*transfers)
    assert at_once(settle_overdue, settle_overdue) == [DONE, DONE]
    assert len({live(transfer).review_id for transfer in transfers}) == 5


def test_agreed_while_the_union_is_dissolved(cast):
    member, stays = make_member(cast.union), make_member(cast.union)
    transfer = requested(cast, member)
    number = cast.union.number
    outcomes = at_once(
        lambda: answer([transfer.pk], agree=True, opinion="", by=live(cast.officer)),
        lambda: dissolve_union(
            cast.union, way="closed", into=None, reason="注销", confirmed=number, by=live(cast.officer)
        ),
    )
    assert outcomes[0] == DONE
    assert live(member).union == cast.neighbour
    whole(member, stays)

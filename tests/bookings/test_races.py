"""Many at the same moment, by as many connections: every place is sold once, and each gets a place or a clear sentence."""

from functools import partial
from uuid import uuid4

import pytest

from gonghui.audit.models import Entry
from gonghui.bookings.models import Booking, LedgerEntry, Place, Programme, SelfCheck, Session
from gonghui.bookings.places.actions import accept_offer, change_session, withdraw_places
from gonghui.bookings.places.people import Guest
from gonghui.bookings.programmes.actions import cancel_programme
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.self_checks.actions import decide_self_check, send_self_check, withdraw_self_check
from gonghui.bookings.sessions.actions import cancel_session, set_capacity
from gonghui.bookings.states import HOLDING
from tests.at_once import DONE, at_once
from tests.bookings.rush import REFUSALS, rush
from tests.bookings.stories import booked, first_session, ids, invoice, open_offer, published, scanned, sent, states
from tests.factories import live, make_member, resident_id
from tests.people import make_cast
from tests.transfers.stories import left

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def cast():
    yield make_cast()
    assert wrong_counts() == []


def held(programme: Programme) -> int:
    return Place.objects.filter(programme=programme, state__in=HOLDING).count()


THREADS, GROUPS = 50, 8


def test_fifty_at_once_sell_every_place_once(cast):
    """As bench/places.py with 200 groups a window; each attempt is answered by a booking or a clear sentence."""
    programme = published(cast, capacity=(40, 40, 20))
    officers = {
        by: [make_member(union).pk for _ in range(60)]
        for union, by in (
            (cast.union, cast.officer),
            (cast.neighbour, cast.neighbour_officer),
            (cast.far, cast.far_officer),
        )
    }
    outcomes = rush(officers, list(programme.sessions.all()), windows=THREADS, attempts=GROUPS)
    assert outcomes.total() == THREADS * GROUPS
    assert {*outcomes} <= {DONE, *REFUSALS}
    taken = [(session.taken, session.capacity) for session in programme.sessions.all()]
    assert held(programme) == sum(count for count, _ in taken)
    assert all(count <= capacity for count, capacity in taken)
    made = Entry.objects.filter(verb="booking.made")
    assert (made.count(), outcomes[DONE]) == (Booking.objects.count(),) * 2


GUESTS = [Guest(name, "resident_id", resident_id(700 + number)) for number, name in enumerate(("李家属", "王家属"))]


def test_a_guest_of_two_unions_at_once_is_booked_once(cast):
    """Guests are locked by nobody: the unique index decides, and who came second is told."""
    for number in range(4):
        programme = published(cast, capacity=(9, 9), guests_max=2)
        sessions = list(programme.sessions.all())
        unions = ((cast.union, cast.officer, GUESTS), (cast.neighbour, cast.neighbour_officer, GUESTS[::-1]))
        acts = [
            partial(booked, live(by), sessions[place * (number % 2)], make_member(union), guests=guests)
            for place, (union, by, guests) in enumerate(unions)
        ]
        outcomes = at_once(*acts)
        assert sorted(one == DONE for one in outcomes) == [False, True], outcomes
        assert any("在这个项目中预约" in one or "刚刚由另一份预约" in one for one in outcomes)
        assert held(programme) == 3


def test_a_change_of_session_and_a_booking_elsewhere_at_once(cast):
    """Nobody is in two places at one time, though a change locks no member."""
    member = make_member(cast.union)
    for _ in range(4):
        programme, other = published(cast, capacity=(2, 2)), published(cast, capacity=2)
        near, far = programme.sessions.order_by("-begins_on")
        mine = booked(cast.officer, near, member)
        outcomes = at_once(
            partial(change_session, ids(mine), far, by=live(cast.officer)),
            partial(booked, live(cast.officer), first_session(other), member),
        )
        assert sorted(one == DONE for one in outcomes) == [False, True], outcomes
        assert all(one == DONE or "同一时间" in one for one in outcomes)
        withdraw_places(Place.objects.filter(state="booked").values_list("pk", flat=True), by=cast.officer)


def test_a_double_click_books_once(cast):
    programme, member, key = published(cast), make_member(cast.union), uuid4()
    book = lambda: booked(live(cast.officer), programme, member, key=key)  # noqa: E731
    assert at_once(book, book, book) == [DONE] * 3
    assert (Booking.objects.count(), held(programme)) == (1, 1)


def test_one_person_by_two_windows_is_booked_once(cast):
    programme, member = published(cast), make_member(cast.union)
    outcomes = at_once(*[lambda: booked(live(cast.officer), programme, member)] * 2)
    assert sorted(one == DONE for one in outcomes) == [False, True]
    assert held(programme) == 1


def test_the_last_place_and_a_withdrawal_at_once(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    member = make_member(cast.far)
    outcomes = at_once(
        lambda: withdraw_places(ids(first), by=live(cast.officer)),
        lambda: booked(live(cast.far_officer), programme, member),
    )
    assert outcomes == [DONE, DONE]
    assert states(second) == ["offered"]


def test_accepted_and_withdrawn_at_once(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    offer = open_offer(second)
    at_once(
        lambda: accept_offer(offer, by=live(cast.neighbour_officer)),
        lambda: withdraw_places(ids(second), by=live(cast.neighbour_officer)),
    )
    assert states(second) == ["ended"]
    assert held(programme) == 0


def test_two_change_into_each_others_session(cast):
    programme = published(cast, capacity=(2, 2))
    one, other = Session.objects.order_by("pk")
    first, second = booked(cast.officer, one, 1), booked(cast.neighbour_officer, other, 1)
    outcomes = at_once(
        lambda: change_session(ids(first), other, by=live(cast.officer)),
        lambda: change_session(ids(second), one, by=live(cast.neighbour_officer)),
    )
    assert outcomes == [DONE, DONE]
    assert held(programme) == 2


def test_cancelled_while_somebody_is_booking(cast):
    programme = published(cast, capacity=(5, 5))
    session = first_session(programme)
    at_once(
        lambda: booked(live(cast.officer), session, make_member(cast.union)),
        lambda: cancel_session(session, reason="停业", by=live(cast.platform_admin)),
    )
    assert held(programme) == 0
    at_once(
        lambda: booked(live(cast.officer), Session.objects.latest("pk"), make_member(cast.union)),
        lambda: cancel_programme(live(programme), reason="停业", by=live(cast.platform_admin)),
    )
    assert held(programme) == 0


def test_lowered_while_somebody_is_booking(cast):
    programme = published(cast, capacity=2)
    session = first_session(programme)
    members = [make_member(cast.union) for _ in range(2)]
    at_once(
        lambda: booked(live(cast.officer), session, *members, waits=False),
        lambda: set_capacity(session, 1, by=live(cast.platform_admin)),
    )
    assert (held(programme), live(session).capacity) in {(2, 2), (0, 1)}


def test_booked_while_the_member_leaves(cast):
    programme, member = published(cast), make_member(cast.union)
    booked_, left_ = at_once(
        lambda: booked(live(cast.officer), programme, member), lambda: left(cast, member, reason="died")
    )
    assert left_ == DONE
    assert booked_ == DONE or "不是本工会会员" in booked_
    assert held(programme) == 0


def checkup(cast) -> Programme:
    return published(cast, kind="checkup", self_check_price=300)


def test_one_invoice_sent_by_two_unions_at_once(cast):
    programme = checkup(cast)
    people = [(cast.officer, make_member(cast.union)), (cast.neighbour_officer, make_member(cast.neighbour))]
    for by, member in people:
        scanned(by, programme, member)
    outcomes = at_once(
        *(
            lambda by=by, member=member: send_self_check(programme, member.pk, invoice(), by=live(by))
            for by, member in people
        )
    )
    assert outcomes.count(DONE) == 1
    assert any("已经提交过外院自检" in one for one in outcomes)
    assert SelfCheck.objects.count() == 1


def test_booked_and_sent_to_another_hospital_at_once(cast):
    programme, member = checkup(cast), make_member(cast.union)
    scanned(cast.officer, programme, member)
    outcomes = at_once(
        lambda: booked(live(cast.officer), programme, member),
        lambda: send_self_check(programme, member.pk, invoice(), by=live(cast.officer)),
    )
    assert outcomes.count(DONE) == 1
    assert held(programme) + SelfCheck.objects.count() == 1


def test_a_double_click_sends_one_invoice(cast):
    programme, member = checkup(cast), make_member(cast.union)
    scanned(cast.officer, programme, member)
    outcomes = at_once(
        *[lambda: send_self_check(programme, member.pk, invoice(), by=live(cast.officer)) for _ in range(2)]
    )
    assert outcomes.count(DONE) == 1
    assert any("不能重复提交" in one for one in outcomes)


def test_accepted_and_taken_back_at_once(cast):
    check = sent(cast.officer, checkup(cast), make_member(cast.union))
    outcomes = at_once(
        lambda: decide_self_check(check, accepted=True, by=live(cast.platform_admin)),
        lambda: withdraw_self_check(check, by=live(cast.officer)),
    )
    assert outcomes.count(DONE) == 1
    assert LedgerEntry.objects.count() == (live(check).state == "accepted")

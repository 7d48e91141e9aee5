"""A booked member moves, leaves or dies: kept, moved or released by the programme's rule; both officers told."""

import pytest

from gonghui.bookings.models import LedgerEntry, Place, Programme, SelfCheck
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.places.people import Guest
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.self_checks.actions import decide_self_check, withdraw_self_check
from gonghui.members.models import Member
from gonghui.notices.models import Notice
from tests.bookings.stories import begun, booked, first_session, ids, published, sent, states
from tests.factories import make_member, resident_id
from tests.transfers.stories import agreed, left, requested

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _numbers_are_true(db):
    yield
    assert wrong_counts() == []


def moved(cast, member: Member, *, to=None) -> None:
    """To the neighbour, or to the union of this officer."""
    agreed(requested(cast, member, by=to), by=cast.officer)


def test_a_place_goes_along_with_its_person(cast):
    member = make_member(cast.union)
    booking = booked(cast.officer, published(cast), member)
    moved(cast, member)
    place = Place.objects.get()
    assert (place.state, place.union) == ("booked", cast.neighbour)
    assert Notice.objects.filter(user=cast.officer, title__contains="预约有变化").exists()
    assert Notice.objects.filter(user=cast.neighbour_officer, title__contains="转入的会员有").exists()
    withdraw_places(ids(booking), by=cast.neighbour_officer)
    assert states(booking) == ["ended"]


def test_not_to_a_union_that_the_programme_is_not_for(cast):
    programme = published(cast, publisher=cast.district, by=cast.district_admin)
    member = make_member(cast.union)
    booking = booked(cast.officer, programme, member)
    waiting = booked(cast.officer, programme, 2, mode="as_many")
    moved(cast, member, to=cast.far_officer)
    assert states(booking) == ["ended"]
    assert Place.objects.get(booking=booking).ended_for == "moved"
    assert states(waiting) == ["booked", "offered"]


def test_kept_the_old_union_goes_on_answering_for_it(cast):
    member = make_member(cast.union)
    booking = booked(cast.officer, published(cast, when_moving="keep"), member)
    moved(cast, member)
    assert Place.objects.get().union == cast.union
    assert Notice.objects.filter(user=cast.neighbour_officer, body__contains="名额保留").exists()
    withdraw_places(ids(booking), by=cast.officer)


def test_released_it_is_offered_to_the_line(cast):
    programme = published(cast, capacity=1, when_moving="release")
    member = make_member(cast.union)
    booking = booked(cast.officer, programme, member)
    waiting = booked(cast.far_officer, programme, 1)
    moved(cast, member)
    assert (states(booking), states(waiting)) == (["ended"], ["offered"])


def test_who_leaves_or_dies_has_no_place(cast):
    for number, (reason, ended_for) in enumerate([("resigned", "left"), ("died", "died")]):
        programme = published(cast, capacity=2, guests_max=1, title=f"项目{number}")
        member = make_member(cast.union)
        guest = Guest("李家属", "resident_id", resident_id(number + 1))
        booking = booked(cast.officer, programme, member, guests=[guest])
        left(cast, member, reason=reason)
        assert states(booking) == ["ended", "ended"]
        assert set(Place.objects.filter(booking=booking).values_list("ended_for", flat=True)) == {ended_for}
        assert first_session(programme).taken == 0


def test_the_dead_have_no_place_even_where_places_are_kept(cast):
    member = make_member(cast.union)
    booking = booked(cast.officer, published(cast, when_moving="keep"), member)
    left(cast, member, reason="died")
    assert states(booking) == ["ended"]


def test_who_waits_leaves_the_line(cast):
    programme = published(cast, capacity=1)
    booked(cast.neighbour_officer, programme, 1)
    member = make_member(cast.union)
    waiting = booked(cast.officer, programme, member)
    moved(cast, member)
    assert states(waiting) == ["ended"]


def test_what_has_begun_stays_as_it_was(cast):
    programme = published(cast)
    member = make_member(cast.union)
    booking = booked(cast.officer, programme, member)
    begun(programme)
    moved(cast, member)
    assert states(booking) == ["booked"]
    assert Place.objects.get().union == cast.union
    assert not LedgerEntry.objects.exists()


def checkup(cast, **values) -> Programme:
    return published(cast, kind="checkup", self_check_price=300, **values)


def test_an_invoice_that_waits_goes_along_with_its_person(cast):
    member = make_member(cast.union)
    check = sent(cast.officer, checkup(cast), member)
    moved(cast, member)
    check.refresh_from_db()
    assert (check.state, check.union) == ("submitted", cast.neighbour)
    assert Notice.objects.filter(user=cast.officer, title="外院自检有变化").exists()
    assert Notice.objects.filter(user=cast.neighbour_officer, title="转入的会员有外院自检").exists()
    decide_self_check(check, accepted=True, by=cast.platform_admin)
    assert LedgerEntry.objects.get().union == cast.neighbour


def test_not_to_a_union_that_its_programme_is_not_for(cast):
    member = make_member(cast.union)
    check = sent(cast.officer, checkup(cast, publisher=cast.district, by=cast.district_admin), member)
    moved(cast, member, to=cast.far_officer)
    check.refresh_from_db()
    assert (check.state, check.union, check.opinion, check.decided_by) == (
        "withdrawn",
        cast.union,
        "已转到其他工会",
        None,
    )


def test_an_invoice_is_kept_or_taken_back_by_the_programmes_rule(cast):
    kept, released = make_member(cast.union), make_member(cast.union)
    check = sent(cast.officer, checkup(cast, when_moving="keep"), kept)
    other = sent(cast.officer, checkup(cast, when_moving="release"), released, number="20260002")
    moved(cast, kept)
    moved(cast, released)
    check.refresh_from_db()
    other.refresh_from_db()
    assert (check.state, check.union, other.state) == ("submitted", cast.union, "withdrawn")
    assert withdraw_self_check(check, by=cast.officer).state == "withdrawn"


def test_who_leaves_or_dies_waits_for_nothing_and_what_is_decided_stays(cast):
    programme = checkup(cast, when_moving="keep")
    gone, dead, done = (make_member(cast.union) for _ in range(3))
    for number, member in enumerate((dead, done)):
        sent(cast.officer, programme, member, number=f"2026000{number}")
    sent(cast.officer, checkup(cast), gone, number="20260009")
    accepted = decide_self_check(SelfCheck.objects.get(member=done), accepted=True, by=cast.platform_admin)
    left(cast, gone)
    left(cast, dead, reason="died")
    left(cast, done, reason="died")
    assert SelfCheck.objects.get(member=gone).opinion == "已离开工会"
    assert SelfCheck.objects.get(member=dead).opinion == "去世"
    assert SelfCheck.objects.get(member=done).state == accepted.state == "accepted"

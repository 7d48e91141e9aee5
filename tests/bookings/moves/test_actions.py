"""A booked member moves, leaves or dies: kept, moved or released by the programme's rule; both officers told."""

import pytest

from gonghui.bookings.models import LedgerEntry, Place
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.places.people import Guest
from gonghui.bookings.queries import wrong_counts
from gonghui.members.models import Member
from gonghui.notices.models import Notice
from tests.bookings.stories import begun, booked, first_session, ids, published, states
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

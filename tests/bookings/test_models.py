"""What the database itself refuses, whatever the code does."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.bookings.models import Booking, Place, Programme, Session, Share, Venue
from tests.factories import live, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def session(cast) -> Session:
    return new_session(cast)


def new_session(cast, *, first: date = date(2030, 6, 3), days: int = 5, capacity: int = 2) -> Session:
    programme = Programme.objects.create(
        kind="recuperation", publisher=cast.city, title="示例疗休养", created_by=cast.platform_admin
    )
    venue = Venue.objects.create(programme=programme, name="示例线路")
    session = Session.objects.create(
        programme=programme,
        venue=venue,
        begins_on=first,
        ends_on=first + timedelta(days=days - 1),
        capacity=capacity,
    )
    Share.objects.create(session=session, capacity=capacity)
    return session


def placed(cast, session: Session, member, state: str = "booked", **fields) -> Place:
    booking = Booking.objects.create(programme=session.programme, session=session, union=cast.union, by=cast.officer)
    share = session.shares.get() if state == "booked" else None
    return Place.objects.create(
        booking=booking, order=0, session=session, share=share, union=cast.union, member=member, state=state, **fields
    )


def refused(act) -> str:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    return str(caught.value)


def test_more_taken_than_there_are_places(session):
    assert "session_not_oversold" in refused(lambda: Session.objects.filter(pk=session.pk).update(taken=3))
    assert "share_not_oversold" in refused(lambda: session.shares.update(taken=3))


def test_nobody_is_in_a_programme_twice(cast, session):
    member = make_member(cast.union)
    placed(cast, session, member)
    assert "place_" in refused(lambda: placed(cast, session, member, "waiting"))


def test_nobody_is_in_two_sessions_at_one_time(cast, session):
    member = make_member(cast.union)
    placed(cast, session, member)
    overlapping = new_session(cast, first=session.ends_on)
    assert "place_one_session_at_a_time" in refused(lambda: placed(cast, overlapping, member, "waiting"))
    after = new_session(cast, first=session.ends_on + timedelta(days=1))
    place = placed(cast, after, member)
    place.refresh_from_db()
    assert (place.programme, place.during) == (after.programme, live(after).during)


def test_a_place_follows_the_days_of_its_session(cast, session):
    member = make_member(cast.union)
    place = placed(cast, session, member)
    session.begins_on, session.ends_on = date(2030, 8, 1), date(2030, 8, 2)
    session.save()
    placed(cast, new_session(cast), member)
    place.refresh_from_db()
    assert place.during.lower == timezone.make_aware(timezone.datetime(2030, 8, 1))
    assert place.during.upper == timezone.make_aware(timezone.datetime(2030, 8, 3))


def test_a_slot_lies_within_a_day(cast, session):
    slot = Session.objects.filter(pk=session.pk)
    assert "session_slot_within_a_day" in refused(lambda: slot.update(from_time=time(8), to_time=time(9)))
    slot.update(ends_on=session.begins_on, from_time=time(8), to_time=time(9))
    assert "session_slot_within_a_day" in refused(lambda: slot.update(to_time=time(7)))


def test_a_place_that_is_held_is_of_a_share(cast, session):
    place = placed(cast, session, make_member(cast.union))
    assert "place_held_is_of_a_share" in refused(lambda: Place.objects.filter(pk=place.pk).update(share=None))

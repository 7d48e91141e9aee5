"""What the clock asks for: offers and holds that end, deadlines, reminders."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.bookings.due.actions import remind_booked, settle_due
from gonghui.bookings.models import Session, Share, ShareMove
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.sessions.actions import add_share
from gonghui.notices.models import Notice
from tests.bookings.stories import booked, first_session, ids, later, published, reached, states
from tests.factories import live

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _numbers_are_true(db):
    yield
    assert wrong_counts() == []


def test_an_offer_that_nobody_answers_goes_to_the_next(cast):
    programme = published(cast, capacity=1, offer_hours=24)
    first, second = booked(cast.officer, programme, 1), booked(cast.neighbour_officer, programme, 1)
    third = booked(cast.far_officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    settle_due()
    assert states(second) == ["offered"]
    later(timedelta(hours=24))
    for _ in range(2):
        settle_due()
    assert (states(second), states(third)) == (["ended"], ["offered"])
    assert Notice.objects.filter(user=cast.neighbour_officer, title__contains="逾期未确认").count() == 1


def test_a_share_goes_back_at_its_time_and_to_the_line(cast):
    programme = published(cast, capacity=3)
    session = first_session(programme)
    until = timezone.now() + timedelta(days=5)
    share = add_share(session, union=cast.district, places=3, held_until=until, by=cast.platform_admin)
    booking = booked(cast.officer, programme, 1)
    waiting = booked(cast.far_officer, programme, 1)
    settle_due()
    assert states(waiting) == ["waiting"]
    later(timedelta(days=5))
    for _ in range(2):
        settle_due()
    assert states(waiting) == ["offered"]
    assert (live(share).capacity, live(share).taken) == (1, 1)
    assert ShareMove.objects.filter(by=None).get().places == 2
    withdraw_places(ids(booking), by=cast.officer)  # what becomes free of it later is common, too
    assert live(share).capacity == 0
    assert Share.objects.get(session=session, union=None, category="").free == 2


def test_after_the_deadline_nobody_waits(cast):
    programme = published(cast, capacity=1)
    booked(cast.officer, programme, 1)
    waiting = booked(cast.neighbour_officer, programme, 1)
    settle_due()
    assert states(waiting) == ["waiting"]
    reached(programme.deadline)
    for _ in range(2):
        settle_due()
    assert states(waiting) == ["ended"]
    assert Notice.objects.filter(user=cast.neighbour_officer, title__contains="没有候补到").count() == 1


def test_officers_are_reminded_a_week_and_a_day_before(cast):
    programme = published(cast)
    booked(cast.officer, programme, 1)
    for days in (8, 7, 1):
        first = timezone.localdate() + timedelta(days=days)
        Session.objects.update(begins_on=first, ends_on=first)
        for _ in range(2):
            remind_booked()
    titles = list(
        Notice.objects.filter(title__startswith=programme.title).order_by("pk").values_list("title", flat=True)
    )
    assert titles == [f"{programme.title} 7 天后开始", f"{programme.title}明天开始"]

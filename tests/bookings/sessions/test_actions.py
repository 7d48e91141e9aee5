"""Sessions, capacities and shares: raised, lowered, moved, returned, cancelled."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from gonghui.bookings.models import Announcement, Place, Session, Share, ShareMove
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.sessions.actions import (
    add_session,
    add_share,
    cancel_session,
    edit_session,
    move_places,
    set_capacity,
)
from gonghui.kit.errors import Refused
from tests.bookings.stories import booked, drafted, first_session, ids, published, session_of, states
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _numbers_are_true(db):
    yield
    assert wrong_counts() == []


def share_of(session: Session, union=None, category: str = "") -> Share:
    return Share.objects.get(session=session, union=union, category=category)


def shared(cast, session: Session, places: int = 1, **fields) -> Share:
    who = fields or {"union": cast.district}
    return add_share(session, places=places, by=cast.platform_admin, **who)


def test_a_session_with_wrong_days_is_refused(cast):
    venue = drafted(cast).venues.get()
    today = timezone.localdate()
    for begins_on, ends_on, times in (
        (today + timedelta(days=5), today + timedelta(days=4), {}),
        (today, today, {}),
        (today + timedelta(days=5), today + timedelta(days=100), {}),
        (today + timedelta(days=5), today + timedelta(days=6), {"from_time": time(8), "to_time": time(9)}),
        (today + timedelta(days=5), today + timedelta(days=5), {"from_time": time(8)}),
    ):
        with pytest.raises(Refused):
            add_session(venue, begins_on=begins_on, ends_on=ends_on, capacity=1, by=cast.platform_admin, **times)
    with pytest.raises(Refused, match="名额请填写"):
        add_session(
            venue,
            begins_on=today + timedelta(days=5),
            ends_on=today + timedelta(days=5),
            capacity=0,
            by=cast.platform_admin,
        )


def test_the_same_session_is_added_once(cast):
    programme = drafted(cast)
    session_of(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="已有班次"):
        session_of(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="管理员"):
        session_of(programme, after=timedelta(days=99), by=cast.officer)


def test_a_raised_capacity_is_offered_to_the_line(cast):
    programme = published(cast, capacity=1)
    booked(cast.officer, programme, 1)
    waiting = booked(cast.neighbour_officer, programme, 1)
    set_capacity(first_session(programme), 2, by=cast.platform_admin)
    assert states(waiting) == ["offered"]
    assert first_session(programme).taken == 2
    assert ShareMove.objects.get(origin=None).places == 1


def test_below_what_is_taken_is_refused_with_the_number(cast):
    programme = published(cast, capacity=3)
    booked(cast.officer, programme, 2)
    with pytest.raises(Refused, match="已有 2 人占用名额，名额不能少于 2"):
        set_capacity(first_session(programme), 1, by=cast.platform_admin)
    assert set_capacity(first_session(programme), 2, by=cast.platform_admin).capacity == 2


def test_what_shares_hold_cannot_be_lowered_away(cast):
    session = first_session(published(cast, capacity=3))
    shared(cast, session, 2)
    with pytest.raises(Refused, match="公共名额只剩 1 个"):
        set_capacity(session, 1, by=cast.platform_admin)


def test_a_share_is_for_those_below_it(cast):
    programme = published(cast, capacity=2)
    shared(cast, first_session(programme), 2)
    assert states(booked(cast.far_officer, programme, 1)) == ["waiting"]
    assert states(booked(cast.officer, programme, 1)) == ["booked"]


def test_who_could_use_no_free_place_holds_up_nobody(cast):
    programme = published(cast, capacity=2)
    shared(cast, first_session(programme), 2)
    far = booked(cast.far_officer, programme, 2)
    near = booked(cast.officer, programme, 2)
    assert (states(far), states(near)) == (["waiting", "waiting"], ["booked", "booked"])


def test_the_narrowest_share_is_used_first(cast):
    programme = published(cast, capacity=3)
    session = first_session(programme)
    district, street = shared(cast, session, 1), shared(cast, session, 1, union=cast.street)
    places = Place.objects.filter(booking=booked(cast.officer, programme, 3)).order_by("order")
    assert [place.share for place in places] == [street, district, share_of(session)]


def test_a_share_of_a_category_is_for_its_people(cast):
    programme = published(cast, capacity=1)
    shared(cast, first_session(programme), 1, category="model_worker")
    assert states(booked(cast.officer, programme, 1)) == ["waiting"]
    model = make_member(cast.union, honour_level="municipal")
    assert states(booked(cast.officer, programme, model)) == ["booked"]


def test_who_may_use_less_chooses_first(cast):
    """Two of a group: one may have the category's place, the other the common one alone."""
    programme = published(cast, capacity=2)
    shared(cast, first_session(programme), 1, category="model_worker")
    model, plain = make_member(cast.union, honour_level="municipal"), make_member(cast.union)
    assert states(booked(cast.officer, programme, model, plain)) == ["booked", "booked"]


def test_shares_above_the_capacity_and_twice_are_refused(cast):
    session = first_session(published(cast, capacity=2))
    with pytest.raises(Refused, match="只有 2 个空余名额"):
        shared(cast, session, 3)
    shared(cast, session, 1)
    with pytest.raises(Refused, match="已经为它留过"):
        shared(cast, session, 1)
    with pytest.raises(Refused, match="一个单位或一个类别"):
        add_share(session, places=1, by=cast.platform_admin)
    with pytest.raises(Refused, match="本级以下"):
        shared(cast, session, 1, union=cast.union)
    with pytest.raises(Refused, match="管理员"):
        add_share(session, union=cast.bureau, places=1, by=cast.district_admin)
    late = live(session.programme).deadline + timedelta(seconds=1)
    with pytest.raises(Refused, match="不能晚于截止时间"):
        shared(cast, session, 1, union=cast.bureau, held_until=late)


def test_places_are_moved_between_shares_on_record(cast):
    programme = published(cast, capacity=2)
    session = first_session(programme)
    share = shared(cast, session, 2)
    waiting = booked(cast.far_officer, programme, 1)
    with pytest.raises(Refused, match="只有 2 个空余"):
        move_places(session, origin=share, target=share_of(session), places=3, reason="", by=cast.platform_admin)
    move_places(session, origin=share, target=share_of(session), places=1, reason="区里用不完", by=cast.platform_admin)
    assert states(waiting) == ["offered"]
    moved = ShareMove.objects.latest("pk")
    assert (moved.origin, moved.places, moved.reason, moved.by) == (share, 1, "区里用不完", cast.platform_admin)


def test_a_cancelled_session_lets_everybody_go(cast):
    programme = published(cast, capacity=(1, 1))
    first, second = booked(cast.officer, programme, 1), booked(cast.neighbour_officer, programme, 1)
    session = first_session(programme)
    cancel_session(session, reason="酒店停业", by=cast.platform_admin)
    assert states(first) == states(second) == ["ended"]
    assert live(session).taken == 0
    assert "酒店停业" in Announcement.objects.get().body
    with pytest.raises(Refused, match="已经取消"):
        cancel_session(session, reason="酒店停业", by=cast.platform_admin)
    with pytest.raises(Refused, match="已经取消"):
        booked(cast.officer, session, 1)
    assert states(booked(cast.officer, Session.objects.latest("pk"), 1)) == ["booked"]


def test_moved_days_are_told_and_clash_with_nothing(cast):
    programme = published(cast)
    session = first_session(programme)
    member = make_member(cast.union)
    booked(cast.officer, programme, member)
    other = published(cast, title="另一个")
    Session.objects.filter(programme=other).update(
        begins_on=session.begins_on + timedelta(days=20), ends_on=session.ends_on + timedelta(days=20)
    )
    other_session = first_session(other)
    booked(cast.officer, other, member)
    with pytest.raises(Refused, match="时间冲突"):
        edit_session(other_session, begins_on=session.begins_on, ends_on=session.ends_on, by=cast.platform_admin)
    edit_session(
        other_session, begins_on=session.begins_on + timedelta(days=6), ends_on=session.ends_on + timedelta(days=6),
        by=cast.platform_admin,
    )  # fmt: skip
    assert "改为" in Announcement.objects.get().body
    early = timezone.localdate() + timedelta(days=3)
    with pytest.raises(Refused, match="应早于最早班次"):
        edit_session(other_session, begins_on=early, ends_on=early, by=cast.platform_admin)


def test_what_is_freed_in_a_share_stays_in_it(cast):
    programme = published(cast, capacity=2)
    session = first_session(programme)
    share = shared(cast, session, 2)
    booking = booked(cast.officer, programme, 2)
    withdraw_places(ids(booking)[:1], by=cast.officer)
    assert (live(share).capacity, live(share).taken) == (2, 1)
    assert states(booked(cast.far_officer, programme, 1)) == ["waiting"]

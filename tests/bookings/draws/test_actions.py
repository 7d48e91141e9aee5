"""Bookings are collected, the list is closed, lots are drawn once, and anybody draws them again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from gmssl import func, sm3

from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.draws.lots import digest_of_list, digest_of_seed, drawn, lot
from gonghui.bookings.due.actions import settle_due
from gonghui.bookings.models import Announcement, Booking, Draw, DrawLine, LedgerEntry, Place, Programme, WaitingEntry
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.sessions.actions import set_capacity
from gonghui.bookings.states import Phase
from gonghui.kit.errors import Refused
from tests.bookings.stories import booked, first_session, ids, published, reached, states
from tests.factories import live, make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db


def collecting(cast: Cast, *, capacity: int = 2, **values) -> Programme:
    until = timezone.now() + timedelta(days=10)
    return published(cast, capacity=capacity, allocation="draw", collects_until=until, **values)


def closed(programme: Programme) -> Draw:
    reached(live(programme).collects_until)
    settle_due()
    return Draw.objects.get(programme=programme)


def test_until_the_time_bookings_are_collected_and_hold_no_place(cast):
    programme = collecting(cast, capacity=1)
    bookings = [booked(user, programme, 1) for user in (cast.officer, cast.neighbour_officer)]
    assert [states(one) for one in bookings] == [["applied"], ["applied"]]
    assert first_session(programme).taken == 0
    with pytest.raises(Refused, match="到时才能抽签"):
        run_draw(programme, by=cast.platform_admin)
    reached(programme.collects_until)
    assert live(programme).phase == Phase.DRAWING
    with pytest.raises(Refused, match="等待抽签"):
        booked(cast.far_officer, programme, 1)


def test_the_digests_come_before_the_seed(cast):
    programme = collecting(cast)
    before = Draw.objects.get()
    assert (len(before.seed_digest), before.list_digest, before.seed) == (64, "", "")
    bookings = [booked(user, programme, 1) for user in (cast.officer, cast.neighbour_officer)]
    draw = closed(programme)
    assert draw.list_digest == digest_of_list((one.number, 1) for one in bookings)
    assert draw.seed == ""
    draw = run_draw(programme, by=cast.platform_admin)
    assert digest_of_seed(draw.seed) == before.seed_digest


def test_anybody_draws_the_lots_again(cast):
    """By another library, from what is published: numbers, tiers, the seed."""
    programme = collecting(cast, capacity=3)
    for user in [cast.officer, cast.neighbour_officer, cast.far_officer] * 3:
        booked(user, programme, 1)
    closed(programme)
    draw = run_draw(programme, by=cast.platform_admin)
    lines = {line.booking.number: line for line in DrawLine.objects.select_related("booking")}
    macs = {number: _hmac_sm3(bytes.fromhex(draw.seed), number.encode()) for number in lines}
    ranked = sorted(lines, key=lambda number: (lines[number].tier, macs[number]))
    assert [lines[number].rank for number in ranked] == list(range(1, 10))
    assert ranked == [number for number, *_ in drawn(draw.seed, [(number, 1) for number in lines])]
    won = Booking.objects.filter(places__state="booked").order_by("draw_line__rank")
    assert [one.number for one in won] == ranked[:3]
    line = WaitingEntry.objects.order_by("turn").select_related("booking")
    assert [one.booking.number for one in line] == ranked[3:]


def _hmac_sm3(key: bytes, message: bytes) -> str:
    """RFC 2104, as ten lines of anybody's would do it."""
    key = key.ljust(64, b"\0")
    inner = sm3.sm3_hash(func.bytes_to_list(bytes(one ^ 0x36 for one in key) + message))
    return sm3.sm3_hash(func.bytes_to_list(bytes(one ^ 0x5C for one in key) + bytes.fromhex(inner)))


def test_the_lot_is_the_hmac_of_the_number():
    assert lot("00" * 32, "B00000001") == _hmac_sm3(bytes(32), b"B00000001")


def test_drawn_once_and_by_the_publisher(cast):
    programme = collecting(cast)
    booked(cast.officer, programme, 1)
    closed(programme)
    with pytest.raises(Refused, match="管理员"):
        run_draw(programme, by=cast.district_admin)
    run_draw(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="只抽一次"):
        run_draw(programme, by=cast.platform_admin)
    with pytest.raises(Refused, match="不是抽签的项目"):
        run_draw(published(cast, title="先到先得"), by=cast.platform_admin)


def test_who_has_never_been_comes_first_and_a_colleague_does_not_slip_in(cast):
    programme = collecting(cast, capacity=1, tiers=[{"kind": "never_been"}, {"kind": "years_since", "years": 3}])
    year = programme.begins_on.year
    lately, long_ago, never = (make_member(cast.union) for _ in range(3))
    for member, since in ((lately, 1), (long_ago, 4)):
        _been(member, year - since)
    bookings = [booked(cast.officer, programme, one) for one in (lately, long_ago, never)]
    mixed = booked(cast.officer, programme, make_member(cast.union), _been(make_member(cast.union), year - 1))
    closed(programme)
    tiers = [DrawLine.objects.get(booking=one).tier for one in (*bookings, mixed)]
    assert tiers == [3, 2, 1, 3]
    run_draw(programme, by=cast.platform_admin)
    assert [states(one) for one in bookings] == [["waiting"], ["waiting"], ["booked"]]


def _been(member, year: int):
    from uuid import uuid4

    LedgerEntry.objects.create(member=member, kind="recuperation", title="往年", year=year, loaded=uuid4())
    return member


def test_a_group_that_does_not_fit_is_passed_and_first_in_the_line(cast):
    programme = collecting(cast, capacity=3, tiers=[{"kind": "model_worker"}])
    models = [make_member(cast.union, honour_level="national") for _ in range(4)]
    group = booked(cast.officer, programme, *models[:2])
    second = booked(cast.officer, programme, *models[2:])
    single = booked(cast.neighbour_officer, programme, 1)
    closed(programme)
    run_draw(programme, by=cast.platform_admin)
    assert sorted([states(group), states(second)]) == [["booked"] * 2, ["waiting"] * 2]
    assert states(single) == ["booked"]
    waiting = second if states(group) == ["booked"] * 2 else group
    withdraw_places(ids(single), by=cast.neighbour_officer)
    assert states(waiting) == ["waiting"] * 2  # one place is too little, and kept for them
    set_capacity(first_session(programme), 4, by=cast.platform_admin)
    assert states(waiting) == ["offered"] * 2
    assert wrong_counts() == []


def test_who_does_not_wish_to_wait_is_out(cast):
    programme = collecting(cast, capacity=1)
    for _ in range(2):
        booked(cast.officer, programme, 1, waits=False)
    closed(programme)
    run_draw(programme, by=cast.platform_admin)
    assert sorted(Place.objects.values_list("state", "ended_for")) == [("booked", ""), ("ended", "not_drawn")]
    assert Announcement.objects.get().unions == [cast.union.pk]


def test_who_has_withdrawn_is_not_in_the_list(cast):
    programme = collecting(cast)
    withdraw_places(ids(booked(cast.officer, programme, 1)), by=cast.officer)
    closed(programme)
    assert not DrawLine.objects.exists()
    run_draw(programme, by=cast.platform_admin)

"""Groups are booked, wait, are offered places, change and withdraw: each rule succeeds, and is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gonghui.bookings.models import Booking, Place, Programme, Session
from gonghui.bookings.places.actions import (
    accept_offer,
    change_session,
    decline_offer,
    substitute,
    withdraw_places,
)
from gonghui.bookings.places.people import Guest
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.tasks import confirm_booking
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.bookings.stories import booked, first_session, ids, later, open_offer, published, reached, states
from tests.factories import live, make_member, resident_id

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _numbers_are_true(db):
    yield
    assert wrong_counts() == []


def test_a_group_is_booked(cast):
    programme = published(cast, capacity=3)
    booking = booked(cast.officer, programme, 2)
    assert states(booking) == ["booked", "booked"]
    assert first_session(programme).taken == 2
    for _ in range(2):
        confirm_booking(booking.pk)
    assert "2 人已约上" in Notice.objects.get(user=cast.officer, title__contains="预约已提交").body


def test_the_same_form_sent_again_answers_with_its_booking(cast):
    programme, key = published(cast, capacity=3), uuid4()
    member = make_member(cast.union)
    first = booked(cast.officer, programme, member, key=key)
    assert booked(cast.officer, programme, member, key=key) == first
    assert Booking.objects.count() == 1
    assert first_session(programme).taken == 1


def test_nobody_books_twice_in_a_programme(cast):
    programme = published(cast, capacity=3)
    member = make_member(cast.union)
    booked(cast.officer, programme, member)
    with pytest.raises(Refused, match="已在这个项目中预约"):
        booked(cast.officer, programme, member)


def test_nobody_is_in_two_programmes_at_one_time(cast):
    member = make_member(cast.union)
    booked(cast.officer, published(cast), member)
    with pytest.raises(Refused, match="同一时间只能参加一个班次"):
        booked(cast.officer, published(cast, title="另一个"), member)


def test_one_second_before_the_opening_it_is_closed(cast):
    programme = published(cast)
    Programme.objects.update(opens_at=timezone.now() + timedelta(seconds=1))
    with pytest.raises(Refused, match="以平台时间为准"):
        booked(cast.officer, programme, 1)
    later(timedelta(seconds=1))
    assert states(booked(cast.officer, programme, 1)) == ["booked"]


def test_after_the_deadline_nobody_books(cast):
    programme = published(cast)
    reached(programme.deadline)
    with pytest.raises(Refused, match="已经截止"):
        booked(cast.officer, programme, 1)


def test_the_member_of_another_union_is_not_booked(cast):
    with pytest.raises(Refused, match="不是本工会会员"):
        booked(cast.officer, published(cast), make_member(cast.neighbour))


def test_only_officers_book(cast):
    member = make_member(cast.union)
    for user in (cast.reviewer, cast.platform_admin, cast.newcomer):
        with pytest.raises(Refused, match="经办人"):
            booked(user, published(cast), member)


def test_forty_for_thirty_nine_places(cast):
    programme = published(cast, capacity=39)
    with pytest.raises(Refused, match="还有 39 个名额"):
        booked(cast.officer, programme, 40, waits=False)
    assert first_session(programme).taken == 0
    with pytest.raises(Refused, match="一共只有 39 个名额"):
        booked(cast.officer, programme, 40)
    booking = booked(cast.officer, programme, 40, mode="as_many")
    assert states(booking) == ["booked"] * 39 + ["waiting"]


def test_as_many_as_fit_leaves_the_rest_out_when_it_does_not_wait(cast):
    booking = booked(cast.officer, published(cast, capacity=2), 3, mode="as_many", waits=False)
    assert states(booking) == ["booked", "booked"]


def test_families_go_together(cast):
    programme = published(cast, capacity=3, guests_max=2)
    guest = Guest("李家属", "resident_id", resident_id(1), "spouse")
    assert states(booked(cast.officer, programme, 1)) == ["booked"]
    booking = booked(cast.officer, programme, 2, mode="as_many", guests=[guest])
    assert states(booking) == ["booked", "booked", "waiting"]
    place = Place.objects.get(booking=booking, member=None)
    assert place.document_number == resident_id(1)
    assert str(place) == "李家属（配偶）"


def test_a_guest_is_nobody_who_is_booked_already(cast):
    programme = published(cast, capacity=5, guests_max=2)
    member = make_member(cast.union)
    booked(cast.officer, programme, member)
    guest = Guest(member.name, "resident_id", member.document_number)
    with pytest.raises(Refused, match="已在这个项目中预约"):
        booked(cast.officer, programme, 1, guests=[guest])


def test_no_guests_where_the_programme_has_none(cast):
    with pytest.raises(Refused, match="不能带家属"):
        booked(cast.officer, published(cast), 1, guests=[Guest("李家属", "resident_id", resident_id(1))])
    with pytest.raises(Refused, match="家属「李家属」"):
        booked(cast.officer, published(cast, guests_max=1), 1, guests=[Guest("李家属", "resident_id", "123")])


def test_a_freed_place_is_offered_to_the_first_in_the_line(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    third = booked(cast.far_officer, programme, 1)
    assert [states(one) for one in (second, third)] == [["waiting"], ["waiting"]]
    withdraw_places(ids(first), by=cast.officer)
    assert [states(one) for one in (first, second, third)] == [["ended"], ["offered"], ["waiting"]]
    assert first_session(programme).taken == 1
    notice = Notice.objects.get(user=cast.neighbour_officer, title__contains="候补到 1 个名额")
    accept_offer(open_offer(second), by=cast.neighbour_officer)
    assert states(second) == ["booked"]
    assert live(notice).read_at


def test_nobody_overtakes_the_line(cast):
    """The place that is free is too little for the first; who comes later waits behind."""
    programme = published(cast, capacity=3)
    booked(cast.officer, programme, 2)
    large = booked(cast.neighbour_officer, programme, 2)
    small = booked(cast.far_officer, programme, 1)
    assert (states(large), states(small)) == (["waiting", "waiting"], ["waiting"])


def test_a_group_that_may_be_split_takes_what_there_is(cast):
    programme = published(cast, capacity=2)
    first = booked(cast.officer, programme, 2)
    large = booked(cast.neighbour_officer, programme, 2, splittable=True)
    withdraw_places(ids(first)[:1], by=cast.officer)
    assert states(large) == ["offered", "waiting"]


def test_a_group_that_wished_for_all_and_may_be_split_is_offered_what_there_is(cast):
    programme = published(cast, capacity=4)
    booked(cast.officer, programme, 1)
    assert states(booked(cast.neighbour_officer, programme, 4, splittable=True)) == ["offered"] * 3 + ["waiting"]


def test_for_who_does_not_wait_nothing_is_kept(cast):
    """The family of three does not fit; the colleague behind does."""
    programme = published(cast, capacity=2, guests_max=2)
    family = [Guest("李家属", "resident_id", resident_id(number)) for number in (1, 2)]
    booking = booked(cast.officer, programme, 2, mode="as_many", waits=False, guests=family)
    assert states(booking) == ["booked"]


def test_where_groups_may_be_passed_the_next_is_asked(cast):
    programme = published(cast, capacity=2, large_groups="passed")
    first = booked(cast.officer, programme, 2)
    large = booked(cast.neighbour_officer, programme, 2)
    small = booked(cast.far_officer, programme, 1)
    withdraw_places(ids(first)[:1], by=cast.officer)
    assert (states(large), states(small)) == (["waiting", "waiting"], ["offered"])


def test_who_declines_lets_the_next_have_it(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    third = booked(cast.far_officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    offer = open_offer(second)
    decline_offer(offer, by=cast.neighbour_officer)
    assert (states(second), states(third)) == (["ended"], ["offered"])
    with pytest.raises(Refused, match="已失效"):
        accept_offer(offer, by=cast.neighbour_officer)


def test_an_offer_is_answered_once_in_time_by_its_officer(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    offer = open_offer(second)
    with pytest.raises(Refused, match="经办人"):
        accept_offer(offer, by=cast.officer)
    later(offer.ends_at - timezone.now())
    with pytest.raises(Refused, match="确认已于"):
        accept_offer(offer, by=cast.neighbour_officer)
    later(timedelta(minutes=-1))
    accept_offer(offer, by=cast.neighbour_officer)
    with pytest.raises(Refused, match="无需再次操作"):
        accept_offer(offer, by=cast.neighbour_officer)


def test_no_offer_after_the_deadline(cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    reached(programme.deadline)
    withdraw_places(ids(first), reason="家中有事", cost_note="扣 200 元", by=cast.officer)
    assert states(second) == ["waiting"]


def test_an_offer_ends_at_the_deadline_at_the_latest(cast):
    programme = published(cast, capacity=1, offer_hours=720, deadline=timezone.now() + timedelta(days=20))
    first = booked(cast.officer, programme, 1)
    second = booked(cast.neighbour_officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    assert open_offer(second).ends_at == programme.deadline


def test_a_late_withdrawal_needs_reason_and_costs(cast):
    programme = published(cast, capacity=1)
    booking = booked(cast.officer, programme, 1)
    reached(programme.deadline)
    with pytest.raises(Refused, match="退出原因"):
        withdraw_places(ids(booking), by=cast.officer)
    with pytest.raises(Refused, match="费用处理"):
        withdraw_places(ids(booking), reason="生病", by=cast.officer)
    (place,) = withdraw_places(ids(booking), reason="生病", cost_note="已退费", by=cast.officer)
    assert (place.reason, place.cost_note) == ("生病", "已退费")
    assert Notice.objects.filter(user=cast.platform_admin, title__contains="截止后有人退出").exists()


def test_withdrawn_once_and_by_its_officer(cast):
    booking = booked(cast.officer, published(cast), 1)
    with pytest.raises(Refused, match="经办人"):
        withdraw_places(ids(booking), by=cast.neighbour_officer)
    withdraw_places(ids(booking), by=cast.officer)
    with pytest.raises(Refused, match="已经退出"):
        withdraw_places(ids(booking), by=cast.officer)


def test_guests_withdraw_with_their_member(cast):
    programme = published(cast, capacity=3, guests_max=1)
    booking = booked(cast.officer, programme, 1, guests=[Guest("李家属", "resident_id", resident_id(1))])
    withdraw_places(ids(booking)[:1], by=cast.officer)
    assert states(booking) == ["ended", "ended"]
    assert first_session(programme).taken == 0


def test_a_colleague_takes_the_place(cast):
    programme = published(cast, capacity=1)
    booking = booked(cast.officer, programme, 1)
    waiting = booked(cast.neighbour_officer, programme, 1)
    colleague = make_member(cast.union)
    new = substitute(Place.objects.get(pk=ids(booking)[0]), colleague.pk, by=cast.officer)
    assert (new.state, new.member) == ("booked", colleague)
    assert sorted(states(booking)) == ["booked", "ended"]
    assert states(waiting) == ["waiting"]
    with pytest.raises(Refused, match="不能换人"):
        substitute(Place.objects.get(pk=ids(booking)[0]), make_member(cast.union).pk, by=cast.officer)
    with pytest.raises(Refused, match="经办人"):
        substitute(new, make_member(cast.union).pk, by=cast.neighbour_officer)


def test_a_session_is_changed_in_one_step(cast):
    programme = published(cast, capacity=(1, 1))
    first, second = Session.objects.order_by("pk")
    booking = booked(cast.officer, programme, 1)
    waiting = booked(cast.neighbour_officer, programme, 1)
    change_session(ids(booking), second, by=cast.officer)
    assert [one.taken for one in Session.objects.order_by("pk")] == [1, 1]
    assert Place.objects.get(booking=booking).session == second
    assert states(waiting) == ["offered"]
    assert first.pk == waiting.session_id


def test_a_change_of_session_without_room_leaves_the_old_place(cast):
    programme = published(cast, capacity=(1, 1))
    _, second = Session.objects.order_by("pk")
    booking = booked(cast.officer, programme, 1)
    booked(cast.neighbour_officer, second, 1)
    with pytest.raises(Refused, match="原来的名额保持不变"):
        change_session(ids(booking), second, by=cast.officer)
    assert Place.objects.get(booking=booking).session == first_session(programme)
    with pytest.raises(Refused, match="已经在班次"):
        change_session(ids(booking), first_session(programme), by=cast.officer)
    with pytest.raises(Refused, match="经办人"):
        change_session(ids(booking), second, by=cast.neighbour_officer)

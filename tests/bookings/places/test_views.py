"""An officer books a group in two steps and changes what is booked; what was typed outlasts a refusal."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.models import Booking, Offer, Place, Programme
from gonghui.bookings.places.actions import withdraw_places
from gonghui.members.models import Member
from tests.bookings.stories import begun, booked, first_session, ids, open_offer, published, states
from tests.factories import make_member
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client, cast: Cast):
    client.force_login(cast.officer)
    return client


def typed(programme: Programme, *members: Member, **more) -> dict:
    return {
        "person": [member.pk for member in members],
        "session": first_session(programme).pk,
        "mode": "all",
        "waits": "on",
        "key": str(uuid4()),
        "confirmed": "1",
    } | more


def book(client, programme: Programme, data: dict):
    return client.post(reverse("bookings:book", args=[programme.pk]), data)


def test_the_ticked_members_are_shown_with_the_sessions_and_nothing_is_booked_yet(officer, cast):
    programme, member = published(cast), make_member(cast.union)
    shown = book(officer, programme, {"person": [member.pk]})
    assert shown.status_code == 200
    assert "够，提交即占 1 个" in shown.text
    assert not Booking.objects.exists()


def test_a_group_is_booked_and_its_page_says_so(officer, cast):
    programme, members = published(cast), [make_member(cast.union) for _ in range(2)]
    done = officer.post(reverse("bookings:book", args=[programme.pk]), typed(programme, *members), follow=True)
    assert "已约上 2 人。" in done.text
    assert states(Booking.objects.get()) == ["booked", "booked"]
    assert 'data-forget-ticks="person"' in done.text


def test_the_same_form_sent_twice_is_one_booking(officer, cast):
    programme, data = published(cast), {}
    data = typed(programme, make_member(cast.union))
    first, second = book(officer, programme, data), book(officer, programme, data)
    assert first.url == second.url
    assert Booking.objects.count() == 1


def test_what_was_typed_is_still_there_after_a_refusal(officer, cast):
    programme = published(cast, rules=[("front_line", {})], guests_max=1, guest_price=900)
    member = make_member(cast.union)
    data = typed(programme, member, **{f"guest-{member.pk}-0-name": "李家属", f"guest-{member.pk}-0-document": "12345"})
    refused = book(officer, programme, data)
    assert refused.status_code == 422
    text = " ".join(refused.text.split())
    assert "不符合条件" in text
    assert 'value="李家属"' in text
    assert 'value="12345"' in text
    data[f"stated-{member.pk}"] = ["front_line"]
    wrong = book(officer, programme, data)
    assert "家属「李家属」" in wrong.text, "now the rule is met, the guest's number is told"
    assert not Booking.objects.exists()


def test_who_is_not_drawn_waits_if_the_officer_has_wished_so(officer, cast):
    """The page asks for it as of any programme."""
    programme = published(cast, capacity=1, allocation="draw", collects_until=timezone.now() + timedelta(days=10))
    members = [make_member(cast.union) for _ in range(3)]
    shown = book(officer, programme, {"person": [member.pk for member in members]}).text
    assert re.search(r'<input[^>]*name="waits"[^>]*checked', shown)
    wishing, leaving = typed(programme, *members[:2]), typed(programme, members[2])
    del leaving["waits"]
    bookings = [
        Booking.objects.get(pk=book(officer, programme, data).url.split("/")[-2]) for data in (wishing, leaving)
    ]
    Programme.objects.filter(pk=programme.pk).update(collects_until=timezone.now() - timedelta(minutes=1))
    run_draw(programme, by=cast.platform_admin)
    assert set(states(bookings[0])) == {"waiting"}
    assert states(bookings[1]) in (["booked"], ["ended"])


def test_a_wrong_state_lists_no_booking_and_says_so(officer, cast):
    booking = booked(cast.officer, published(cast), 1)
    answer = officer.get(reverse("bookings:booked"), {"state": "gone"})
    assert answer.status_code == 422
    assert booking.number not in answer.text


def test_no_session_chosen_is_told_at_the_field(officer, cast):
    programme, member = published(cast), make_member(cast.union)
    refused = book(officer, programme, typed(programme, member, session=""))
    assert refused.status_code == 422
    assert "请选择班次。" in refused.text


def test_a_group_larger_than_the_session_waits_or_is_refused_with_the_number(officer, cast):
    programme, members = published(cast), [make_member(cast.union) for _ in range(3)]
    data = typed(programme, *members)
    del data["waits"]
    refused = book(officer, programme, data)
    assert "还有 2 个名额" in refused.text
    done = officer.post(
        reverse("bookings:book", args=[programme.pk]), data | {"mode": "as_many", "waits": "on"}, follow=True
    )
    assert "已约上 2 人，候补 1 人" in done.text


def test_somebody_is_removed_before_it_is_sent(officer, cast):
    programme, members = published(cast), [make_member(cast.union) for _ in range(2)]
    shown = book(officer, programme, typed(programme, *members) | {"remove": members[0].pk})
    assert shown.status_code == 200
    assert not Booking.objects.exists()
    assert f'name="person" value="{members[1].pk}"' in shown.text
    assert f'name="person" value="{members[0].pk}"' not in shown.text


def test_another_unions_member_is_not_booked(officer, cast):
    programme, stranger = published(cast), make_member(cast.neighbour)
    answer = book(officer, programme, typed(programme, stranger))
    assert answer.status_code == 302
    assert not Place.objects.exists()


def test_a_superior_and_a_newcomer_do_not_book(client, cast):
    programme, member = published(cast), make_member(cast.union)
    for user, status in ((cast.reviewer, 403), (cast.newcomer, 403)):
        client.force_login(user)
        assert book(client, programme, typed(programme, member)).status_code == status
    assert not Place.objects.exists()


def test_the_list_tells_what_is_booked_waits_and_is_offered(officer, cast):
    programme = published(cast)
    first = booked(cast.neighbour_officer, programme, 2)
    mine = booked(cast.officer, programme, 1)
    page = officer.get(reverse("bookings:booked"))
    assert "候补中" in page.text
    assert first.number not in page.text
    withdraw_places(ids(first)[:1], by=cast.neighbour_officer)
    assert "有名额，待确认" in officer.get(reverse("bookings:booked")).text
    assert mine.number in officer.get(reverse("bookings:booked") + "?state=offered").text
    assert mine.number not in officer.get(reverse("bookings:booked") + "?state=booked").text


def test_an_offer_is_accepted_once_and_a_second_click_is_told(officer, cast):
    programme = published(cast, capacity=1)
    first, mine = booked(cast.neighbour_officer, programme, 1), booked(cast.officer, programme, 1)
    withdraw_places(ids(first), by=cast.neighbour_officer)
    offer = open_offer(mine)
    assert "请在" in officer.get(reverse("bookings:booking", args=[mine.pk])).text
    done = officer.post(reverse("bookings:answer", args=[offer.pk]), {"accept": "1"}, follow=True)
    assert "已确认" in done.text
    assert states(mine) == ["booked"]
    again = officer.post(reverse("bookings:answer", args=[offer.pk]), {"accept": "1"})
    assert again.status_code == 409
    assert "确认" in again.text


def test_an_offer_of_another_union_is_not_found_and_one_may_decline(officer, cast):
    programme = published(cast, capacity=1)
    first = booked(cast.officer, programme, 1)
    other, mine = booked(cast.neighbour_officer, programme, 1), booked(cast.officer, programme, 1)
    withdraw_places(ids(first), by=cast.officer)
    theirs = open_offer(other)
    assert officer.post(reverse("bookings:answer", args=[theirs.pk]), {"accept": "1"}).status_code == 404
    Offer.objects.filter(pk=theirs.pk).update(ends_at=timezone.now() + timedelta(days=1))
    officer.force_login(cast.neighbour_officer)
    officer.post(reverse("bookings:answer", args=[theirs.pk]), {"decline": "1"})
    assert states(other) == ["ended"]
    assert states(mine) == ["offered"]


def test_people_withdraw_freely_before_the_deadline_and_with_a_reason_after_it(officer, cast):
    programme = published(cast)
    booking = booked(cast.officer, programme, 2)
    address = reverse("bookings:withdraw", args=[booking.pk])
    first, second = ids(booking)
    assert "不收费" in officer.post(address, {"person": [first]}).text
    done = officer.post(address, {"person": [first], "confirmed": "1"}, follow=True)
    assert "1 人已退出" in done.text
    Programme.objects.filter(pk=programme.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    refused = officer.post(address, {"person": [second], "confirmed": "1", "reason": "生病"})
    assert refused.status_code == 422
    assert 'value="生病"' in refused.text
    officer.post(address, {"person": [second], "confirmed": "1", "reason": "生病", "cost_note": "个人承担"})
    assert states(booking) == ["ended", "ended"]


def test_people_change_the_session_in_one_step(officer, cast):
    programme = published(cast, capacity=[2, 1])
    booking = booked(cast.officer, programme, 2)
    other = programme.sessions.exclude(pk=first_session(programme).pk).get()
    address = reverse("bookings:change", args=[booking.pk])
    assert str(other) in officer.post(address, {"person": ids(booking)}).text
    refused = officer.post(address, {"person": ids(booking), "confirmed": "1", "session": other.pk})
    assert refused.status_code == 422
    assert "原来的名额保持不变" in refused.text
    officer.post(address, {"person": ids(booking)[:1], "confirmed": "1", "session": other.pk})
    assert [place.session_id for place in Place.objects.order_by("order")].count(other.pk) == 1


def test_a_colleague_takes_the_place(officer, cast):
    booking, colleague = booked(cast.officer, published(cast), 1), make_member(cast.union)
    address = reverse("bookings:substitute", args=ids(booking))
    wrong = officer.post(address, {"number": "9999999999"})
    assert wrong.status_code == 422
    assert "没有这个会员编号" in wrong.text
    officer.post(address, {"number": colleague.number})
    assert Place.objects.get(booking=booking, state="booked").member == colleague


def test_a_no_show_is_contested(officer, cast):
    programme = published(cast)
    booking = booked(cast.officer, programme, 1)
    begun(programme)
    mark_places(ids(booking), came=False, by=cast.platform_admin)
    address = reverse("bookings:contest", args=ids(booking))
    assert officer.post(address, {"text": ""}).status_code == 422
    assert "已提交" in officer.post(address, {"text": "本人到场，签到漏登。"}, follow=True).text


def test_nothing_ticked_and_a_strangers_place_change_nothing(officer, cast):
    programme = published(cast)
    mine, theirs = booked(cast.officer, programme, 1), booked(cast.neighbour_officer, programme, 1)
    for name in ("withdraw", "change"):
        assert officer.post(reverse(f"bookings:{name}", args=[mine.pk]), {"person": ids(theirs)}).status_code == 409
        assert officer.post(reverse(f"bookings:{name}", args=[theirs.pk]), {"person": ids(theirs)}).status_code == 404
    for name in ("substitute", "contest"):
        assert officer.get(reverse(f"bookings:{name}", args=ids(theirs))).status_code == 404
    assert states(theirs) == ["booked"]


def test_a_superior_looks_and_changes_nothing(client, cast):
    booking = booked(cast.officer, published(cast), 1)
    client.force_login(cast.reviewer)
    page = client.get(reverse("bookings:booking", args=[booking.pk]))
    assert page.status_code == 200
    assert "退出</button>" not in page.text
    assert client.post(reverse("bookings:withdraw", args=[booking.pk]), {"person": ids(booking)}).status_code == 403


def test_the_list_asks_as_many_statements_for_ten_as_for_one(officer, cast, django_assert_max_num_queries):
    programme = published(cast, capacity=20)
    booked(cast.officer, programme, 1)
    officer.get(reverse("bookings:booked"))
    for _ in range(9):
        booked(cast.officer, programme, 1)
    with django_assert_max_num_queries(10):
        officer.get(reverse("bookings:booked"))

"""「会员参加记录」: the union's members with their last times, and one member's whole ledger."""

import pytest
from django.urls import reverse

from gonghui.bookings.marks.actions import mark_places
from tests.bookings.stories import begun, booked, ids, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def been(cast, *members) -> None:
    programme = published(cast, capacity=len(members))
    booking = booked(cast.officer, programme, *members)
    begun(programme)
    mark_places(ids(booking), came=True, by=cast.platform_admin)


def test_an_officer_sees_who_has_been_and_who_never(client, cast):
    goer, other = make_member(cast.union), make_member(cast.union)
    been(cast, goer)
    client.force_login(cast.officer)
    page = client.get(reverse("bookings:ledger")).text
    assert "莫干山疗休养" in page
    assert other.number in page
    never = client.get(reverse("bookings:ledger"), {"show": "recuperation"}).text
    assert other.number in never
    assert goer.number not in never


def test_a_members_page_has_day_money_and_union(client, cast):
    goer, other = make_member(cast.union), make_member(cast.union)
    been(cast, goer)
    client.force_login(cast.officer)
    page = " ".join(client.get(reverse("bookings:record", args=[goer.pk])).text.split())
    assert "市总工会 1,200 元" in page
    assert cast.union.name in page
    assert "还没有参加过" in client.get(reverse("bookings:record", args=[other.pk])).text


def test_another_unions_member_is_not_found_and_a_superior_is_refused(client, cast):
    stranger = make_member(cast.neighbour)
    client.force_login(cast.officer)
    assert client.get(reverse("bookings:record", args=[stranger.pk])).status_code == 404
    client.force_login(cast.reviewer)
    assert client.get(reverse("bookings:ledger")).status_code == 403


def test_the_list_asks_no_more_for_many_than_for_few(client, cast, django_assert_num_queries):
    make_member(cast.union)
    client.force_login(cast.officer)
    client.get(reverse("bookings:ledger"))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("bookings:ledger"))
    been(cast, *(make_member(cast.union) for _ in range(8)))
    with django_assert_num_queries(QUERIES):
        client.get(reverse("bookings:ledger"))


QUERIES = 6

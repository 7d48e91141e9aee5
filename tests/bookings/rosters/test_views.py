"""Who is in a programme: the list, marks, buses, signing in by the code of the sheet (SPEC 6.8, 6.9)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.states import PlaceState
from tests.bookings.stories import begun, booked, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


@pytest.fixture
def programme(cast) -> Programme:
    """Of the district, with two people of a union of its."""
    programme = published(cast, publisher=cast.district, by=cast.district_admin, capacity=10)
    booked(cast.officer, programme, make_member(cast.union, name="王小明"), make_member(cast.union, name="李小红"))
    return programme


def test_the_list_shows_masked_numbers_and_the_look_is_recorded(admin, cast, programme):
    page = admin.get(at("people", programme)).text
    assert "王小明" in page
    assert cast.union.name in page
    number = Place.objects.filter(member__name="王小明").get().member.document_number
    assert number not in page
    assert number[:4] + "*" in page
    assert Entry.objects.get(verb="roster.looked_at").data["count"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [({"union": "示例科技"}, 2), ({"union": "邻家"}, 0), ({"state": "waiting"}, 0), ({"bus": "1 号车"}, 0)],
)
def test_the_list_is_narrowed(admin, programme, query, found):
    assert len(admin.get(at("people", programme), query).context["page"].rows) == found


def test_a_list_of_many_people_asks_no_more_than_one_of_few(admin, cast, programme):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(at("people", programme))
        return len(queries)

    asked()
    few = asked()
    booked(cast.neighbour_officer, programme, 6)
    assert asked() == few


def test_who_came_and_who_did_not_is_marked_when_it_has_begun(admin, programme):
    first, second = Place.objects.order_by("pk")
    early = admin.post(at("mark", programme), {"place": first.pk, "do": "came"}, follow=True)
    assert "还没有开始" in early.text
    begun(programme)
    assert "已登记 1 人已参加" in admin.post(at("mark", programme), {"place": first.pk, "do": "came"}, follow=True).text
    assert "已通知所在工会" in admin.post(at("mark", programme), {"place": second.pk, "do": "absent"}, follow=True).text
    assert [place.state for place in Place.objects.order_by("pk")] == [PlaceState.ATTENDED, PlaceState.ABSENT]


def test_people_are_put_on_a_bus(admin, programme):
    ids = list(Place.objects.values_list("pk", flat=True))
    page = admin.post(at("mark", programme), {"place": ids, "do": "bus", "bus": "1 号车"}, follow=True)
    assert "已为 2 人安排车次" in page.text
    assert set(Place.objects.values_list("bus", flat=True)) == {"1 号车"}
    assert "请先勾选" in admin.post(at("mark", programme), {"do": "bus", "bus": "1 号车"}, follow=True).text


def test_people_of_another_programme_are_not_marked_by_this_ones_page(admin, cast, programme):
    other = published(cast, publisher=cast.district, by=cast.district_admin, title="另一个")
    place = Place.objects.get(booking=booked(cast.neighbour_officer, other, 1))
    admin.post(at("mark", programme), {"place": place.pk, "do": "bus", "bus": "1 号车"})
    place.refresh_from_db()
    assert place.bus == ""


def test_signing_in_by_the_code_is_done_once(admin, cast, client, programme):
    place = Place.objects.order_by("pk")[0]
    address = reverse("bookings:sign_in", args=[place.code])
    assert "还没有签到" in admin.get(address).text
    assert "王小明已签到" in admin.post(address, follow=True).text
    assert "无需再签" in admin.post(address, follow=True).text
    client.force_login(cast.reviewer)
    assert client.get(address).status_code == 403
    client.force_login(cast.far_officer)
    assert client.get(address).status_code == 404

"""Objections to 「未到」, which the publisher decides (SPEC 6.8)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.bookings.models import Contest, Place
from gonghui.bookings.programmes.desk import work
from gonghui.bookings.states import ContestState, PlaceState
from tests.bookings.things import Bookings

pytestmark = pytest.mark.django_db

LIST = reverse("bookings:contests")


@pytest.fixture
def contest(cast) -> Contest:
    things = Bookings()
    things.cast = cast
    return things.contest


def waiting(user) -> dict[str, int]:
    return {item.label: item.rows.count() for item in work(user)}


def test_an_objection_waits_on_the_desk_and_is_decided_once(client, cast, contest):
    client.force_login(cast.district_admin)
    assert waiting(cast.district_admin)["对未到的异议待处理"] == 1
    assert "当天到场" in client.get(LIST).text
    address = reverse("bookings:contest_decide", args=[contest.pk])
    assert client.post(address, {"decision": "yes", "answer": ""}).status_code == 422
    assert "已处理" in client.post(address, {"decision": "yes", "answer": "查实"}, follow=True).text
    assert Contest.objects.get().state == ContestState.UPHELD
    assert Place.objects.get(pk=contest.place_id).state == PlaceState.ATTENDED
    assert waiting(cast.district_admin)["对未到的异议待处理"] == 0
    assert "无需再处理" in client.post(address, {"decision": "no", "answer": "再议"}).text


def test_another_publisher_does_not_see_it(client, cast, contest):
    client.force_login(cast.bureau_admin)
    assert "当天到场" not in client.get(LIST).text
    assert client.get(reverse("bookings:contest_decide", args=[contest.pk])).status_code == 404
    client.force_login(cast.reviewer)
    assert client.get(LIST).status_code == 403


def test_a_list_of_many_asks_no_more_than_one_of_few(client, cast, contest):
    client.force_login(cast.district_admin)

    def asked() -> int:
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    few = asked()
    things = Bookings()
    things.cast = cast
    assert things.contest != contest
    assert asked() == few

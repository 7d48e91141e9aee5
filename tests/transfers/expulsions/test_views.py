"""「除名备案」: the list and the page of a superior (SPEC 3.10)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.accounts.hooks import worklist
from gonghui.transfers.models import Transfer
from tests.factories import make_member
from tests.transfers.expulsions.test_actions import expelled
from tests.transfers.stories import ended

pytestmark = pytest.mark.django_db

LIST = reverse("transfers:expulsions")


def test_the_street_acknowledges_from_its_list(cast, client):
    transfer = expelled(cast)
    client.force_login(cast.reviewer)
    page = client.get(LIST).content.decode()
    assert "除示例" in page
    assert transfer.document_number in page
    assert "待备案" in page
    answer = client.post(reverse("transfers:acknowledge"), {"expulsion": transfer.pk}, follow=True)
    assert "已备案 1 名会员的除名" in answer.content.decode()
    assert "除示例" not in client.get(LIST, {"state": "waiting"}).content.decode()
    assert "除示例" in client.get(LIST, {"state": "acknowledged"}).content.decode()


def test_who_may_only_look_has_no_button(cast, client):
    transfer = expelled(cast)
    for user in (cast.viewer, cast.district_admin):
        client.force_login(user)
        for address in (LIST, reverse("transfers:expulsion", args=[transfer.pk])):
            page = client.get(address).content.decode()
            assert "除示例" in page
            assert "btn-bulk" not in page
            assert 'name="expulsion"' not in page


def test_its_page_names_decision_and_union(cast, client):
    transfer = expelled(cast)
    client.force_login(cast.reviewer)
    page = client.get(reverse("transfers:expulsion", args=[transfer.pk])).content.decode()
    for text in (transfer.document_number, f"{transfer.document_on:%Y-%m-%d}", cast.union.name, "已备案"):
        assert text in page


def test_a_wrong_filter_lists_nobody(cast, client):
    expelled(cast)
    client.force_login(cast.reviewer)
    answer = client.get(LIST, {"state": "nonsense"})
    assert answer.status_code == 422
    assert "除示例" not in answer.content.decode()


def test_it_waits_on_the_front_page_of_the_direct_superior(cast):
    expelled(cast)

    def waiting(user) -> int:
        return sum(item.rows.count() for item in worklist(user) if item.label == "除名待备案")

    assert (waiting(cast.reviewer), waiting(cast.other_reviewer), waiting(cast.district_admin)) == (1, 0, 0)


def test_the_list_costs_the_same_however_long_it_is(cast, client):
    expelled(cast)
    client.force_login(cast.reviewer)
    client.get(LIST)
    with_one = _queries(client)
    for _ in range(3):
        ended(cast, make_member(cast.union), "expelled")
    assert Transfer.objects.count() == 4
    assert _queries(client) == with_one


def _queries(client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(LIST)
    return len(captured)

"""Every address without a session, (SPEC 1.3)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from tests import test_scope
from tests.addresses import TABLE
from tests.test_architecture import PUBLIC
from tests.world import LOGIN, NOBODY, Row, World, read, rolled_back

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

HERE = "http://testserver"
BEHIND_THE_LOGIN = [row for row in TABLE if row.expected[NOBODY] == LOGIN and row.name not in PUBLIC]


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Addresses to which a sign-in leads, each looked at once."""
    return set()


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("row", BEHIND_THE_LOGIN, ids=str)
def test_without_a_session_every_address_leads_back_to_a_page_that_can_be_looked_at(
    world: World, looked_at, row: Row, htmx: bool
):
    address = world.address(row)
    with rolled_back():
        for stood_on in (address, "/members/?size=20", ""):
            headers = {"hx-request": "true", "hx-current-url": HERE + stood_on} if htmx else {}
            headers |= {"referer": HERE + stood_on} if stood_on else {}
            response = getattr(Client(), row.method)(address, row.data, headers=headers)
            where = response["HX-Redirect"] if htmx else response.url
            assert response.status_code == (401 if htmx else 302)
            assert urlsplit(where).path == reverse("account_login")
            assert "<html" not in response.text
            after = parse_qs(urlsplit(where).query).get("next", ["/home/"])[0]
            if stood_on == "/members/?size=20" and (htmx or row.method == "post"):
                assert after == stood_on
            if after not in looked_at:
                looked_at.add(after)
                for who in ("officer", "reviewer", "platform_admin"):
                    assert read(world.client(who).get(after)).status_code != 405

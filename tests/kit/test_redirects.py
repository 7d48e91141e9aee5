"""Nobody else leads our users: where a Referer, ``next`` and a stored address are followed, and where they are not."""

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from gonghui.kit.redirects import SIGN_OUT, came_from, own_page
from gonghui.notices.models import Notice
from tests import test_scope
from tests.addresses import TABLE
from tests.factories import PASSWORD
from tests.world import LOGIN, World

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

OURS = "http://testserver"
PAGE = "/reviews/?tab=done"
SENT_ONLY = "/notices/read-all/"
HOSTILE = [
    "https://evil.example/",
    "//evil.example/reviews/",
    "///evil.example/reviews/",
    "http:///evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "\\\\evil.example\\reviews\\",
    "/\\evil.example/",
    f"{OURS}//evil.example/",
    f"{OURS}/\\evil.example",
    f"{OURS}@evil.example{PAGE}",
    f"http://testserver:secret@evil.example{PAGE}",
    f"http://somebody@testserver{PAGE}",
    f"http://testserver\\@evil.example{PAGE}",
    f"http://testserver.evil.example{PAGE}",
    f"http://testserver:8080{PAGE}",
    f"https://testserver{PAGE}",
    f"http://[::1{PAGE}",
    f"{OURS}/no/such/page/",
    f"{OURS}/accounts/logout/",
    "/accounts/logout/",
    f"{OURS}{SENT_ONLY}",
    SENT_ONLY,
    "portal",
    "",
]


def asking(method: str = "post", path: str = "/reviews/phrases/1/remove/", referer: str = ""):
    return getattr(RequestFactory(), method)(path, headers={"Referer": referer})


@pytest.mark.parametrize("address", HOSTILE)
def test_what_is_no_page_of_ours_is_not_followed(address):
    assert own_page(asking(), address) == ""
    assert came_from(asking(referer=address)) == ""


def test_a_page_of_ours_is_followed_without_scheme_and_host():
    assert own_page(asking(), OURS + PAGE) == PAGE
    assert own_page(asking(), f"{PAGE}#last") == f"{PAGE}#last"
    assert came_from(asking(referer=OURS + PAGE)) == PAGE


def test_a_page_that_refuses_does_not_lead_to_itself():
    assert came_from(asking("get", PAGE, referer=OURS + PAGE)) == ""
    assert came_from(asking("get", "/reviews/", referer=OURS + PAGE)) == PAGE


@pytest.mark.parametrize("row", [row for row in TABLE if row.method == "get"], ids=str)
def test_the_address_that_answers_a_look_is_the_one_that_is_followed(world: World, row):
    """For every address of ours: what answers 405, and the sign-out, are not led to; everything else is."""
    address = world.address(row)
    looked_at = (
        set(row.expected.values()) - {LOGIN} != {405} and resolve(address.partition("?")[0]).url_name != SIGN_OUT
    )
    assert own_page(asking(), f"{OURS}{address}") == (address if looked_at else "")


def refusing(world: World) -> tuple[Client, str, dict[str, str]]:
    """An act that an action refuses."""
    return world.client("viewer"), reverse("inspections:remind", args=[world.window.pk]), {}


def phrase(world: World) -> tuple[Client, str, dict[str, str]]:
    return world.client("reviewer"), reverse("reviews:remove_phrase", args=[world.phrase.pk]), {}


def reminder(world: World) -> tuple[Client, str, dict[str, str]]:
    return world.client("reviewer"), reverse("inspections:remind", args=[world.window.pk]), {}


@pytest.mark.parametrize("act", [refusing, phrase, reminder])
@pytest.mark.parametrize("referer", [*HOSTILE, OURS + PAGE])
def test_every_act_that_goes_back_goes_to_a_page_of_ours(world: World, act, referer):
    client, address, data = act(world)
    response = client.post(address, data, headers={"Referer": referer})
    if referer == OURS + PAGE:
        assert response.url == PAGE
    elif response.status_code == 302:
        assert response.url in (
            reverse("reviews:desk"),
            f"/inspections/windows/{world.window.pk}/?node={world.street.pk}&tab=left",
        )
    else:
        assert response.status_code == 409
        assert "Location" not in response


@pytest.mark.parametrize("address", [*HOSTILE, PAGE])
def test_who_signs_in_is_led_to_a_page_of_ours(world: World, address):
    form = {"login": world.cast.reviewer.email, "password": PASSWORD, "next": address}
    assert Client().post(reverse("account_login"), form).url == (PAGE if address == PAGE else reverse("home"))


@pytest.mark.parametrize("address", [*HOSTILE, PAGE])
def test_a_notice_leads_to_a_page_of_ours(world: World, address):
    notice = Notice.objects.create(user=world.cast.reviewer, title="通知", url=address)
    response = world.client("reviewer").post(reverse("notices:open", args=[notice.pk]))
    assert response.url == (PAGE if address == PAGE else reverse("notices:list"))


def test_whoever_is_sent_to_the_sign_in_from_an_act_comes_home(world: World):
    """The sign-in remembers the address that was asked for, which takes nothing but what is sent."""
    to = Client().post(SENT_ONLY)
    form = {"login": world.cast.reviewer.email, "password": PASSWORD}
    assert to.url.startswith(reverse("account_login"))
    assert Client().post(to.url, form).url == reverse("home")

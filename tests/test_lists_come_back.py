"""Every list is come back to as it was left (kit/lists.py)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory

from gonghui.kit import lists
from gonghui.kit.request import AnyRequest
from tests import test_scope
from tests.addresses import TABLE
from tests.test_architecture import QUERY_COUNTS, SOURCES
from tests.world import Row, World

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

FRAGMENTS = {"imports:progress"}
"""Parts of a page that htmx asks for again and again."""
LISTS = {row.name for row in TABLE if row.method == "get" and row.name in QUERY_COUNTS} - FRAGMENTS
ROWS = [row for row in TABLE if row.method == "get" and row.name in LISTS and 200 in row.statuses]


def back(world: World, who: str, client, path: str) -> str:
    """Where `{% list_url %}` leads."""
    request = RequestFactory().get("/home/")
    request.COOKIES = {name: cookie.value for name, cookie in client.cookies.items()}
    request.user = getattr(world.cast, who)
    return lists.lists_of(request).address(path)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_list_is_remembered_as_it_was_seen(world: World, row: Row):
    who = min(row.statuses[200] & set(vars(world.cast)), default="officer")
    client, path = world.client(who), world.address(row).partition("?")[0]
    query = world.address(row).partition("?")[2]
    left = f"{path}?{query}{'&' if query else ''}size=20&page=1"
    response = client.get(left)
    if not getattr(response.wsgi_request, "is_list", False):
        return  # there is nothing to list: a page in its place
    assert back(world, who, client, path) == left
    assert client.cookies[settings.LISTS_COOKIE_NAME]["httponly"]
    client.get(path)  # the menu
    assert back(world, who, client, path) in (path, left)
    assert back(world, "claimant", client, path) == path


def test_a_post_that_ends_on_a_list_ends_where_it_was_left(world: World):
    client = world.client("reviewer")
    left = "/accounts/users/?q=%E4%BA%94&size=20"
    client.get(left)
    assert client.post(f"/accounts/users/{world.account.pk}/disable/").url == left
    assert left.replace("&", "&amp;") in client.get(f"/accounts/users/{world.account.pk}/").text


def test_filters_that_are_taken_away_stay_away(world: World):
    client = world.client("officer")
    searched = client.post("/members/", {"name": "王"}).url
    client.get(searched)
    assert client.post("/members/", {}).url == "/members/"
    assert searched in client.get("/members/add/").text


def test_what_a_browser_changed_counts_for_nothing(world: World):
    client = world.client("officer")
    client.get("/members/?size=20")
    kept = client.cookies[settings.LISTS_COOKIE_NAME].value
    for forged in (kept[:-1] + ("a" if kept[-1] != "a" else "b"), "x", "", "é" * 10):
        client.cookies[settings.LISTS_COOKIE_NAME] = forged
        assert client.get("/members/add/").status_code == 200
        assert back(world, "officer", client, "/members/") == "/members/"


def test_the_cookie_stays_within_what_a_browser_takes(world: World):
    client = world.client("officer")
    for number in range(30):
        client.get(f"/members/?x={number:0700d}")
        client.get(f"/notices/?x={number:0900d}{'z' * 500}")
        client.get(f"/transfers/?{'x' * 2000}={number}")
        assert len(client.cookies[settings.LISTS_COOKIE_NAME].value) <= lists.MAX_BYTES
    assert back(world, "officer", client, "/transfers/").endswith("=29")


def test_the_tag_gives_the_plain_address_of_what_was_never_seen(world: World):
    request: AnyRequest = RequestFactory().get("/")  # type: ignore[assignment]
    request.user = world.cast.officer
    told = Template("{% list_url 'inspections:completion' 7 %}").render(Context({"request": request}))
    assert told == "/inspections/windows/7/" or told.endswith("7/")


def templates() -> list[Path]:
    return [path for path in SOURCES.rglob("templates/**/*.html") if "vendor" not in path.parts]


def test_breadcrumbs_and_ways_back_lead_to_lists_as_they_were_left():
    """`{% list_url %}` in every one; an address with a query of its own says itself what it shows."""
    wrong = []
    for path in templates():
        for line in path.read_text().splitlines():
            if 'class="crumbs"' in line or "返回</a>" in line or "取消</a>" in line:
                plain = re.findall(r"\{% url '([\w:]+)'[^%]*%\}(?!\?)", line)
                wrong += [f"{path.name}: {name}" for name in plain if name in LISTS]
    assert wrong == []

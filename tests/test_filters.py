"""A filter that is wrong lets nothing through: no list shows, and no export writes, more than was asked for.

Every list of the table is opened by everybody who may, and each of its filters is given what it cannot take.
"""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from gonghui.kit.forms import ListFilter
from gonghui.members.queries import Filters
from tests import test_scope
from tests.addresses import TABLE
from tests.world import Row, World

pytestmark = pytest.mark.django_db

signed_in, world = test_scope.signed_in, test_scope.world

SOURCES = Path(__file__).parent.parent / "src" / "gonghui"
WRONG = {"too long": "长" * 2000, "an option that is gone": "former", "no address of ours": "AAAA"}
SAID = "查询条件不正确，没有列出任何内容"
LISTS = [row for row in TABLE if row.method == "get" and 200 in row.expected.values()]
BY_HAND = {
    "page", "size", "near",  # which page: nonsense is the first one
    "tab", "group", "show", "section",  # which list
    "node", "union", "step", "level2",  # whose: another's is not found
    "back", "again", "fresh", "decided", "search", "way", "entrance", "into", "to", "code", "employer_name",  # of forms, not of lists
    "q",  # sealed, for Filters.read; the union tree asks whether there is one
    "state",  # an order shows who failed if nothing is asked for
}  # fmt: skip


def filters_in(context) -> ListFilter | Filters | None:
    """The page's filters, if it is a list."""
    found = context.get("filters") if context and "page" in context else None
    return found if isinstance(found, ListFilter | Filters) else None


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_a_wrong_filter_shows_nobody_and_says_so(world: World, row: Row):
    address = world.address(row)
    for who in sorted({status: who for who, status in row.expected.items() if status == 200}.values()):
        client = world.client(who)
        filters = filters_in(client.get(address).context)
        names = [] if filters is None else ["q"] if isinstance(filters, Filters) else list(filters.fields)
        for name in (name for name in names if name != "tab"):
            for told, text in WRONG.items():
                response = client.get(f"{address}{'&' if '?' in address else '?'}{urlencode({name: text})}")
                if not filters_in(response.context).errors:
                    continue  # any text that is not too long is a name
                assert not response.context["page"].rows, (who, name, told)
                assert response.status_code == 422, (who, name, told)
                assert SAID in response.content.decode(), (who, name, told)
                break
            else:
                assert name in {"late", "no_doubts"}, f"{name} takes anything"


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("members:list", {"name": "长" * 51}),
        ("members:list", {"document": "1" * 41}),
        ("members:list", {"status": "former"}),
        ("cards:add", {"name": "长" * 51}),
        ("cards:add", {"number": "1" * 41}),
        ("cards:holders", {"name": "长" * 51}),
        ("cards:holders", {"card": "没有数字"}),
    ],
)
def test_a_posted_filter_that_is_wrong_shows_nobody(world: World, address: str, wrong: dict[str, str]):
    for shown in ("member", "card", "card_code"):
        assert getattr(world, shown)
    response = world.client("officer").post(reverse(address), wrong)
    assert response.status_code == 422
    assert not response.context["page"].rows
    assert SAID in response.content.decode()


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("reviews:export", {"kind": "former"}),
        ("reviews:export", {"q": "长" * 101}),
        ("reviews:export", {"tab": "done", "since": "第三天"}),
        ("reviews:export", {"tab": "below", "union": "{street}", "kind": "former"}),
        ("members:export", {"q": "AAAA"}),
    ],
)
def test_a_wrong_filter_exports_nobody(world: World, address: str, query: dict[str, str]):
    assert world.review
    assert world.member
    who = "district_admin" if "{street}" in query.values() else "reviewer"
    query = {name: text.format(street=world.cast.street.pk) for name, text in query.items()}
    response = world.client(who).post(f"{reverse(address)}?{'&'.join(f'{k}={v}' for k, v in query.items())}")
    assert response.status_code in (302, 409)
    assert not response.streaming


def test_a_wrong_filter_ticks_nobody(world: World):
    assert world.applicant
    assert world.client("officer").get(reverse("cards:fit")).json()["ids"]
    assert world.client("officer").get(reverse("cards:fit"), {"q": "AAAA"}).json()["ids"] == []


def test_no_view_reads_a_filter_by_hand():
    """What narrows a list is a field of its `kit.forms.ListFilter`, which decides what a wrong one lets through."""
    read = {
        name
        for path in SOURCES.rglob("*.py")
        for name in re.findall(r'request\.GET\.get(?:list)?\(\s*"(\w+)"', path.read_text())
    }
    assert read <= BY_HAND

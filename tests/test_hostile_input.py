"""Nothing that is sent makes the platform fail: every address, by everybody whom it answers, with input nobody means.

An answer below 500 is all that is asked here; what each page says to it is for the tests of its app.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from gonghui.filings.models import Filing
from tests import test_scope
from tests.addresses import TABLE
from tests.answers import CLOSED
from tests.reads import ALL, parameters_read
from tests.world import ABOVE, NOBODY, Row, World, rolled_back
from tests.world import read as read_to_end

pytestmark = pytest.mark.django_db

signed_in, world = test_scope.signed_in, test_scope.world

SOURCES = Path(__file__).parent.parent / "src" / "gonghui"
HOSTILE = {
    "superscript": "²",
    "null": "a\0b",
    "beyond bigint": "9" * 30,
    "more digits than int() reads": "9" * 5000,
    "negative": "-1",
    "long": "长" * 2000,
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "far page": "99999999999999999999:1",
    "far page of two keys": "99999999999999999999:1.1",
    "bidi and quotes": "\u202e<'\"%_\\{{",
}
FIRST = {"superscript", "null"}
"""What every address is sent: the view looks at the one, the middleware refuses the other."""
# What must be right for the rest of the request to be looked at.
GIVEN = {
    "filings:start": {"entrance": "district", "draft": "1"},
    "filings:superiors": {"entrance": "district"},
}


@cache
def names_read() -> set[str]:
    """The name of every parameter that a view reads by itself; those of forms stand on their pages."""
    sources = "".join(path.read_text() for path in SOURCES.rglob("*.py"))
    read = re.findall(r'(?:GET|POST|data)\.get(?:list)?\("(\w+)"', sources)
    return {*read, *re.findall(r'"(\w+)" (?:not )?in request\.(?:GET|POST)', sources)}


def people(row: Row) -> list[str]:
    """One for each way in which the address answers."""
    return sorted({status: who for who, status in row.expected.items() if status not in CLOSED}.values())


def requests(row: Row, fields: set[str]) -> Iterator[tuple[set[str], dict[str, str]]]:
    """The fields that are hostile, and the others: all; and each of those that the row fills in, beside the right ones."""
    right = GIVEN.get(row.name, {}) | row.data
    everything = names_read() | fields | {*right}
    yield everything, {}
    if right:
        yield everything - {*right}, right
    for name in right:
        yield {name}, {key: value for key, value in right.items() if key != name}


def fields_of(client: Client, address: str) -> set[str]:
    """The fields that the address's own page asks for."""
    page = client.get(address)
    html = page.status_code == 200 and not page.streaming and page.get("Content-Type", "").startswith("text/html")
    return set(re.findall(r'name="(\w+)"', page.content.decode())) if html else set()


@pytest.mark.parametrize("row", [row for row in TABLE if people(row)], ids=str)
def test_no_input_is_a_server_error(world: World, row: Row):
    address = world.address(row)
    for who in people(row):
        client = world.client(who)
        for hostile, right in requests(row, fields_of(client, address)):
            read: set[str] = set()
            for told, value in HOSTILE.items():
                if told not in FIRST and not read & {*hostile, ALL}:
                    break  # another value would not be read either
                data = dict.fromkeys(hostile, value) | right
                with rolled_back(), parameters_read() as found:
                    status = read_to_end(getattr(client, row.method)(address, data)).status_code
                read |= found
                assert status < 500 or row.name == "readyz", (who, told)


def numbered(row: Row, number: str) -> str:
    """The row's address with the number in each place; none if it takes words or keys."""
    for places in (1, 2):
        with suppress(NoReverseMatch):
            return reverse(row.name, args=[number] * places)
    return ""


@pytest.mark.parametrize("number", ["0", "9" * 30, "9" * 5000])
@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.of and "no_" not in row.of and row.of != "kind" and numbered(row, "0")], ids=str
)
def test_a_number_that_no_row_has_is_not_found(world: World, row: Row, number: str):
    for who in [NOBODY, *sorted(ABOVE), "officer", "newcomer"]:
        status = getattr(world.client(who), row.method)(numbered(row, number)).status_code
        assert status in {302, 403, 404, 405} or (row.name, status) == ("preview", 410), who  # a link that has ended


@pytest.mark.parametrize("query", ["q=%00", "q=%ED%A0%80", "q=%FF%FE", "%00=1", "q[]=1&q=2&q=3", "page=%D9%A1%D9%A2"])
def test_bytes_that_are_no_text_are_no_server_error(world: World, query: str):
    for row in TABLE:
        if row.method == "get" and row.name != "readyz" and not row.of:
            for who in people(row)[:1]:
                assert world.client(who).get(f"{world.address(row)}?{query}").status_code < 500, row


def test_a_null_character_is_refused_with_a_sentence(world: World):
    for response in (
        Client().get(reverse("filings:suggest"), {"employer_name": "上海\0"}),
        Client().post(reverse("accounts:resend_verification"), {"email": "a\0@example.test"}),
        world.client("newcomer").post(reverse("filings:start"), {"entrance": "district", "draft": "1", "name": "a\0"}),
    ):
        assert response.status_code == 400
        assert "请返回上一页" in response.content.decode()


def test_a_draft_keeps_no_more_of_a_field_than_a_field_may_hold(world: World):
    data = {"entrance": "district", "draft": "1", "leader": "长" * 100_000, "superior": "abc"}
    client = world.client("newcomer")
    assert client.post(reverse("filings:start"), data).status_code == 302
    assert len(Filing.objects.get(union=world.cast.unfiled).values["leader"]) == 500
    assert client.get(reverse("filings:start"), {"entrance": "district"}).status_code == 200

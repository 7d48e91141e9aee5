"""What a browser is told about the fields of all pages."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests import test_scope
from tests.addresses import TABLE
from tests.test_architecture import PUBLIC
from tests.world import Row, World, read, rolled_back

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

NOT_TYPED = {"hidden", "checkbox", "radio", "file", "submit", "button"}
OWN = {"username", "email", "current-password", "new-password", "name", "one-time-code", "organization"}
"""What a field may say instead, if its owner types about oneself: the entrances and one's own account."""
OWN_PAGES = {"accounts:settings", "filings:register", *PUBLIC}
ROWS = [row for row in TABLE if {200, 422} & set(row.statuses) and not row.name.startswith(("mfa_", "account_"))]


class Fields(HTMLParser):
    """The text fields of a page: name and what is said of completing them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str | None] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "input" and told.get("type", "text") not in NOT_TYPED:
            self.found[str(told.get("name") or told.get("id"))] = told.get("autocomplete")


def pages(world: World, row: Row) -> Iterator[str]:
    address = world.address(row)
    for status in {200, 422} & set(row.statuses):
        for who in sorted(row.statuses[status])[:2]:
            with rolled_back():
                response = read(world.ask(who, row, address))
                if "text/html" in response["Content-Type"] and not response.streaming:
                    yield response.text


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_browser_offers_nothing_of_its_owner_for_another_person(world: World, row: Row):
    """Not on forms, filters, errors and parts of pages; a document or a mobile number is never one's own here."""
    for text in pages(world, row):
        for name, told in Fields(text).found.items():
            own = row.name in OWN_PAGES and told in OWN
            assert told == "off" or own, f"{name}: {told}"

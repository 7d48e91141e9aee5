"""The rules of layout that every page keeps to, whatever it shows (docs/contributing.md, Adding a page)."""

import re
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import pytest
from django.conf import settings
from lxml.html import HtmlElement

from gonghui.kit.errors import Refused
from tests import test_scope
from tests.addresses import TABLE
from tests.world import Row, World, read, rolled_back

signed_in, world = test_scope.signed_in, test_scope.world

TEMPLATES = sorted(settings.PACKAGE.glob("**/templates/**/*.html"))
ROWS = [row for row in TABLE if {200, 422} & set(row.statuses)]
TABLES = [
    pytest.param(table, id=f"{path.parent.name}/{path.stem}")
    for path in TEMPLATES
    for table in re.findall(r'<table class="grid[^"]*\bcards\b.*?</table>', path.read_text(), re.DOTALL)
    if path.parent.name + "/" + path.stem
    not in {"duplicates/chosen", "duplicates/lines", "imports/batch", "reviews/lines"}
]
"""Every list; not the cells of a workbook that are mended, nor what is set side by side."""


def pages(world: World, row: Row) -> Iterator[str]:
    """What the first and the last of the cast get who see it."""
    yield from (page for _, page in seen(world, row))


def seen(world: World, row: Row, also: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """The same with who it is, of some others too."""
    address = world.address(row)
    for status in sorted({200, 422} & set(row.statuses)):
        cast = sorted(row.statuses[status])
        for who in {cast[0], cast[-1]} | (also & set(cast)):
            with rolled_back():
                response = read(world.ask(who, row, address))
                if "text/html" in response["Content-Type"] and not response.streaming:
                    yield who, response.text


def solid(page: str) -> list[str]:
    """The blue buttons and links of a page that are there at once: not those of a question that is folded."""
    at_once = re.sub(r"<details.*?</details>|<dialog.*?</dialog>|<template.*?</template>", "", page, flags=re.DOTALL)
    return re.findall(r'class="[^"]*\bbtn-primary\b[^"]*"', at_once)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_page_has_one_blue_button_and_ticks_nothing_beforehand(world: World, row: Row):
    """The next step is the one that stands out, and what it is done to is what the user has ticked.

    But for what an import takes in at once: few lines, in view, each with its words. Above it stands where the page is,
    each step once; a card on a phone shows no dash.
    """
    for page in pages(world, row):
        document = lxml.html.document_fromstring(page.strip() or "-")
        steps = document.xpath("//nav[@class='crumbs']/a")
        assert len({step.get("href") for step in steps}) == len({words(step) for step in steps}) == len(steps)
        assert [lxml.html.tostring(cell) for cell in document.xpath(DASHES)] == []
        assert len(solid(page)) <= 1
        assert not [box for box in re.findall(r"<input[^>]*data-tick-all[^>]*>", page) if " checked" in box]
        for cell in re.findall(r'<td class="tick.*?</td>', page, re.DOTALL):
            assert 'name="group"' in cell or not re.search(r"\schecked[\s>]", cell)


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_a_card_of_two_lines_on_a_phone(table: str):
    """Name and state, then number and what differs; what is left out stands on the page that the card opens."""
    assert "two-lines" in table[: table.index(">")]
    table = table.replace("{{ rows }}", (settings.PACKAGE / "members/templates/members/row.html").read_text())
    body = table[table.index("<tbody>") : table.index("</tbody>")]
    assert len(re.findall(r"\bon-1\b(?!-)", body)) >= body.count("<tr") - body.count("colspan")
    assert re.search(r"\bon-2\b", body)


LISTED = {
    "inspections, moves and requests": (
        "confirmation", "members_confirmation", "code_import", "transfer", "batch_done", "review", "attachment", "cover",
        "correction",
    ),
    "cards": ("card", "dissolution"),
}  # fmt: skip
"""What lists must hold, or they would be asked about nothing; what something else keeps out is left out."""

DASHES = """//table[contains(@class, 'two-lines')]/tbody/tr/td[normalize-space() = '-'
    and contains(@class, 'on-') and not(contains(@class, 'nothing'))]"""

WORKING = frozenset({"officer", "platform_admin"})

SHOWN = {"on-1", "on-1-end", "on-2", "on-2-end", "on-3", "tick", "acts", "nothing"}
"""The cells of which static/css/two-lines.css makes the card."""


@dataclass(frozen=True)
class Card:
    """What a row of a list is on a phone."""

    opens: str  # its page
    facts: list[str]  # which the row shows on a desk alone
    acts: list[str]  # likewise: addresses

    @classmethod
    def of(cls, row: HtmlElement) -> "Card":
        links = row.xpath(".//td[contains(concat(' ', @class, ' '), ' on-1 ')]//a/@href")
        links = links or row.xpath(".//td[contains(@class, 'acts')]//a/@href")
        shown, left_out = [], []
        for cell in row.iterchildren("td"):
            (shown if SHOWN & set(cell.get("class", "").split()) else left_out).append(cell)
        said = "".join(words(cell) for cell in shown)
        facts = [words(cell) for cell in left_out if cell.get("data-label") != "序号"]  # a running number is no fact
        acts = row.xpath(".//td[contains(@class, 'acts')]//*[contains(@class, 'desk-only')]")
        return cls(
            links[0] if links else "",
            [fact for fact in facts if fact.strip("-") and fact not in said],
            [address for one in acts if (address := one.get("href") or one.get("action")) not in links[:1]],
        )

    def left_out(self, world: World, who: str) -> list[str]:
        """What neither the card nor its page says or offers."""
        if not self.facts and not self.acts:
            return []
        page = ""
        if self.opens:
            with rolled_back():
                page = read(world.client(who).get(self.opens)).text
        said = "".join(words(main) for main in lxml.html.document_fromstring(page or "-").xpath("//main"))
        return [fact for fact in self.facts if fact not in said] + [act for act in self.acts if act not in page]


def cards(page: str) -> list[Card]:
    """The rows of the page's lists."""
    if "two-lines" not in page:
        return []
    rows = lxml.html.document_fromstring(page).xpath("//table[contains(@class, 'two-lines')]/tbody/tr")
    return [Card.of(row) for row in rows]


def words(element: HtmlElement) -> str:
    return re.sub(r"\s+", "", element.text_content())


@pytest.mark.django_db
@pytest.mark.parametrize("things", LISTED)
def test_what_a_card_leaves_out_stands_on_the_page_that_it_opens(world: World, things: str):
    for thing in LISTED[things]:
        with suppress(Refused):
            world.number(thing)
    asked, missing = set(), {}
    for row in ROWS:
        with suppress(Refused), rolled_back():  # what the row makes is gone before the next one
            here = copy(world)
            for who, page in seen(here, row, WORKING) if row.method == "get" else ():
                for card in cards(page):
                    asked.add(row.name)
                    if left_out := card.left_out(here, who):
                        missing[f"{row}, {who}: {card.opens}"] = left_out
    assert missing == {}
    assert len(asked) > 10, "lists that hold something"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_search_of_a_list_is_no_blue_button(path: Path):
    """Blue is the list's next step, whether or not somebody may take it."""
    for form in re.findall(r"<form[^>]*method=\"get\"[^>]*class=\"filters\".*?</form>", path.read_text(), re.DOTALL):
        assert "btn-primary" not in form

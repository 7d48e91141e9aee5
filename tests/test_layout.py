"""The rules of layout that every page keeps to, whatever it shows (docs/contributing.md, Adding a page)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import test_scope
from tests.test_scope import TABLE
from tests.world import Row, World, read, rolled_back

signed_in, world = test_scope.signed_in, test_scope.world

TEMPLATES = sorted(settings.PACKAGE.glob("**/templates/**/*.html"))
ROWS = [row for row in TABLE if {200, 422} & set(row.statuses)]
TABLES = [
    pytest.param(table, id=f"{path.parent.name}/{path.stem}")
    for path in TEMPLATES
    for table in re.findall(r'<table class="grid[^"]*\bcards\b.*?</table>', path.read_text(), re.DOTALL)
    if path.parent.name + "/" + path.stem not in {"imports/batch", "reviews/lines"}
]
"""Every list; not the cells of a workbook that are mended, nor what is set side by side."""


def pages(world: World, row: Row) -> Iterator[str]:
    """What the first and the last of the cast get who see it."""
    address = world.address(row)
    for status in sorted({200, 422} & set(row.statuses)):
        cast = sorted(row.statuses[status])
        for who in {cast[0], cast[-1]}:
            with rolled_back():
                response = read(world.ask(who, row, address))
                if "text/html" in response["Content-Type"] and not response.streaming:
                    yield response.text


def solid(page: str) -> list[str]:
    """The blue buttons and links of a page that are there at once: not those of a question that is folded."""
    at_once = re.sub(r"<details.*?</details>|<dialog.*?</dialog>|<template.*?</template>", "", page, flags=re.DOTALL)
    return re.findall(r'class="[^"]*\bbtn-primary\b[^"]*"', at_once)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_page_has_one_blue_button_and_ticks_nothing_beforehand(world: World, row: Row):
    """The next step is the one that stands out, and what it is done to is what the user has ticked.

    But for what an import takes in at once: few lines, in view, each with its words.
    """
    for page in pages(world, row):
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


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_search_of_a_list_is_no_blue_button(path: Path):
    """Blue is the list's next step, whether or not somebody may take it."""
    for form in re.findall(r"<form[^>]*method=\"get\"[^>]*class=\"filters\".*?</form>", path.read_text(), re.DOTALL):
        assert "btn-primary" not in form

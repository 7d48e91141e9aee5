"""What every form keeps to, whatever it asks for: its foot, its help, its errors, and what was typed."""

from collections.abc import Iterator

import pytest
from django.test.html import Element, parse_html

from tests import test_scope
from tests.addresses import TABLE
from tests.test_layout import ROWS, pages
from tests.world import Row, World, read, rolled_back

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

REFUSED = {row.name for row in TABLE if row.method == "post" and 422 in row.statuses}
TAKES_ANY_WORDS = {
    "inspections:close", "filings:register", "bookings:venue_add", "bookings:venue_edit", "bookings:picture_edit",
    "superiors:rename", "publishing:new", "publishing:close_local",
}  # fmt: skip
SEVERAL_ACTS = {"publishing:article"}
"""A page with a form an act, told apart by their buttons; tests of theirs ask what stays typed."""
FORMS = [
    row
    for row in TABLE
    if row.method == "get" and 200 in row.statuses and row.name in REFUSED - TAKES_ANY_WORDS - SEVERAL_ACTS
]
"""Pages whose form is refused with nonsense in it."""

TYPED = {"text", "email", "tel", "date", "number"}


def elements(part: Element) -> Iterator[Element]:
    yield part
    for child in part.children:
        if isinstance(child, Element):
            yield from elements(child)


def told(element: Element) -> dict[str, str]:
    return {name: value or "" for name, value in element.attributes}


def having(part: Element, name: str) -> list[Element]:
    """The elements of the class within ``part``."""
    return [one for one in elements(part) if name in told(one).get("class", "").split()]


def forms(page: Element) -> list[Element]:
    """The forms that are filled in: not filters, nor what a single button sends."""
    sent = (one for one in having(page, "form") if one.name == "form" and told(one).get("method") == "post")
    return [one for one in sent if having(one, "field")]


def last(part: Element) -> Element:
    return [one for one in part.children if isinstance(one, Element)][-1]


def ends_with_its_buttons(page: Element) -> None:
    """They stick to the foot of the window, so nothing may follow that they would cover. Enter presses the first of them,
    or the one without a name that is there for it. A small public form has one button as wide as itself.
    """
    for form in forms(page):
        foot = last(form)
        assert foot in [*having(form, "form-foot"), *having(form, "btn-wide")]
        submits = [
            one for one in elements(form) if one.name == "button" and told(one).get("type", "submit") == "submit"
        ]
        assert "hidden" in told(submits[0]) or submits[0] in elements(foot)
    ends = [last(form) for form in elements(page) if form.name == "form" and having(form, "form-foot")]
    assert having(page, "form-foot") == ends


def says_help_and_errors_with_the_field(page: Element) -> None:
    """A screen reader reads them with it, and the summary leads to it."""
    ids = [told(one)["id"] for one in elements(page) if "id" in told(one)]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    described = {name for one in elements(page) for name in told(one).get("aria-describedby", "").split()}
    assert described <= set(ids)
    for field in having(page, "field"):
        for said in [*having(field, "form-hint"), *having(field, "field-error")]:
            around = [told(one).get("id") for one in elements(field) if said in elements(one)]
            assert described & set(around)
    for summary in having(page, "error-summary"):
        links = [told(one)["href"] for one in elements(summary) if one.name == "a"]
        assert {link.removeprefix("#") for link in links} <= set(ids)


def leads_to_its_chapter(page: Element) -> None:
    """Beside the search on a desk, in the menu of the account on a phone."""
    head = next(one for one in elements(page) if one.name == "header")
    links = [told(one).get("href", "") for one in elements(head) if one.name == "a"]
    assert sum(link.startswith("/manual/") and link != "/manual/" for link in links) == 2


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_form_has_its_foot_its_help_and_its_chapter_of_the_manual(world: World, row: Row):
    for text in pages(world, row):
        if "<form" in text:
            page = parse_html(text)
            ends_with_its_buttons(page)
            says_help_and_errors_with_the_field(page)
            if having(page, "signed-in") and forms(page):
                leads_to_its_chapter(page)


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_what_was_typed_is_there_again_beside_what_is_wrong(world: World, row: Row):
    """But for passwords, and files, which a browser does not send twice."""
    address, who = world.address(row), min(row.statuses[200])
    with rolled_back():
        page = parse_html(read(world.ask(who, row, address)).text)
    for form in forms(page):
        inputs = [told(one) for one in elements(form) if one.name == "input"]
        fields = {field["name"]: field for field in inputs if "disabled" not in field}
        kinds = {name: field.get("type", "text") for name, field in fields.items()}
        typed = {name: f"打字{place}" for place, name in enumerate(fields) if kinds[name] in TYPED}
        hidden = {name: fields[name].get("value", "") for name in fields if kinds[name] == "hidden"}
        with rolled_back():
            response = read(world.client(who).post(told(form).get("action") or address, hidden | typed))
        assert response.status_code == 422
        again = parse_html(response.text)
        assert having(again, "error-summary")
        values = {told(one).get("name"): told(one).get("value") for one in elements(again)}
        assert {name: values[name] for name in typed} == typed

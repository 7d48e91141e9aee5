"""Whatever page shows people who are not one's own, or anybody's number in full, records the look (SPEC 7.2).

The pages are found by what they show, not by a list: every address of `test_scope.TABLE` is asked by everybody whom it
answers with a page, in every form of the request: each parameter that a view reads, alone and together, whole and by htmx.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from gonghui.audit.models import Entry
from gonghui.kit.documents import mask_number
from gonghui.members.models import Member
from tests import test_scope
from tests.addresses import TABLE
from tests.reads import ALL, parameters_read, presence_read
from tests.test_hostile_input import names_read
from tests.world import Row, World
from tests.world import read as read_to_end

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

ASKED_FOR = {"transfers:list", "transfers:incoming", "transfers:view", "transfers:upload"}
"""Masked, whom a union itself has named there by name and number, or was offered, or had: the act is on record."""

SHOWING = [
    Row("members:by_code", "get", {200: {"officer"}}, given="code", data={"code": "{code}"}),
    Row("members:by_code", "get", {200: {"officer"}}, given="bound", data={"code": "{own_code}"}),
    Row("reviews:review", "get", {200: {"reviewer", "officer"}}, of="code_review"),
    Row("members:edit", "get", {200: {"officer"}}, of="member"),
    Row("members:reveal", "post", {200: {"officer", "reviewer"}}, of="member"),
]
"""Pages on which the test must see somebody, or it would be blind."""

PAGES = [row for row in TABLE if 200 in row.statuses and row.name not in ASKED_FOR]
GIVEN = {
    "size": ["10", "100"],
    "page": ["1", "2"],
    "near": ["1:1"],
    "group": ["elsewhere"],
    "tab": ["done"],
    "q": ["x"],
    "again": [""],
}
NAMED = {"code", "union", "node"}  # what they name is the row's
HTMX = {"HTTP_HX_REQUEST": "true"}


EACH = {name: GIVEN.get(name, ["1"]) for name in sorted(names_read() - NAMED)}
"""By parameter, the values that are sent."""
TOGETHER = {name: values[0] for name, values in EACH.items()}


Form = tuple[dict[str, str], dict[str, str]]


def forms(read: set[str], *, all_of_them: bool) -> Iterator[Form]:
    """The parameters and the headers of each form of a request.

    ``read``: the names that the forms so far have looked for; no other one, alone, makes another page.
    """
    if not all_of_them:
        yield from (({}, {}), (TOGETHER, HTMX))
        return
    for headers in ({}, HTMX):
        yield from ((form, headers) for form in ({}, TOGETHER, {"page": "1", "size": "10"}))
        asked = EACH if ALL in read else {name: values for name, values in EACH.items() if name in read}
        yield from (({name: value}, headers) for name, values in asked.items() for value in values)


def traces(world: World, who: str) -> set[str]:
    """What must not be shown unrecorded: numbers in full, and of people out of scope the masked ones too."""
    own = set(Member.objects.visible_to(getattr(world.cast, who)).values_list("pk", flat=True))
    hidden, known = set(), set()
    for member in Member.objects.all():
        hidden.add(member.document_number)
        (known if member.pk in own else hidden).update({member.number, mask_number(member.document_number)})
    return hidden - known


def looks(world: World, row: Row, *, all_of_them: bool) -> Iterator[tuple[str, bool]]:
    """Each form of the request that shows somebody, and whether it made a record."""
    address = world.address(row)
    data = {key: str(world.number(value[1:-1])) if value.startswith("{") else value for key, value in row.data.items()}
    for who in sorted(row.statuses[200] & set(vars(world.cast))):
        hidden = traces(world, who)
        read: set[str] = set()
        for form, headers in forms(read, all_of_them=all_of_them):
            before = Entry.objects.count()
            query = urlencode(form | (data if row.method == "get" else {}))
            asked = f"{address}{'&' if '?' in address else '?'}{query}"
            sent = {"data": data} if row.method == "post" else {}
            with parameters_read() as found, presence_read(found):
                response = read_to_end(getattr(world.client(who), row.method)(asked, **sent, **headers))
            read |= found
            text = "" if response.streaming else response.content.decode(errors="replace")
            if response.status_code == 200 and any(trace in text for trace in hidden):
                yield f"{who} {row.method} {asked} {headers}", Entry.objects.count() > before


def everybody_is_there(world: World) -> None:
    """So that a page which shows too much has somebody to show."""
    for thing in ("code_import", "bound", "member"):
        world.number(thing)


@pytest.mark.parametrize("row", SHOWING, ids=str)
def test_every_form_of_the_request_records_the_look(world, row):
    everybody_is_there(world)
    found = dict(looks(world, row, all_of_them=True))
    assert any("HX" in asked for asked in found)
    assert any("page=1" in asked for asked in found) or row.method == "post"
    assert {asked for asked, recorded in found.items() if not recorded} == set()


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_no_other_page_shows_somebody_unrecorded(world, row):
    everybody_is_there(world)
    assert {asked for asked, recorded in looks(world, row, all_of_them=False) if not recorded} == set()

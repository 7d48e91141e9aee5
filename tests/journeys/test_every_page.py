"""SPEC 7.5: every page of the product, as everybody who gets it sees it: axe-core on a desk and on a phone, at 320 px, by Tab.

The addresses are those of tests/test_scope.py, so that a new one is looked at without a word here. The application draws
its pages in a thread of its own, since Playwright's event loop stands in this one; the browser shows them one by one.
Pages that differ in their words alone, or above and beside the content, are looked at once.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Thread

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from playwright.sync_api import Browser, Page

from tests.addresses import TABLE
from tests.journeys.pages import likeness, shuts_nobody_out
from tests.journeys.thumb import gone, too_small
from tests.people import make_cast
from tests.test_scope import sign_in
from tests.world import SIGNED_IN, Row, World, rolled_back

ROWS = [row for row in TABLE if row.method == "get" and 200 in row.statuses]
UNSEEN = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0)
    .filter(one => {
        one.focus();
        const styles = [one, one.closest(".ts-wrapper .ts-control") ?? one].map(shown => getComputedStyle(shown));
        const shows = styles.some(style => style.outlineStyle !== "none" || style.boxShadow !== "none");
        return document.activeElement !== one || !shows || one.tabIndex > 0;
    }).map(one => one.outerHTML)"""
"""What the Tab key reaches without showing it, or out of the order of reading."""

BUBBLES = """() => {
    const bubbles = [];
    addEventListener("invalid", (event) => bubbles.push(event.target.outerHTML), true);
    addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); }, true);
    for (const form of document.forms) {
        for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
            if (!button.disabled && !button.matches("[hx-get], [hx-post]")) button.click();
        }
    }
    return bubbles;
}"""
"""The fields that the browser itself would refuse, in its own language, when the empty forms of the page are sent."""

Pages = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def pages(django_db_setup, django_db_blocker) -> Pages:
    """By address, who gets what whole page."""
    with django_db_blocker.unblock(), ThreadPoolExecutor(1) as thread:
        return thread.submit(_draw).result()


@pytest.fixture(scope="module")
def screen(pages, browser: Browser) -> Iterator[Page]:
    """A browser, and a server of drawn pages and the sources' files for it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}", locale="zh-CN")
    yield context.new_page()
    context.close()
    server.shutdown()
    server.server_close()


class Shelf(BaseHTTPRequestHandler):
    """Gives ``page`` at any address, and static files with leave to keep them."""

    page = ""

    def do_GET(self) -> None:
        if self.headers["HX-Request"]:  # a page that asks how far its work is: no news, or it would be drawn in itself
            self.send_response(204)
            self.end_headers()
            return
        name = self.path.removeprefix("/static/")
        found = finders.find(name) if name != self.path else None
        self.send_response(200 if found or name == self.path else 404)
        self.send_header("Content-Type", (found and guess_type(name)[0]) or "text/html; charset=utf-8")
        self.send_header("Cache-Control", "max-age=3600" if found else "no-store")
        self.end_headers()
        self.wfile.write(Path(found).read_bytes() if found else self.page.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.django_db  # which has the database made
def test_pages_are_drawn_for_guests_officers_and_superiors(pages: Pages):
    drawn = {who for looks in pages.values() for who, _ in looks}
    assert {"nobody", "newcomer", "claimant", "platform_admin"} < drawn
    assert sum(map(bool, pages.values())) > 40, "addresses that answer with a page of their own"


each_page = pytest.mark.parametrize("row", ROWS, ids=str, scope="module")
"""The tests of one page follow one another, so that it is opened once."""


def show(screen: Page, html: str) -> None:
    if Shelf.page is not html:
        Shelf.page = html
        screen.goto("/")


@each_page
def test_a_thumb_hits_every_control(row: Row, pages: Pages, screen: Page):
    for who, html in pages[str(row)]:
        show(screen, html)
        assert too_small(screen) == [], f"{row} as {who}"


@each_page
def test_a_card_offers_what_its_row_does(row: Row, pages: Pages, screen: Page):
    for who, html in pages[str(row)]:
        if "acts" in html:
            show(screen, html)
            assert gone(screen) == [], f"{row} as {who}"


@each_page
def test_the_page_shuts_nobody_out(row: Row, pages: Pages, screen: Page):
    for who, html in pages[str(row)]:
        show(screen, html)
        shuts_nobody_out(screen, f"{row} as {who}")
        screen.keyboard.press("Tab")  # from here on the browser shows the focus
        assert screen.evaluate(UNSEEN) == []
        assert screen.evaluate(BUBBLES) == []  # the last: the page sends nothing from here on


def _draw() -> Pages:
    try:
        with rolled_back():
            cast = make_cast()
            sessions = {who: sign_in(getattr(cast, who)) for who in SIGNED_IN}
            seen: set[str] = set()
            return {str(row): list(_drawn(row, World(cast, sessions), seen)) for row in ROWS}
    finally:
        connection.close()


def _drawn(row: Row, world: World, seen: set[str]) -> Iterator[tuple[str, str]]:
    with rolled_back():  # what the row makes is gone before the next one
        address = world.address(row)
        for who in sorted(who for who, status in row.expected.items() if status == 200):
            with rolled_back():
                response = world.ask(who, row, address)
            assert response.status_code == 200, who
            html = response.getvalue().decode() if response["Content-Type"].startswith("text/html") else ""
            if "<!DOCTYPE html>" in html and (kind := likeness(content(html))) not in seen:
                seen.add(kind)
                yield who, html


def content(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]

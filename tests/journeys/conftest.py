"""Journeys: real people's ways through the real stack, in a real browser, with mail by real SMTP.

A process of the tests that runs files of this folder has a stack and a browser for them. They live as long as the
folder's tests do, since Playwright's event loop disturbs tests that want one of their own.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect, sync_playwright

from tests import prepared
from tests.journeys.mailbox import Mailbox
from tests.journeys.pages import DESK, sign_in
from tests.journeys.steps import Newcomer
from tests.stack import Demo

HERE = Path(__file__).parent
TIMEOUT = 15_000
"""Milliseconds for one step of a visitor, on a busy machine."""
expect.set_options(timeout=20_000)  # a busy machine is no bug
HUNG = "from pytest-timeout"
"""Such a test is run once more, and the end of the run says so. It was the browser that hung: whatever waits for the platform
ends after the times above, but Playwright opens and closes pages and saves downloads without any, and once in some thousand
tests Chromium does not answer.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[HUNG]))
    # The tests' database is made before Playwright's event loop runs, which Django would mistake for its caller's.
    items.sort(key=lambda item: "pages" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    """Where all mail of the stack arrives."""
    mailbox = Mailbox()
    mailbox.start()
    yield mailbox
    mailbox.stop()


@pytest.fixture(scope="package")
def stack(tmp_path_factory, mailbox: Mailbox) -> Iterator[Demo]:
    """The demo with its data, on an address of its own."""
    var = tmp_path_factory.mktemp("journeys") / "var"
    prepared.demo(var)
    demo = Demo(var, EMAIL_URL=mailbox.url)
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = (
        shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    assert path, "Chromium is missing: run scripts/system-packages tests"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What browsers complained of: script errors, violated content policy, files not found. There must be nothing."""
    problems: list[str] = []
    yield problems
    assert problems == []


@pytest.fixture
def new_page(browser: Browser, stack: Demo, problems: list[str]) -> Iterator[Callable[[], Page]]:
    """Opens another browser of a visitor's own, as somebody else's computer would."""
    contexts = []

    def open_page() -> Page:
        context = browser.new_context(
            base_url=stack.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport=DESK,
            accept_downloads=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.on("console", lambda message: _console(message, problems))
        context.on("weberror", lambda error: problems.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("response", lambda response: _response(response, problems))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """A visitor's browser, nobody signed in."""
    return new_page()


@pytest.fixture(scope="package")
def sessions() -> dict[str, Any]:
    """By e-mail, the cookies of somebody who has signed in: the next test comes with them, as one comes back."""
    return {}


@pytest.fixture
def page_of(new_page: Callable[[], Page], stack: Demo, sessions: dict[str, Any]) -> Callable[[str], Page]:
    """Gives a browser of its own in which the owner of the e-mail is signed in, on the front page."""

    def signed_in(email: str) -> Page:
        page = new_page()
        if email in sessions:
            page.context.add_cookies(sessions[email])
            page.goto("/home/")
        if (
            page.url != f"{stack.address}/home/"
        ):  # nobody has come yet, or the session was ended: /accounts/login/?next=/home/
            page.context.clear_cookies()
            sign_in(page, email)
            sessions[email] = page.context.cookies()
        return page

    return signed_in


@pytest.fixture
def newcomer() -> Newcomer:
    return Newcomer()


@pytest.fixture
def street(page_of: Callable[[str], Page]) -> Page:
    """A reviewer of 五角场街道."""
    return page_of("wujiaochang@demo.test")


def _console(message: ConsoleMessage, problems: list[str]) -> None:
    """Chromium also logs each answer from 400 on: `_response` judges those; htmx what a newer request took the place of."""
    expected = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")
    if message.type == "error" and not message.text.startswith(expected):
        problems.append(f"{message.page and message.page.url}: {message.text} {message.location}")


def _response(response: Response, problems: list[str]) -> None:
    """A page or a fragment may refuse (403, 404, 409, 422); a file must be there, and nothing may break."""
    asked = response.request.resource_type in ("document", "xhr", "fetch")
    if response.status >= 500 or (response.status >= 400 and not asked):
        problems.append(f"{response.status} {response.url}")

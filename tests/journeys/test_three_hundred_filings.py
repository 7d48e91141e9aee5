"""SPEC 5.1: three hundred filings on one desk, decided with the keyboard alone. bench/desk.py says in what time."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests import many_filings
from tests.journeys.desk_by_keyboard import REFUSED_EVERY, decide_all
from tests.journeys.pages import sign_in
from tests.many_filings import Outcome
from tests.stack import Demo, wait_for

CLEAN, DOUBTFUL = 276, 24


@pytest.fixture
def reviewer(stack: Demo, new_page: Callable[[], Page]) -> Page:
    many_filings.submit(stack, clean=CLEAN, doubtful=DOUBTFUL)
    page = new_page()
    sign_in(page, many_filings.EMAIL)
    return page


def test_three_hundred_filings_are_decided_by_keyboard(reviewer: Page, stack: Demo):
    decide_all(reviewer, clean=CLEAN, doubtful=DOUBTFUL)
    refused = DOUBTFUL // REFUSED_EVERY
    approved = CLEAN + DOUBTFUL - refused
    wait_for(lambda: many_filings.outcome(stack).approved == approved, 300)
    assert many_filings.outcome(stack) == Outcome(approved, refused, waiting=0, numbered=approved)

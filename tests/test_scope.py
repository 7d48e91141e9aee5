"""Who gets in where: every address, for everybody of the cast, by GET and by POST, and who changes anything by it.

The table (`tests/addresses.py`) is the whole: a test fails on an address that it lacks. Out of scope is "not found" (404), so that nobody
learns what exists; 403 stands where the page is there for other roles of the same union. Whoever is not signed in is
led to the sign-in. All things asked for belong to `cast.union`, so that every row is also the proof that another
union's number in an address opens nothing and changes nothing.
"""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from gonghui.accounts.models import User
from tests import answers
from tests.addresses import TABLE
from tests.people import Cast, make_cast
from tests.watched import watched
from tests.world import (
    EVERYBODY,
    LOGIN,
    SIGNED_IN,
    World,
    rolled_back,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def signed_in(django_db_setup, django_db_blocker) -> Iterator[tuple[Cast, dict[str, str]]]:
    """One cast for all rows, and everybody's session."""
    with django_db_blocker.unblock(), rolled_back():
        cast = make_cast()
        yield cast, {who: sign_in(getattr(cast, who)) for who in SIGNED_IN}


@pytest.fixture
def world(signed_in) -> World:
    """The world as it is before each row."""
    return World(*signed_in)


def sign_in(user: User) -> str:
    """The key of a session that is in use: its last use need not be recorded at each request (accounts.middleware)."""
    client = Client()
    client.force_login(user)
    session, now = client.session, int(time.time())
    session.update({"began": now, "seen": now + 3600})
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_everybody_gets_what_the_table_says(world, row):
    got, changed = {}, set()
    address = world.address(row)
    for who in sorted(EVERYBODY):
        with watched() as watch:
            response = world.ask(who, row, address)
            to_login = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
            got[who] = LOGIN if to_login else response.status_code
            answers.has_the_headers(response)
            answers.is_in_no_cache(response, who)
            answers.is_polite(response)
            answers.says_how_to_go_on(response)
        if watch.changed:
            changed.add(who)
    assert got == row.expected
    assert changed == row.changes


def test_every_address_stands_in_the_table():
    assert sorted(set(addresses())) == sorted({row.name for row in TABLE})
    for method in ("get", "post"):
        assert {row.name for row in TABLE} == {row.name for row in TABLE if row.method == method}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """The name of every address that answers, with its namespaces."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"

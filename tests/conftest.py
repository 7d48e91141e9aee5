"""What every test stands on: a real PostgreSQL (tests/settings.py) and one cast of unions and people."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import Client, TransactionTestCase

from gonghui.codelists.queries import MEMORY, seeds
from tests.emptying import empty
from tests.migrated import template
from tests.people import Cast, make_cast
from tests.scheduling import FileScheduling, in_order

# A busy machine is no bug: an example may take as long as it takes.
hypothesis.settings.register_profile("gonghui", deadline=None)
hypothesis.settings.load_profile("gonghui")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    config.option.loadscopereorder = False  # the order is ours
    return FileScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker) -> None:
    """The tests' database begins as a copy of a migrated one."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template()


def pytest_configure() -> None:
    TransactionTestCase._fixture_teardown = lambda _: empty()


@pytest.fixture(autouse=True)
def code_lists_as_in_the_code() -> Iterator[None]:
    """Every test begins with the lists remembered, as a page does; an action that changes them makes it forget."""
    MEMORY.remember(seeds())
    yield
    MEMORY.remember(seeds())


@pytest.fixture
def cast(db) -> Cast:
    """The unions and people of every story (tests/people.py)."""
    return make_cast()


@pytest.fixture
def officer(cast: Cast, client: Client) -> Client:
    """The test client, signed in as the union's officer."""
    client.force_login(cast.officer)
    return client

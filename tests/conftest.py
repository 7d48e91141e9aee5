"""What every test stands on: a real PostgreSQL (tests/settings.py) and one cast of unions and people."""

import pytest

from tests.people import Cast, make_cast


@pytest.fixture
def cast(db) -> Cast:
    """The unions and people of every story (tests/people.py)."""
    return make_cast()

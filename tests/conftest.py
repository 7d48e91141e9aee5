"""What every test stands on: a real PostgreSQL (tests/settings.py) and one cast of unions and people."""

import hypothesis
import pytest

from tests.people import Cast, make_cast

# A busy machine is no bug: an example may take as long as it takes.
hypothesis.settings.register_profile("gonghui", deadline=None)
hypothesis.settings.load_profile("gonghui")


@pytest.fixture
def cast(db) -> Cast:
    """The unions and people of every story (tests/people.py)."""
    return make_cast()

"""`make check` runs the tests of what has changed, and of those only what does not keep one waiting."""

import pytest

from tests.changed import chosen


def chosen_for(path: str) -> set[str]:
    """What comes along with this change alone."""
    return {*chosen([path])} - {*chosen([])}


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        ("src/gonghui/members/register/views.py", {"tests/members"}),
        ("src/gonghui/members/templates/members/list.html", {"tests/members"}),
        ("src/gonghui/cards/models.py", {"tests/cards", "--ignore=tests/cards/test_killed.py"}),
        ("tests/cards/test_killed.py", {"tests/cards/test_killed.py"}),
        ("tests/journeys/test_filing.py", {"tests/journeys/test_filing.py"}),
        ("tests/cards/stories.py", {"tests/cards", "--ignore=tests/cards/test_killed.py"}),
        ("tests/test_scope.py", {"tests/test_scope.py"}),
        ("docs/rules.md", set()),
    ],
)
def test_a_change_stands_for_its_tests(path: str, tests: set[str]):
    assert chosen_for(path) == tests


def test_the_tests_over_the_whole_always_come_along():
    assert {"tests/test_architecture.py", "tests/test_layers.py", "tests/test_words.py"} < {*chosen([])}
    assert "tests/test_scope.py" not in chosen([])

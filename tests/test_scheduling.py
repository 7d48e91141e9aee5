"""Who shares out the tests keeps together what stands on one installation (tests/scheduling.py)."""

from tests.scheduling import FIRST, place
from tests.test_architecture import ROOT


def test_what_begins_first_is_there():
    assert [path for path in FIRST if not (ROOT / path).exists()] == []


def test_a_file_of_first_stays_with_one_process_whatever_it_is_parametrized_with(request):
    names = [item.nodeid for item in request.session.items]
    assert (
        place("tests/cards/test_killed.py::test_a[b@c]") < place("tests/journeys/test_filing.py::test_d") < len(FIRST)
    )
    assert [place(name) for name in names] == sorted(map(place, names)), "the order of all"

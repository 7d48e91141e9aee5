"""Which tests one process runs in a row, and which begin first, when several processes share them (``-n``).

A file of FIRST stands on a demo, an installation or a browser of its own, which is made once for the file. What waits for
other processes more than it works begins first, beside what works. All other tests are handed out one by one.
"""

from collections.abc import Sequence
from typing import Any

from xdist.scheduler import LoadScopeScheduling

FIRST = (
    "tests/journeys/test_every_page.py",
    "tests/cards/test_killed.py",
    "tests/imports/test_killed.py",
    "tests/exports/test_killed.py",
    "tests/registers/test_killed.py",
    "tests/bookings/test_killed.py",
    "tests/journeys/",
    "tests/notices/test_worker.py",
    "tests/config/test_silence.py",
    "tests/config/test_demo.py",
    "tests/config/test_check.py",
    "tests/config/test_cli.py",
    "tests/test_benches.py",
    "tests/demo_data/test_loading.py",
    "tests/demo_data/city/test_growing.py",
)
"""Paths, or folders whose files each are one, in the order in which they begin."""


class FileScheduling(LoadScopeScheduling):
    """A whole file of FIRST to one process, any other test by itself."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if place(nodeid) < len(FIRST) else nodeid


def place(nodeid: str) -> int:
    """Where the test's file stands in FIRST; its length for all others."""
    return next((place for place, path in enumerate(FIRST) if nodeid.startswith(path)), len(FIRST))


def in_order(items: Sequence[Any]) -> list[Any]:
    """The same, with those of FIRST before all others."""
    return sorted(items, key=lambda item: place(item.nodeid))

"""Shares made by several processes. Each of them loads Django before anything of the platform is unpacked, so nothing of
it is imported here at first.
"""

import multiprocessing
import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gonghui.demo_data.city.making import Ground, Made
    from gonghui.demo_data.city.shares import Share

_ground: "Ground | None" = None


def made_in_order(ground: "Ground", shares: "Iterable[Share]", processes: int) -> "Iterator[tuple[Share, Made]]":
    """Each share with its rows, in the order of the shares, one share a process ahead. Raises BrokenProcessPool."""
    from gonghui.codelists.queries import read

    known = pickle.dumps(ground), pickle.dumps(read())
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, known) as pool:
        waiting: deque[tuple[Share, Future[Made]]] = deque()
        for share in chain(shares, repeat(None)):
            if share:
                waiting.append((share, pool.submit(_make, share)))
            if not waiting:
                return
            if share is None or len(waiting) > processes:
                done, rows = waiting.popleft()
                yield done, rows.result()


def _begin(ground: bytes, code_lists: bytes) -> None:
    import django

    django.setup()
    from django.db import connection

    from gonghui.codelists.queries import MEMORY

    global _ground  # noqa: PLW0603 (a process makes shares of one city)
    _ground = pickle.loads(ground)  # noqa: S301 (our parent's)
    MEMORY.remember(pickle.loads(code_lists))  # noqa: S301
    connection.execute_wrappers.append(_ask_nothing)


def _ask_nothing(*_statement: Any) -> None:
    raise RuntimeError("rows are made without the database, in which others of them may not be yet")


def _make(share: "Share") -> "Made":
    from gonghui.demo_data.city.making import make

    assert _ground  # noqa: S101 (set as the process began)
    return make(_ground, share)

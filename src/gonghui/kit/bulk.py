"""Settings of a transaction that writes thousands of rows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from django.db import connection

One = TypeVar("One")


@contextmanager
def checks_at_once() -> Iterator[None]:
    """Checks foreign keys at the end of each statement inside the block, not at the commit.

    PostgreSQL goes through all pending checks for each row that a history trigger writes, so the time would grow with
    the square of the rows (the benches' README has figures). Every check is still made, only earlier: a later
    statement cannot correct what an earlier one breaks.
    """
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    yield
    execute("SET CONSTRAINTS ALL DEFERRED")


def execute(statement: str, parameters: Any = None) -> None:
    """Executes one SQL statement that returns no rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def chunks(rows: Iterable[One], size: int) -> Iterator[list[One]]:
    """Yields the rows in lists of ``size``, one in memory at a time."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk

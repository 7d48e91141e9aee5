"""What a transaction that writes thousands of rows asks of PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def checks_at_once() -> Iterator[None]:
    """Within, foreign keys are checked as each statement ends, not all of them at the commit.

    While checks wait, PostgreSQL goes through all of them at each row that a history trigger writes: the time would grow
    with the square of the rows (the benches' README has figures). Nothing is checked less, only earlier: what one
    statement breaks, the next one cannot mend.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")

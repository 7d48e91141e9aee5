"""What a transaction that writes thousands of rows asks of PostgreSQL."""

from django.db import connection


def check_at_once() -> None:
    """Check foreign keys as each statement ends, for the rest of this transaction, not all of them at its commit.

    While checks wait, PostgreSQL goes through all of them at each row that a history trigger writes: the time would grow
    with the square of the rows (the benches' README has figures). Nothing is checked less, only earlier, and a
    transaction that puts something right in a later statement cannot use it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

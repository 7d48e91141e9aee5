"""Which transactions may still write below a number that was read: numbers are drawn before their transaction commits.

Whoever follows a table by its ids reads the highest one, then asks for the horizon, and believes that nothing is
missing below once the oldest transaction is above the horizon.
"""

from django.db import connection


def oldest_transaction() -> int:
    """Returns the id of the oldest transaction that still runs: what those before it wrote, the next statement sees."""
    return _number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")


def horizon() -> int:
    """Returns an id above those of all transactions that have written something by now.

    It is the current transaction's own, drawn here: so this must be the first thing in it that draws one, before any
    write and any lock of a row. (A snapshot's ``xmax`` is no such id: transactions above the last that has *ended* may
    run long since.)
    """
    return _number("SELECT pg_current_xact_id()::text")


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])

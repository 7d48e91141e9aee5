"""Fills the keys of names that were stored without one. Nearly every name is its own key, and is not touched."""

from collections.abc import Callable, Mapping

import pgtrigger
from django.db import connection, transaction

BATCH = 2_000
_PLAIN = "^[一-鿿]+$"
"""Names that are their own keys."""


def fill(table: str, columns_of: Callable[[str], Mapping[str, str | None]]) -> None:
    """Give the rows of ``table`` whose names are not plain the columns that ``columns_of`` makes of the name.

    A batch is a transaction, by the primary key; done again it changes nothing. It is no change of the rows: their
    histories do not see it.
    """
    last = 0
    while True:
        with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, name FROM {table} WHERE id > %s AND name !~ %s ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE",  # noqa: S608
                [last, _PLAIN],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            last = rows[-1][0]
            found = [(pk, columns_of(name)) for pk, name in rows]
            columns = list(found[0][1])
            sets = ", ".join(f"{column} = given.{column}" for column in columns)
            changed = " OR ".join(f"stored.{column} IS DISTINCT FROM given.{column}" for column in columns)
            arrays = [[values[column] for _, values in found] for column in columns]
            cursor.execute(
                f"UPDATE {table} AS stored SET {sets}"  # noqa: S608
                f" FROM unnest(%s::bigint[], {', '.join(['%s::text[]'] * len(columns))}) AS given (id, {', '.join(columns)})"
                f" WHERE stored.id = given.id AND ({changed})",
                [[pk for pk, _ in found], *arrays],
            )

"""Tables without their indexes, unique constraints and foreign keys, while very many rows are copied into them.

An index costs less when it is built over all rows at once, and a foreign key less when it is looked at for all of them.
For a register that nobody works with: whoever asks meanwhile waits, and everything happens in one transaction, so that a
load that is broken off leaves the tables as they were.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection

MEMORY = "512MB"
"""For building an index."""


class Dropped(NamedTuple):
    """How something is dropped, and how it comes back."""

    drop: str
    make: str


CONSTRAINTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = %(kind)s AND conrelid = ANY(%(tables)s::regclass[]) AND conparentid = 0 ORDER BY conrelid, oid
"""
INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
WHERE indrelid = ANY(%(tables)s::regclass[]) AND relkind = 'r' AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
ORDER BY indexrelid
"""
"""Those of a partitioned table stay."""


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """In the caller's transaction, as the tables' owner. Everything comes back at the end of the block."""
    names = list(tables)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks that wait cannot be altered
        found = []
        for statement, kind in ((CONSTRAINTS, "f"), (CONSTRAINTS, "u"), (INDEXES, None)):
            cursor.execute(statement, {"kind": kind, "tables": names})
            dropped = [Dropped(*row) for row in cursor.fetchall()]
            for one in dropped:
                cursor.execute(one.drop)
            found.append(dropped)
    yield
    foreign, unique, indexes = found
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        for one in (*indexes, *unique):
            cursor.execute(one.make)
        cursor.execute(f"ANALYZE {', '.join(names)}")  # for the joins by which foreign keys are looked at
        for one in foreign:
            cursor.execute(one.make)

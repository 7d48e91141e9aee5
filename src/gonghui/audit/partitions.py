"""The partitions of the table of entries, one a year (ADR 44).

The application may make none: it calls a function of the tables' owner, which makes no others than up to next year's.
"""

from django.db import connection
from django.utils.timezone import localdate

from gonghui.audit.models import Entry

DEFAULT = f"{Entry._meta.db_table}_default"
"""Takes entries of a year without a partition, which is a fault that ``gonghui check`` tells."""


def partitions() -> list[str]:
    """Returns the names of the tables that hold the entries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1",
            [Entry._meta.db_table],
        )
        return [name for (name,) in cursor.fetchall()]


def make_partitions() -> list[str]:
    """Makes the partitions that are missing up to next year's; returns their names. Entries in DEFAULT move to theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions()")
        return list(cursor.fetchone()[0])


def lacking() -> str:
    """Returns what is wrong with the partitions, in words; "" if nothing is."""
    wanted = f"{Entry._meta.db_table}_{localdate().year + 1}"
    if wanted not in partitions():
        return f"next year's, {wanted}, is missing"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {DEFAULT})")  # noqa: S608
        (strays,) = cursor.fetchone()
    return f"{DEFAULT} holds entries of a year that has no partition" if strays else ""

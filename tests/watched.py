"""Whether a request changes anything in our tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection

from gonghui.accounts.models import RateLimit
from tests.world import rolled_back


@dataclass
class Watch:
    """What `watched` has seen."""

    changed: bool = False


@contextmanager
def watched() -> Iterator[Watch]:
    """`rolled_back`, and at its end it says whether anything was written to our tables; counted requests are no change.

    PostgreSQL counts the rows that a transaction writes, table by table. It counts what a savepoint has undone too:
    therefore the rows of a table whose count moved are compared with what they are once all is undone.
    """
    watch, before = Watch(), _writes()
    with rolled_back():
        yield watch
        tables = sorted(name for name, count in _writes().items() if count != before.get(name))
        after = _digests(tables)
    watch.changed = after != _digests(tables)


@cache
def _tables() -> list[str]:
    """Ours, but for the counted requests."""
    models = (model for model in apps.get_models() if model.__module__.startswith("gonghui."))
    return [model._meta.db_table for model in models if model is not RateLimit]


@cache
def _parts() -> tuple[str, str]:
    """The numbers of our tables and of their partitions, and beside each the table's name; as texts, for PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(part.oid)::text, array_agg(coalesce(whole.relname, part.relname))::text FROM pg_class part"
            " LEFT JOIN pg_inherits ON inhrelid = part.oid LEFT JOIN pg_class whole ON whole.oid = inhparent"
            " WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace"
            " AND coalesce(whole.relname, part.relname) = ANY(%s)",
            [_tables()],
        )
        return cursor.fetchone()


def _writes() -> dict[str, int]:
    """How many rows this transaction has inserted, updated and deleted, for each of our tables where it has any.

    As pg_stat_xact_user_tables says it, which looks all tables and their indexes up each time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sum(rows) FROM (SELECT name, pg_stat_get_xact_tuples_inserted(oid)"
            " + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid) AS rows"
            " FROM unnest(%s::oid[], %s::text[]) AS parts (oid, name)) AS counted WHERE rows > 0 GROUP BY name",
            _parts(),
        )
        return dict(cursor.fetchall())


def _digests(tables: list[str]) -> list[str]:
    """Of the rows of each table."""
    if not tables:
        return []
    rows = (f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'({digest})' for digest in rows)}")
        return list(cursor.fetchone())

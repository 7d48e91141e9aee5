"""The rights of the application's database role: it changes rows, not tables, and never recorded ones."""

from collections.abc import Iterable
from typing import Any, Protocol

from psycopg.sql import SQL, Identifier


class Connection(Protocol):
    """A psycopg connection or Django's wrapper of one."""

    def cursor(self) -> Any: ...


def grant_application(owner: Connection, role: str, append_only: Iterable[str] = ()) -> None:
    """Grants `role` every table and sequence in `public`; the owner runs it after each migration.

    Args:
        owner: a connection as the tables' owner, in autocommit or in a transaction that the caller commits.
        role: the application's role, such as `kit.postgres.APPLICATION`.
        append_only: tables where rows may be added and read, but neither changed nor removed.
    """
    with owner.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        database = cursor.fetchone()[0]
        grants = (
            # By default every role may connect and create temporary tables.
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {database} TO {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        )
        for grant in grants:
            cursor.execute(_text(grant, database=database, role=role))
        for table in append_only:
            cursor.execute(_text("REVOKE UPDATE, DELETE ON {table} FROM {role}", table=table, role=role))


def _text(template: str, **names: str) -> str:
    """Django's cursors take text only."""
    return SQL(template).format(**{key: Identifier(name) for key, name in names.items()}).as_string()

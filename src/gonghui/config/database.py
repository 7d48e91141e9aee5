"""The PostgreSQL server: that of DATABASE_URL, else the embedded one, which is started here."""

import atexit
import os
from typing import LiteralString

import psycopg

from gonghui.config.environment import Environment
from gonghui.kit import postgres


def ensure(environment: Environment) -> postgres.Server | None:
    """Set DATABASE_URL and DATABASE_OWNER_URL in the process's environment, before Django reads its settings.

    Returns the embedded server if it is used, else None; it stops with the last process that uses it. Raises
    kit.postgres.PostgresError.
    """
    if environment.database_url:
        return None
    server = postgres.start(environment.var / "postgres")
    atexit.register(server.leave)
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = server.app_url, server.owner_url
    return server


def is_empty() -> bool:
    """Whether there are neither users nor unions, migrated or not. After `ensure`. Raises kit.postgres.PostgresError."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    try:
        with psycopg.connect(url) as owner:
            return not any(_has_rows(owner, table) for table in ("accounts_user", "unions_union"))
    except psycopg.OperationalError as error:
        raise postgres.PostgresError(f"the database cannot be reached: {error}") from error


def _has_rows(owner: psycopg.Connection, table: LiteralString) -> bool:
    there = owner.execute("SELECT to_regclass(%s)", [table]).fetchone()
    found = there and there[0] and owner.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchone()  # noqa: S608
    return bool(found and found[0])

"""The PostgreSQL server: that of DATABASE_URL, else the embedded one, which is started here."""

import atexit
import os

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

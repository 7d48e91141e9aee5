"""Which PostgreSQL serves: the one that DATABASE_URL names, else the embedded one, started here."""

import atexit
import os

from gonghui.config.environment import Environment
from gonghui.kit import postgres


def ensure(environment: Environment) -> postgres.Server | None:
    """Make DATABASE_URL and DATABASE_OWNER_URL stand in the process's environment, before Django reads its settings.

    Returns the embedded server that was started or attached to, or None; it stops when the last process that uses it
    ends. Raises kit.postgres.PostgresError.
    """
    if environment.database_url:
        return None
    server = postgres.start(environment.var / "postgres")
    atexit.register(server.leave)
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = server.app_url, server.owner_url
    return server

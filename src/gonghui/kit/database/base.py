"""Where Django looks for a backend's ``DatabaseWrapper``."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from gonghui.kit import deadlines


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL through a pool, which a request waits for only as long as its patience lasts."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """As Django's, which waits for the pool's own time-out. Raises psycopg_pool.PoolTimeout, an OperationalError."""
        if self.pool is None:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        self.pool.open()
        return self.pool.getconn(timeout=deadlines.pool_seconds())

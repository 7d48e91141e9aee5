"""The module in which Django looks for a backend's ``DatabaseWrapper``."""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel

from gonghui.kit import deadlines


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL with a pool. A request waits for a connection only as long as its patience lasts."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Returns a connection within the request's patience. Raises psycopg_pool.PoolTimeout, an OperationalError."""
        if self.pool is None:
            return super().get_new_connection(conn_params)
        self.isolation_level = IsolationLevel.READ_COMMITTED
        self.pool.open()
        return self.pool.getconn(timeout=deadlines.pool_seconds())

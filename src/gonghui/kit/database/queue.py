"""The job queue's connections, whose waits end as well."""

from functools import partial
from typing import Any

from procrastinate import App
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from gonghui.kit import deadlines
from gonghui.kit.database.connection import AsyncConnection


def worker_connector(alias: str = "default", **sizes: Any) -> PsycopgConnector:
    """Connections for a worker that end when the database is silent: the worker then ends, and is started again.

    ``sizes`` are the pool's ``min_size`` and ``max_size``.
    """
    # The pool's own time-out, 30 s, is waited for once by what looks for jobs and once more by the farewell.
    pool: Any = partial(AsyncConnectionPool, connection_class=AsyncConnection, timeout=deadlines.QUEUE_POOL_SECONDS)
    return PsycopgConnector(pool_factory=pool, kwargs=connector_params(alias), **sizes)


class QueueConnector(DjangoConnector):
    """Where procrastinate itself asks for a worker's connector."""

    def get_worker_connector(self) -> PsycopgConnector:
        """As ``worker_connector``."""
        return worker_connector(self.alias)


def use(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: make it the app's connector."""
    app.connector = app.job_manager.connector = QueueConnector()

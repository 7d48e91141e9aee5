"""The job queue's connections, whose waits end as well."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

from procrastinate import App
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException, NoResult, UniqueViolation
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg_pool import AsyncConnectionPool

from gonghui.kit import deadlines
from gonghui.kit.database.connection import AsyncConnection


class WorkerConnector(PsycopgConnector):
    """A worker's own connections; ``lost`` is set when a statement failed, and the worker then has to end.

    Else it might live on without its outcome: a job whose end could not be written stays 「doing」 with a worker that
    gives signs of life, so that nobody takes it up again.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.lost = asyncio.Event()

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        return await self._noticed(super().execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        return await self._noticed(super().execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        return await self._noticed(super().execute_query_all_async(query, **arguments))

    async def _noticed(self, statement: Awaitable[Any]) -> Any:
        try:
            return await statement
        except (UniqueViolation, NoResult):  # answers, not failures
            raise
        except ConnectorException:
            self.lost.set()
            raise


def worker_connector(alias: str = "default", **sizes: Any) -> WorkerConnector:
    """Connections for a worker that end when the database is silent: the worker then ends, and is started again.

    ``sizes`` are the pool's ``min_size`` and ``max_size``.
    """
    # The pool's own time-out, 30 s, is waited for once by what looks for jobs and once more by the farewell.
    pool: Any = partial(AsyncConnectionPool, connection_class=AsyncConnection, timeout=deadlines.QUEUE_POOL_SECONDS)
    return WorkerConnector(pool_factory=pool, kwargs=connector_params(alias), **sizes)


class QueueConnector(DjangoConnector):
    """Where procrastinate itself asks for a worker's connector."""

    def get_worker_connector(self) -> WorkerConnector:
        """As ``worker_connector``."""
        return worker_connector(self.alias)


def use(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: make it the app's connector."""
    app.connector = app.job_manager.connector = QueueConnector()

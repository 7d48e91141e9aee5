"""The job queue's connections, with time limits on every wait."""

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
    """A worker's connections. ``lost`` is set when a statement has failed: then the worker must end.

    If it continued, a job whose result could not be written would remain ``doing``: its worker still sends heartbeats,
    so no other worker would take the job.
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
        except (UniqueViolation, NoResult):  # normal results
            raise
        except ConnectorException:
            self.lost.set()
            raise


def worker_connector(alias: str = "default", **sizes: Any) -> WorkerConnector:
    """Returns connections that fail when the database does not answer: the worker then ends, and is started again.

    ``sizes`` are the pool's ``min_size`` and ``max_size``.
    """
    # The default time-out of the pool, 30 s, would pass twice: once for fetching jobs, once for closing.
    pool: Any = partial(AsyncConnectionPool, connection_class=AsyncConnection, timeout=deadlines.QUEUE_POOL_SECONDS)
    return WorkerConnector(pool_factory=pool, kwargs=connector_params(alias), **sizes)


class QueueConnector(DjangoConnector):
    """The connector from which procrastinate gets a worker's connector."""

    def get_worker_connector(self) -> WorkerConnector:
        """Returns ``worker_connector()``."""
        return worker_connector(self.alias)


def use(app: App) -> None:
    """PROCRASTINATE_ON_APP_READY: sets the app's connector."""
    app.connector = app.job_manager.connector = QueueConnector()

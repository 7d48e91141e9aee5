"""Connections whose waits end when the server does not answer.

psycopg calls ``wait`` with a generator for every wait, and resumes it with ``Ready.NONE`` after each tenth of a second
without data: then the clock is checked. It is not checked while no answer is due, as between notifications.
"""

import logging
import math
from collections.abc import Callable, Generator
from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from gonghui.kit import deadlines

_log = logging.getLogger(__name__)


class Silent(psycopg.OperationalError):
    """The server did not answer in time; the connection is closed."""


def _watched(gen: PQGen, look: Callable[[], None]) -> Generator[Any, Any, Any]:
    """Runs ``gen``, and calls ``look`` after each interval without data; an exception of ``look`` ends the wait."""
    try:
        state = next(gen)
        while True:
            ready = yield state
            if not ready:
                look()
            state = gen.send(ready)
    except StopIteration as done:
        return done.value


class Connection(psycopg.Connection):
    """Waits as long as the patience of the request in this thread; outside a request, as long as the server lives."""

    def wait(self, gen: PQGen, *args: Any, **kwargs: Any) -> Any:
        """Waits as psycopg does. Raises Silent (an OperationalError), or QueryCanceled if the server has cancelled."""
        answer = super().wait(_watched(gen, _Watch(self).look), *args, **kwargs)
        deadlines.note_answer()
        return answer

    def give_up(self) -> None:
        """Closes the socket without a message to the server. Raises Silent."""
        self.pgconn.finish()
        _log.warning("The database does not answer; the connection is closed.")
        raise Silent("the database does not answer")

    def knock(self, seconds: int) -> None:
        """Opens a second connection. Raises Silent when the server does not answer it; a refusal is an answer."""
        where = {item.keyword.decode(): item.val.decode() for item in self.pgconn.info if item.val is not None}
        try:
            psycopg.connect(make_conninfo(**where | {"connect_timeout": str(seconds)})).close()
        except psycopg.errors.ConnectionTimeout:
            self.give_up()
        except psycopg.Error as error:
            _log.warning("A statement takes long, and a second connection was refused: %s", type(error).__name__)


class _Watch:
    """One wait: when to check that the server lives, when to cancel the statement, when to give up."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cancelled = math.inf
        self._began = False

    def _begin(self) -> None:
        """Starts the clock at the first interval without data, so a fast answer costs nothing."""
        self._began = True
        # Work that begins when the time is over (a rollback, the error page) still gets an answer that is ready.
        soonest = monotonic() + deadlines.CANCEL_SECONDS
        allowed = deadlines.current()
        if allowed:
            self._knock_at, self._until = max(allowed.knock, soonest), max(allowed.until, soonest)
            self._knock_seconds, self._again = deadlines.KNOCK_SECONDS, deadlines.KNOCK_AGAIN_SECONDS
        else:
            self._knock_at, self._until = monotonic() + deadlines.WORK_SILENT_SECONDS, math.inf
            self._knock_seconds, self._again = deadlines.WORK_KNOCK_SECONDS, deadlines.WORK_SILENT_SECONDS

    def look(self) -> None:
        """Checks the clock, after each tenth of a second without data. Raises Silent."""
        if self._connection.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        if not self._began:
            self._begin()
        now = monotonic()
        if now > self._cancelled + deadlines.CANCEL_SECONDS:
            self._connection.give_up()
        elif self._cancelled < math.inf:
            return
        elif now >= self._until:
            self._cancel()
        elif now >= self._knock_at:
            self._connection.knock(self._knock_seconds)
            self._knock_at = monotonic() + self._again

    def _cancel(self) -> None:
        try:
            self._connection.cancel_safe(timeout=deadlines.CANCEL_SECONDS)
        except psycopg.Error:
            self._connection.give_up()
        self._cancelled = monotonic()


class AsyncConnection(psycopg.AsyncConnection):
    """A connection of the job queue: its statements are short, and its event loop must not block for ``knock``."""

    async def wait(self, gen: PQGen, *args: Any, **kwargs: Any) -> Any:
        """Waits as psycopg does. Raises Silent (an OperationalError)."""
        until = monotonic() + deadlines.QUEUE_SILENT_SECONDS

        def look() -> None:
            if monotonic() > until and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
                raise Silent("the database does not answer")

        return await super().wait(_watched(gen, look), *args, **kwargs)

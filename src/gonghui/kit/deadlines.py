"""How long a piece of work waits for the database: all limits stand here (docs/adr/0020).

A stopped server and a cut line send no error, so that only the client can end a wait. The front door (config/asgi.py)
gives each request its patience, and kit/database/connection.py keeps to it in every wait. A job or a command has none:
it may work as long as the server lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

PAGE_SECONDS = 7.0
"""From its arrival on a page may wait so long for the database; with CANCEL_SECONDS twice it is told so within 10."""

LEAST_SECONDS = 2.0
"""What a page has at least, however long it stood in the queue before it got a thread."""

LONG_SECONDS = 60.0
"""What a change (POST) may take, exports and uploads among them: a dissolution of 50,000 members takes 12 s."""

CANCEL_SECONDS = 1.0
"""So long the server has to take a cancellation, and again to act on it; then the connection is closed."""

KNOCK_SECONDS = 2
"""So long the server has to answer a second connection while a long request waits on the first (the least libpq has)."""

KNOCK_AGAIN_SECONDS = 5.0
"""When it has answered, it is asked again after so long."""

CONNECT_SECONDS = 5
"""For opening a connection, unless the database's URL says another ``connect_timeout``."""

POOL_SECONDS = 5.0
"""For getting a connection from the pool; a request has its own patience besides."""

WORK_POOL_SECONDS = 15.0
"""For a job. No more run at once than the pool has connections: who waits, waits for a database that is away, and is
sooner helped by another try of the job than by a pool that has given up to reconnect."""

WORK_SILENT_SECONDS = 15.0
"""A job's or a command's statement that has waited so long asks whether the server lives, and again every so often."""

WORK_KNOCK_SECONDS = 10
"""So long the server has to answer then: nobody watches the clock, and a busy machine is no dead one."""

QUEUE_SILENT_SECONDS = 15.0
"""The job queue's own statements take milliseconds; one that waits so long for its answer is given up."""

QUEUE_POOL_SECONDS = 10.0
"""For the job queue to get a connection of its own pool: its statements take milliseconds, so that none is held long."""

JOB_STATEMENT_SECONDS = 3600
"""The server's own limit for one statement of a worker; a page's is a little over LONG_SECONDS."""

WEB_IDLE_SECONDS, JOB_IDLE_SECONDS = 120, 900
"""The server ends a transaction that asks nothing for so long: its locks must not outlive a process that was stopped.
A job reads a whole workbook, and waits for a mail server, inside one."""


@dataclass(frozen=True)
class Patience:
    """Two moments of ``time.monotonic()``: when a silent server is asked whether it lives, and when the wait ends."""

    knock: float
    until: float


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current() -> Patience | None:
    """What the work at hand may wait; None outside a request."""
    return _patience.get()


@contextmanager
def patience(value: Patience) -> Iterator[None]:
    """Keep to ``value`` in this thread until the block ends."""
    token = _patience.set(value)
    try:
        yield
    finally:
        _patience.reset(token)


def for_request(method: str, arrived: float) -> Patience:
    """The patience of a request that arrived at ``arrived`` (monotonic) and gets its thread now.

    What only reads is stopped when it is slow, what changes something only when the server does not answer a knock
    either: a change that was begun is better finished.
    """
    page = max(arrived + PAGE_SECONDS, monotonic() + LEAST_SECONDS)
    return Patience(page, page if method in {"GET", "HEAD"} else arrived + LONG_SECONDS)


def pool_seconds() -> float:
    """How long the work at hand may wait for a connection from the pool; 0 or less when its time is over."""
    now = current()
    return WORK_POOL_SECONDS if now is None else min(POOL_SECONDS, now.knock - monotonic())

"""How long work waits for the database: all limits are here (docs/adr/0020).

A stopped server and a cut connection send no error, so only the client can end a wait. config/asgi.py gives each
request its patience, and kit/database/connection.py applies it to every wait. A job or a command has none: it waits as
long as the server lives.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

PAGE_SECONDS = 7.0
"""Time from its arrival that a page may wait for the database; with twice CANCEL_SECONDS it fails within 10 seconds."""

LEAST_SECONDS = 2.0
"""The least time of a page, however long it waited for a thread."""

LONG_SECONDS = 60.0
"""Limit of a change (POST), exports and uploads included: a dissolution of 50,000 members takes 12 s."""

CANCEL_SECONDS = 1.0
"""The server's time to accept a cancellation, and again to act on it; then the connection is closed."""

KNOCK_SECONDS = 2
"""The server's time to answer a second connection while a long request waits on the first (libpq's minimum)."""

KNOCK_AGAIN_SECONDS = 5.0
"""Time between two such checks of a server that answers."""

CONNECT_SECONDS = 5
"""For opening a connection, unless the database's URL says another ``connect_timeout``."""

POOL_SECONDS = 5.0
"""For getting a connection from the pool; a request has its own patience besides."""

WORK_POOL_SECONDS = 15.0
"""For a job. No more jobs run at once than the pool has connections: a wait means that the database is unavailable, and
a retry of the job recovers sooner than a pool that has stopped reconnecting."""

WORK_SILENT_SECONDS = 15.0
"""A statement of a job or a command checks at this interval whether the server lives."""

WORK_KNOCK_SECONDS = 10
"""The server's time to answer this check: no user is waiting, and a busy machine may be slow."""

QUEUE_SILENT_SECONDS = 15.0
"""Limit of the job queue's own statements, which take milliseconds."""

QUEUE_POOL_SECONDS = 10.0
"""For the job queue to get a connection of its own pool; its statements hold one for milliseconds."""

JOB_STATEMENT_SECONDS = 3600
"""The server's own limit for one statement of a worker; a page's is a little over LONG_SECONDS."""

WEB_IDLE_SECONDS, JOB_IDLE_SECONDS = 120, 900
"""The server ends a transaction that is idle for this time: its locks must not outlive a stopped process.
A job reads a whole workbook, and waits for a mail server, inside a transaction."""


@dataclass(frozen=True)
class Patience:
    """Two moments of ``time.monotonic()``: when a silent server is asked whether it lives, and when the wait ends."""

    knock: float
    until: float


_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current() -> Patience | None:
    """Returns the patience of the current request; None outside a request."""
    return _patience.get()


@contextmanager
def patience(value: Patience) -> Iterator[None]:
    """Applies ``value`` in this thread until the block ends."""
    token = _patience.set(value)
    try:
        yield
    finally:
        _patience.reset(token)


def for_request(method: str, arrived: float) -> Patience:
    """The patience of a request that arrived at ``arrived`` (monotonic) and gets its thread now.

    A slow read is stopped. A change is stopped only when the server does not answer a second connection either: it is
    better to finish a change that has begun.
    """
    page = max(arrived + PAGE_SECONDS, monotonic() + LEAST_SECONDS)
    return Patience(page, page if method in {"GET", "HEAD"} else arrived + LONG_SECONDS)


class _Answer:
    """Of the database to this process."""

    last = 0.0


def note_answer() -> None:
    """The database has answered a statement of this process."""
    _Answer.last = monotonic()


def answered_at() -> float:
    """When the database last answered this process (``time.monotonic()``); 0.0 before its first answer."""
    return _Answer.last


def pool_seconds() -> float:
    """Returns how long the current work may wait for a pool connection; 0 or less when its time is over."""
    now = current()
    return WORK_POOL_SECONDS if now is None else min(POOL_SECONDS, now.knock - monotonic())

"""Who acts, from where: set once for each request (or job), read by ``record``."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Context:
    """Network address, request id and user (signed in or not) of an act; empty for a job or the command line."""

    address: str | None = None
    request_id: str = ""
    user: Any = None


current: ContextVar[Context] = ContextVar("audit_context", default=Context())


@contextmanager
def coming_from(address: str | None, request_id: str, user: Any = None) -> Iterator[None]:
    """Sets address and request id of the records inside, and ``user`` as the sender of the mail written inside."""
    token = current.set(Context(address, request_id, user))
    try:
        yield
    finally:
        current.reset(token)

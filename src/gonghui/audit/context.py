"""Who is acting, from where: set once a request (or a job), read by every record."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """Where an act came from: network address and request id; empty for a job or the command line."""

    address: str | None = None
    request_id: str = ""


current: ContextVar[Context] = ContextVar("audit_context", default=Context())


@contextmanager
def coming_from(address: str | None, request_id: str) -> Iterator[None]:
    """Everything recorded inside carries this address and request id."""
    token = current.set(Context(address, request_id))
    try:
        yield
    finally:
        current.reset(token)

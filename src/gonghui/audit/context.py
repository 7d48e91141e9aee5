"""Who is acting, from where: set once a request (or a job), read by every record."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Context:
    """Where an act came from: network address, request id, and whose request it is (a user, signed in or not); empty
    for a job or the command line.
    """

    address: str | None = None
    request_id: str = ""
    user: Any = None


current: ContextVar[Context] = ContextVar("audit_context", default=Context())


@contextmanager
def coming_from(address: str | None, request_id: str, user: Any = None) -> Iterator[None]:
    """Everything recorded inside carries this address and request id; mail written inside is ``user``'s."""
    token = current.set(Context(address, request_id, user))
    try:
        yield
    finally:
        current.reset(token)

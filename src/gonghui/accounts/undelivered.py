"""Whose mail does not arrive: asked of the room above, which sends it."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

Find = Callable[[Collection[str]], dict[str, str]]
_FINDERS: list[Find] = []


def register(find: Find) -> None:
    """``find(emails)`` gives a sentence for each address whose newest mail did not arrive."""
    _FINDERS.append(find)


def mark(users: Sequence[Any]) -> None:
    """Set ``undelivered`` of each of the accounts to that sentence, or to nothing, for the templates. One query for all."""
    emails = [user.email for user in users]
    found = {email: sentence for find in _FINDERS for email, sentence in find(emails).items()}
    for user in users:
        user.undelivered = found.get(user.email, "")

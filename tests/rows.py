"""Kinds of addresses, each a few rows of the table of `test_scope`."""

from collections.abc import Collection
from typing import Any

from tests.world import EVERYBODY, NOBODY, SIGNED_IN, Row, Statuses


def page(name: str, of: str = "", statuses: Statuses | None = None, **more: Any) -> list[Row]:
    """An address that is only looked at."""
    seen = {200: SIGNED_IN} if statuses is None else statuses
    return [Row(name, "get", seen, of, **more), Row(name, "post", {405: SIGNED_IN}, of)]


def act(name: str, of: str, statuses: Statuses, **more: Any) -> list[Row]:
    """An address that only takes a POST. Whose request is accepted changes something, if nothing else is said."""
    more.setdefault("changes", statuses.get(302, set()))
    return [Row(name, "get", {405: SIGNED_IN}, of), Row(name, "post", statuses, of, **more)]


def form(name: str, of: str, shown: Statuses, sent: Statuses, *, opening: Collection[str] = (), rest: int = 404):
    """An address that shows a form and takes it; here nothing is filled in. ``opening``: whose GET is recorded."""
    get = Row(name, "get", shown, of, changes=set(opening), rest=rest)
    return [get, Row(name, "post", sent, of, data={"sent": "yes"}, rest=rest)]


def public(name: str, get: int = 200, post: int = 200, of: str = "") -> list[Row]:
    """An address that answers everybody alike."""
    return [Row(name, "get", {get: EVERYBODY}, of), Row(name, "post", {post: EVERYBODY}, of)]


def for_guests(name: str) -> list[Row]:
    """An entrance: whoever is in already is led home."""
    statuses = {200: {NOBODY}, 302: SIGNED_IN}
    return [Row(name, "get", statuses), Row(name, "post", statuses)]


def own(name: str, get: int = 200, post: int = 200) -> list[Row]:
    """A page of one's own account: the same for all who are signed in."""
    return [Row(name, "get", {get: SIGNED_IN}), Row(name, "post", {post: SIGNED_IN})]

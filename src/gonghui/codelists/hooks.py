"""The code lists: each is registered beside its ``TextChoices``, in the ``codes.py`` of the app whose rows hold its values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from gonghui.kit.hooks import Registry


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """One list. Its ``choices`` are the seed, and the names that rules use; the database holds what the city made of it."""

    key: str
    choices: type[TextChoices]
    title: str
    standard: str  # that the national codes are of; "" if they are of none
    national: Mapping[str, str | None]  # by value; None: the standard has no code for it
    closed: bool
    lasting: Collection[str]

    @property
    def why_closed(self) -> str:
        """What keeps the city from adding and retiring values, as a half sentence; "" for an open list."""
        if not self.closed:
            return ""
        return f"取值由 {self.standard} 规定" if self.standard else "平台的规则按这些取值判断"


LISTS: Registry[CodeList] = Registry()
"""By key, under which the database keeps the list."""


def register(
    key: str,
    choices: type[TextChoices],
    *,
    title: str,
    national: Mapping[Any, str | None],
    standard: str = "",
    closed: bool,
    lasting: Collection[str] = (),
) -> None:
    """Adds a list. ``national`` says of each value which code ``standard`` has for it, or that it has none (None).

    ``closed``: rules branch on the values, or a standard closes them, so that the city may only rename. ``lasting`` are the
    values of an open list that code names, such as a field's default: they are never retired. Raises ValueError for a
    value that is not said to have a code or none.
    """
    codes = {str(value): code for value, code in national.items()}
    if set(codes) != set(choices.values) or (not standard and any(codes.values())):
        raise ValueError(f"{key}: say of each value which code {standard or 'a standard'} has for it, or None")
    one = CodeList(
        key=key, choices=choices, title=title, standard=standard, national=codes, closed=closed,
        lasting=frozenset(map(str, lasting)),
    )  # fmt: skip
    LISTS.register(key, one)

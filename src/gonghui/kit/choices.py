"""Mappings keyed by a Choices class. A plain dict has an entry for every member, ``Some`` for some of them."""

from collections.abc import ItemsView, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Some(Generic[K, V]):
    """A mapping for some members of a Choices class; ``others`` explains why the others have no entry.

    It has no ``[…]``, so a value that the database allows never raises KeyError: ``get`` names the default.
    """

    def __init__(self, entries: Mapping[K, V], *, others: str) -> None:
        self._entries, self.others = dict(entries), others

    def get(self, key: K, default: D) -> V | D:
        """Returns the entry of ``key``, or ``default``."""
        return self._entries.get(key, default)

    def items(self) -> ItemsView[K, V]:
        return self._entries.items()

    def __contains__(self, key: object) -> bool:
        return key in self._entries

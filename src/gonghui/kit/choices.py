"""Look-ups by the members of a Choices class. A plain dict has an entry for each member; what has not is ``Some``."""

from collections.abc import ItemsView, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class Some(Generic[K, V]):
    """A mapping for some members of a Choices class, on purpose; ``others`` says in words why the others have no entry.

    It has no ``[…]``, so that no value which the database allows is ever a KeyError: ``get`` says what the others get.
    """

    def __init__(self, given: Mapping[K, V], *, others: str) -> None:
        self._given, self.others = dict(given), others

    def get(self, key: K, default: D) -> V | D:
        """The entry of ``key``, or ``default``."""
        return self._given.get(key, default)

    def items(self) -> ItemsView[K, V]:
        return self._given.items()

    def __contains__(self, key: object) -> bool:
        return key in self._given

"""Lists sorted by a heading: only by what an index serves, so that a page costs the same at any depth (kit/paging.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

PARAMETER = "sort"


@dataclass(frozen=True)
class Sorting:
    """How a list is sorted: by which heading, in which direction.

    ``orders``: by the heading's key its ascending order, as ``kit.paging.paginate`` wants it.
    """

    orders: Mapping[str, Sequence[str]]
    key: str
    descending: bool

    @property
    def order(self) -> list[str]:
        return [f"-{name}" if self.descending else name for name in self.orders[self.key]]

    def next(self, key: str) -> str:
        """The parameter of a heading's link: the other direction, where the list is sorted by it."""
        return f"-{key}" if key == self.key and not self.descending else key


def sorting_of(request: HttpRequest, orders: Mapping[str, Sequence[str]], usual: str) -> Sorting:
    """The sorting that the address asks for; ``usual`` (a key, with ``-`` descending) if it asks for none that there is."""
    wanted = request.GET.get(PARAMETER, "")
    if wanted.removeprefix("-") not in orders:
        wanted = usual
    return Sorting(orders, wanted.removeprefix("-"), wanted.startswith("-"))

"""Lists sorted by a heading. Only indexed orders are offered, so every page has the same cost (kit/paging.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

PARAMETER = "sort"


@dataclass(frozen=True)
class Sorting:
    """The sorting of a list: heading and direction.

    ``orders`` maps the key of a heading to its ascending order, in the form of ``kit.paging.paginate``.
    """

    orders: Mapping[str, Sequence[str]]
    key: str
    descending: bool

    @property
    def order(self) -> list[str]:
        return [f"-{name}" if self.descending else name for name in self.orders[self.key]]

    def next(self, key: str) -> str:
        """Returns the parameter of a heading's link; the other direction if the list is sorted by this heading."""
        return f"-{key}" if key == self.key and not self.descending else key


def sorting_of(request: HttpRequest, orders: Mapping[str, Sequence[str]], usual: str) -> Sorting:
    """Returns the sorting in the address, or ``usual`` (a key, with ``-`` descending) if it is missing or unknown."""
    wanted = request.GET.get(PARAMETER, "")
    if wanted.removeprefix("-") not in orders:
        wanted = usual
    return Sorting(orders, wanted.removeprefix("-"), wanted.startswith("-"))

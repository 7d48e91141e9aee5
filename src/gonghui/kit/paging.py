"""Numbered pages whose cost does not grow with their depth.

A link to a page carries the key of a row nearby (``near=page:key``), so the database seeks to it by index and skips a
few pages at most; only a far page number typed by hand is walked to, from the nearer end; of rows that are too many to
be counted, not farther than WALKED.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import DateField, DateTimeField, F, Model, Q, QuerySet, TextField
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from django.db.models.lookups import Lookup
from django.http import HttpRequest

SIZES = (10, 20, 50, 100)
COUNTED = 10_000
SEARCHED = 1_000
"""So many are counted of a search by a word, or through many unions: whoever finds more has to narrow it."""
WALKED = 2_000
"""Rows that are walked to a page of rows too many to be counted: a wide word's may lie far apart."""
_AROUND = 2  # page numbers shown on either side of the current one
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_000_000_000 * 10**6  # year 9987: a value that is no valid time must not raise an error

Key = tuple[Any, ...]
Narrow = Callable[[QuerySet, Key | None, bool, int], QuerySet]
"""Limits rows by a condition that helps the database to find them, without changing the result. Its arguments are the
rows, the key to start at (None: an end of the list), whether backwards, and the number of skipped or shown rows."""


@dataclass(frozen=True)
class Link:
    """A page number below a table; without an address it is a gap."""

    number: int
    address: str


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, and the figures and links below the table."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int
    capped: bool  # there are more than ``total`` rows, which were not counted
    links: list[Link]
    kept: list[tuple[str, str]]  # the other parameters of the request, for the form that changes the size
    sizes: tuple[int, ...] = SIZES
    asked: int = 0  # the page that was asked for, if it is too far to be opened by its number

    @property
    def last(self) -> int:
        return _last(self.total, self.size)

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


def paginate(
    request: HttpRequest,
    rows: QuerySet,
    *,
    order: Sequence[str],
    total: int | None = None,
    count: Callable[[int], int] | None = None,
    size: int = 10,
    narrow: Narrow | None = None,
    countable: int | None = None,
    at_least: int | None = None,
) -> Page:
    """Returns the page for the request's ``page``, ``size`` and ``near``; invalid values mean the first page.

    ``order``: a unique key of columns that an index serves, all ascending or all with ``-``. Where one of them is a text,
    such as a name, the last is ``id``: an address carries that alone, and one statement more asks for the others.
    ``total``: the number of rows if it is known; else they are counted, up to ``countable`` (COUNTED), by ``count`` (at
    most so many) where something counts them quicker. ``countable`` without ``count``: rows that are found by reading many
    others, so few of them are found once, and the page is taken from these. ``at_least``: so many there are, and more, which
    are not counted. ``narrow``: see `Narrow`.
    """
    request.is_list = True  # type: ignore[attr-defined] # for kit.lists
    capped = False
    if at_least:
        capped, total = True, at_least
    elif total is None and countable and not count:
        found = list(rows.order_by().values_list("pk", flat=True)[: countable + 1])
        capped, total = len(found) > countable, min(len(found), countable)
        if not capped:
            rows, narrow = rows.filter(pk__in=found), None
    elif total is None:
        countable = countable or COUNTED
        total = count(countable + 1) if count else rows.order_by()[: countable + 1].count()
        capped, total = total > countable, min(total, countable)
    number, size = _number_and_size(request, total, size)
    near = _near(request.GET.get("near"), len(_carried(rows.model, order)))
    if near and abs(near[0] - number) > _AROUND:  # no link of ours: the offset might exceed the number of rows
        near = None
    if near and len(near[1]) < len(order):
        near = _looked_up(rows, order, near)
    asked, farthest = 0, WALKED // size if capped else number
    if not near and number > farthest:
        asked, number = number, farthest
    page_rows = list(_seek(rows, order, number, size, total, near, narrow or _whole, from_end=not capped))
    return _page(request, page_rows, number, size, total, capped=capped, order=order, asked=asked)


def paginate_list(request: HttpRequest, rows: Sequence[Any], *, size: int = 10) -> Page:
    """As ``paginate``, for rows in memory."""
    request.is_list = True  # type: ignore[attr-defined]
    number, size = _number_and_size(request, len(rows), size)
    return _page(request, rows[(number - 1) * size : number * size], number, size, len(rows))


def _number_and_size(request: HttpRequest, total: int, size: int) -> tuple[int, int]:
    """Returns the number of an existing page and an offered size, the nearest ones to the request's."""
    size = _size(request, size)
    return min(max(1, _integer(request.GET.get("page"), 1)), _last(total, size)), size


def _last(total: int, size: int) -> int:
    return max(1, ceil(total / size))


def _page(
    request: HttpRequest,
    rows: Sequence[Any],
    number: int,
    size: int,
    total: int,
    *,
    capped: bool = False,
    order: Sequence[str] = (),
    asked: int = 0,
) -> Page:
    carried = _carried(type(rows[0]), order) if rows else ()
    last = _last(total, size)
    links = _links(request, rows if order else (), carried, number, last, size)
    if capped and last > max(WALKED // size, number + _AROUND):
        links = [*links[:-1], Link(0, "")] if links[-2].address else links[:-1]  # nobody is led where it is too far
    kept = [(k, v) for k, values in request.GET.lists() for v in values if k not in {"page", "near", "size"}]
    return Page(rows, number, size, total, capped, links, kept, asked=asked)


def _seek(
    rows: QuerySet,
    order: Sequence[str],
    number: int,
    size: int,
    total: int,
    near: tuple[int, Key] | None,
    narrow: Narrow,
    *,
    from_end: bool,
) -> Iterable[Any]:
    """Returns the rows of page ``number``, from ``near`` (page, key of its first row) or from an end of the list."""
    if near:
        page, key = near
        if number >= page:
            skip = (number - page) * size
            after = narrow(rows, key, False, skip + size)
            return after.filter(beyond(rows.model, order, key, inclusive=True)).order_by(*order)[skip : skip + size]
        skip = (page - number - 1) * size
        before = narrow(rows, key, True, skip + size)
        before = before.filter(beyond(rows.model, turned(order), key, inclusive=False))
        return reversed(before.order_by(*turned(order))[skip : skip + size])
    start, stop = (number - 1) * size, min(number * size, total)
    if start <= total // 2 or not from_end:
        return narrow(rows, None, False, start + size).order_by(*order)[start : start + size]
    return reversed(narrow(rows, None, True, total - start).order_by(*turned(order))[total - stop : total - start])


def _whole(rows: QuerySet, key: Key | None, backward: bool, count: int) -> QuerySet:
    return rows


def turned(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def beyond(model: type[Model], order: Sequence[str], key: Key, *, inclusive: bool) -> Q | Lookup:
    """The condition "at or after ``key`` in this order", as one row comparison, which an index serves."""
    descending = order[0].startswith("-")
    names = [name.lstrip("-") for name in order]
    values = [_column_value(model, name, number) for name, number in zip(names, key, strict=True)]
    if len(names) == 1:
        return Q(**{f"{names[0]}__{'lt' if descending else 'gt'}{'e' if inclusive else ''}": values[0]})
    lookup = {
        (False, False): TupleGreaterThan,
        (False, True): TupleGreaterThanOrEqual,
        (True, False): TupleLessThan,
        (True, True): TupleLessThanOrEqual,
    }[descending, inclusive]
    return lookup(Tuple(*(F(name) for name in names)), values)


def _carried(model: type[Model], order: Sequence[str]) -> Sequence[str]:
    """Returns the columns of the order in an address: all, or only the id, because no address may contain a name."""
    texts = any(isinstance(model._meta.get_field(name.lstrip("-")), TextField) for name in order if "__" not in name)
    return order[-1:] if texts else order


def _looked_up(rows: QuerySet, order: Sequence[str], near: tuple[int, Key]) -> tuple[int, Key] | None:
    """Returns ``near`` with the whole key of the row with its id.

    None if ``rows`` does not contain it: the position of another union's row would disclose its name.
    """
    names = [name.lstrip("-") for name in order]
    key = rows.filter(**{names[-1]: near[1][0]}).values_list(*names).first()
    return (near[0], key) if key else None


def _column_value(model: type[Model], name: str, number: Any) -> Any:
    """Converts a number of a key to the column's value: an address has times in microseconds, days from the first one."""
    field = None if isinstance(number, (str, date)) or "__" in name else model._meta.get_field(name)
    if not isinstance(field, DateField):
        return number
    if not isinstance(field, DateTimeField):
        return date.fromordinal(min(max(number, 1), date.max.toordinal()))
    return _EPOCH + timedelta(microseconds=min(max(number, 0), _LAST))


def _links(
    request: HttpRequest, rows: Sequence[Any], order: Sequence[str], number: int, last: int, size: int
) -> list[Link]:
    """Returns links to the first page, the last page and the neighbours, with gaps (a Link without address)."""
    numbers = sorted({1, last, *range(max(1, number - _AROUND), min(last, number + _AROUND) + 1)})
    near = ""
    if rows:
        key = ".".join(str(_value(rows[0], name.lstrip("-"))) for name in order)
        near = f"{number}:{key}"
    links: list[Link] = []
    for other in numbers:
        if links and other > links[-1].number + 1:
            links.append(Link(0, ""))
        query = request.GET.copy()
        query["page"], query["size"] = str(other), str(size)
        query.pop("near", None)
        if near and abs(other - number) <= _AROUND:
            query["near"] = near
        links.append(Link(other, f"?{query.urlencode()}"))
    return links


def _value(row: Any, path: str) -> int:
    for name in path.split("__"):
        row = getattr(row, name)
    if isinstance(row, datetime):
        return (row - _EPOCH) // timedelta(microseconds=1)
    return row.toordinal() if isinstance(row, date) else row


def _near(text: str | None, width: int) -> tuple[int, Key] | None:
    try:
        page, _, key = (text or "").partition(":")
        values = tuple(int(part) for part in key.split("."))
        return (int(page), values) if len(values) == width and int(page) > 0 and max(map(abs, values)) < 2**63 else None
    except ValueError:
        return None


def _size(request: HttpRequest, usual: int) -> int:
    """Returns the size in the address, else the user's size for this list (accounts.middleware), else ``usual``."""
    if "size" not in request.GET:
        liked: Callable[[], int | None] | None = getattr(request, "list_size", None)
        return (liked() if liked else None) or usual
    size = _integer(request.GET["size"], usual)
    return size if size in SIZES else SIZES[0]


def _integer(text: str | None, default: int) -> int:
    try:
        return min(int(text or default), 10**9)
    except ValueError:
        return default

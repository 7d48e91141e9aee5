"""What the lists of unions, and of what is theirs, share."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from gonghui.kit.paging import SEARCHED, Key, Page, beyond, paginate, turned
from gonghui.unions.forms import NameFilter
from gonghui.unions.queries import count_matching, first_matching


def paginate_named(
    request: HttpRequest,
    filters: NameFilter,
    rows: QuerySet,
    *,
    order: Sequence[str],
    size: int,
    total: int | None = None,
) -> Page:
    """As `paginate`, of the rows that the filters leave. ``total``: of all rows, if it is known.

    Each way of finding a name is asked from the page's key on, for as many rows as are passed or shown. So a word that
    all names hold costs what a rare one does.
    """
    found, text, path = filters.narrow(rows), filters.name, filters.path
    if not text:
        return paginate(request, found, order=order, size=size, total=None if filters.narrows else total)
    rows = filters.chosen(rows, filters.cleaned_data)

    def narrow(whole: QuerySet, key: Key | None, backward: bool, count: int) -> QuerySet:
        along = turned(order) if backward else list(order)
        onward = rows.filter(beyond(rows.model, along, key, inclusive=True) if key else Q())
        return first_matching(onward.order_by(*along), text, count + 1, path)

    return paginate(
        request, found, order=order, size=size, narrow=narrow, countable=SEARCHED,
        count=lambda most: count_matching(rows, text, most, path),
    )  # fmt: skip

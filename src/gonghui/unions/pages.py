"""What the lists of unions, and of what is theirs, share."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from gonghui.kit.paging import Key, Page, beyond, paginate, turned
from gonghui.unions.queries import count_matching, first_matching, matching


def paginate_matching(
    request: HttpRequest, rows: QuerySet, text: str, *, order: Sequence[str], size: int, path: str = "pk"
) -> Page:
    """As `paginate`, of the rows that `matching` finds: each of its ways is asked from the page's key on, for as many rows
    as are passed or shown. So a word that all names hold costs what a rare one does.
    """

    def narrow(whole: QuerySet, key: Key | None, backward: bool, count: int) -> QuerySet:
        along = turned(order) if backward else list(order)
        onward = rows.filter(beyond(rows.model, along, key, inclusive=True) if key else Q())
        return first_matching(onward.order_by(*along), text, count + 1, path)

    found = matching(rows, text, path)
    return paginate(
        request, found, order=order, size=size, narrow=narrow, count=lambda most: count_matching(rows, text, most, path)
    )

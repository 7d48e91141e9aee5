"""「下级待办」: pending requests of the unions below and their age; the superiors read and remind, they do not decide."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from gonghui.accounts.request import Request, own_union
from gonghui.kit.paging import SEARCHED, paginate, paginate_list
from gonghui.kit.sorting import sorting_of
from gonghui.reviews import queries
from gonghui.reviews.desk_views import chips, dress, lateness, require_desk, tabs, union_below
from gonghui.reviews.forms import DeskFilter


@require_GET
def below(request: Request) -> HttpResponse:
    """Lists the unions with pending requests, the slowest first."""
    require_desk(request)
    if own_union(request).level > 2:
        raise Http404
    unions = queries.waiting_unions(request.user)
    page = paginate_list(request, unions, size=20)
    for row in page.rows:
        row["days"] = (timezone.now() - row["since"]).days
        row["lateness"] = lateness(row["days"])
    totals = {key: sum(row[key] for row in unions) for key in ("waiting", "late", "very_late")}
    by_branch = own_union(request).level == 1
    context = {
        "page": page,
        "by_branch": by_branch,
        "totals": totals,
        "very_late_days": queries.VERY_LATE_DAYS,
        **tabs(request, "below"),
    }
    return render(request, "reviews/below.html", context)


@require_GET
def below_union(request: Request, pk: int) -> HttpResponse:
    """Lists the pending requests of one union, oldest first."""
    require_desk(request)
    union = union_below(request, pk)
    filters, steps = DeskFilter(request.GET), queries.awaited_by(union.pk)
    sorting = sorting_of(request, {"submitted": ("id",)}, "submitted")
    rows = filters.narrow(steps).select_related("review__submitted_by", "review__union")
    page = paginate(request, rows, order=sorting.order, size=20, countable=SEARCHED if filters.narrows else None)
    dress(page.rows)
    context = {
        "page": page,
        "sorting": sorting,
        "filters": filters,
        "union": union,
        "query": filters.query,
        "chips": chips(filters, steps),
        **tabs(request, "below"),
    }
    return render(request, "reviews/below_union.html", context, status=filters.status)

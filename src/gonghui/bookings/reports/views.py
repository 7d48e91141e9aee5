"""「统计」: who came, how often, with whose money; and who has never been."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.codes import FundSource
from gonghui.bookings.reports import actions, queries
from gonghui.bookings.reports.forms import NeverFilter, ReportFilter
from gonghui.bookings.rules import can_report
from gonghui.kit.paging import paginate
from gonghui.unions.models import Union


def _node(request: Request) -> Union:
    """The user's own union, a superior one. Raises Http404."""
    union = own_union(request)
    if not can_report(request.user):
        raise Http404
    return union


@require_GET
def report(request: Request) -> HttpResponse:
    """The figures of a year: all, by category, and by the unions directly below, a page at a time."""
    node = _node(request)
    filters = ReportFilter(request.GET)
    year, kind = filters.chosen
    page = paginate(request, filters.narrow(_branches(node)), order=("id",), size=50)
    context = {
        "node": node,
        "filters": filters,
        "year": year,
        "page": page,
        "lines": queries.by_union(node, page.rows, year, kind),
        "whole": queries.whole(node, year, kind),
        "categories": queries.by_category(node, year, kind),
        "sources": [source.label for source in FundSource],
        "query": request.GET.urlencode(),
    }
    return render(request, "bookings/report.html", context, status=filters.status)


def _branches(node: Union) -> QuerySet[Union]:
    return Union.objects.filter(superior=node)


@require_POST
def export(request: Request) -> HttpResponseBase:
    """「导出」: the unions of the page's filters, all of them."""
    node = _node(request)
    filters = ReportFilter(request.GET)
    filters.require()
    year, kind = filters.chosen
    lines = queries.by_union(node, list(_branches(node).order_by("id")[: actions.MAX_NEVER]), year, kind)
    return _sent(
        f"疗休养体检统计_{year}", lambda path: actions.export_report(node, lines, path, year=year, by=request.user)
    )


@never_cache
@require_GET
def never(request: Request) -> HttpResponse:
    """「从未参加」: members below, numbers masked; looking at them is recorded."""
    node = _node(request)
    filters = NeverFilter(request.GET, node=node)
    rows = filters.narrow(queries.never_been(node, filters.chosen)).select_related("union")
    page = paginate(request, rows, order=("id",), size=20)
    if page.rows:
        actions.look_at_never(node, page.rows, by=request.user)
    context = {"node": node, "filters": filters, "page": page, "query": request.GET.urlencode()}
    return render(request, "bookings/never.html", context, status=filters.status)


@require_POST
def never_export(request: Request) -> HttpResponseBase:
    """「导出」 of who has never been."""
    node = _node(request)
    filters = NeverFilter(request.GET, node=node)
    filters.require()
    rows = filters.narrow(queries.never_been(node, filters.chosen))
    return _sent("从未参加的会员", lambda path: actions.export_never(node, rows, path, by=request.user))


def _sent(name: str, write: Callable[[Path], int]) -> FileResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write(path)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"{name}_{localdate():%Y%m%d}.xlsx")

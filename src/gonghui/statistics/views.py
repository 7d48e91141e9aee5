"""「统计分析」: the figures of the own union and of every node below it, as of the end of a day (SPEC 5.3)."""

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.paging import paginate, paginate_list
from gonghui.members.models import Member
from gonghui.registers.unorganised.form import SIZES, UNKNOWN
from gonghui.statistics import figures
from gonghui.statistics.cells import Cell
from gonghui.statistics.dimensions import DIMENSIONS
from gonghui.statistics.export import export_figures
from gonghui.statistics.forms import CellFilter, FigureFilter
from gonghui.statistics.looks import show_people
from gonghui.statistics.models import Closing, Figure
from gonghui.statistics.rules import can_see_figures
from gonghui.unions.models import Union

ORDER = ("-closing_members", "-id")


@require_GET
def own(request: Request) -> HttpResponse:
    """The figures of the user's own union."""
    if not can_see_figures(request.user):
        raise Http404
    return _page(request, own_union(request))


@require_GET
def node(request: Request, pk: int) -> HttpResponse:
    """Those of a superior union below it."""
    if not can_see_figures(request.user):
        raise Http404
    if pk == request.user.union_id:
        return redirect(f"{reverse('statistics:own')}?{request.GET.urlencode()}")
    return _page(request, _superior(request, pk))


def _superior(request: Request, pk: int) -> Union:
    """The own union, or a superior one below it."""
    visible = Union.objects.visible_to(request.user).superiors().select_related("superior__superior")
    return get_object_or_404(visible, pk=pk)


@never_cache
@require_GET
def cell(request: Request, pk: int) -> HttpResponse:
    """What is behind one number: the people of a street, or above it the numbers of those below."""
    union = _superior(request, pk)
    asked = CellFilter(request.GET)
    context: dict[str, Any] = {"node": union, "trail": union.trail_from(own_union(request)), "filters": asked}
    if asked.is_valid():
        number = _cell(union, asked.cleaned_data)
        context |= {"cell": number, "closing": number.closing, "query": _same_figures(number)}
        if union.level == 3:
            people = number.people()
            page = paginate_list(request, people, size=20)
            show_people(number, page.rows, by=request.user)
            members = {line.member.pk for line in page.rows}
            seen = set(Member.objects.visible_to(request.user).filter(pk__in=members).values_list("pk", flat=True))
            context |= {"total": len(people), "labels": number.labels, "seen": seen, "unseen": members - seen}
        else:
            page = paginate_list(request, list(number.below()), size=50)
            context["visible"] = _visible(request, union, [row.node_id for row in page.rows])
        context["page"] = page
    else:
        context["page"] = paginate_list(request, [])
    return render(request, "statistics/cell.html", context, status=asked.status)


def _cell(node: Union, asked: Mapping[str, Any]) -> Cell:
    closing = figures.closing_of(asked["day"], asked["basis"]) if asked["day"] else None
    if closing is None:
        raise Http404
    one = None
    if asked["union"]:
        under = Figure.objects.filter(closing=closing, superior=node, dimension="").values("node")
        one = get_object_or_404(Union.objects.grassroots().filter(pk__in=under), pk=asked["union"])
    return Cell(closing, node, asked["of"], asked["group"], asked["value"], one)


def _same_figures(number: Cell) -> str:
    return urlencode({"day": number.closing.day.isoformat(), "basis": number.closing.basis})


def _unorganised(dimension: str, value: str) -> str:
    """What narrows 「未建会名单」 to a value; "" where the list cannot be."""
    if dimension == "industry":
        return f"industry={value or UNKNOWN}"
    labels = {label: key for key, (label, _) in SIZES.items()}
    return f"staff={labels[DIMENSIONS[dimension].labels[value]]}" if dimension == "size" else ""


def _visible(request: Request, union: Union, nodes: Collection[int]) -> set[int]:
    """Those of the nodes below whose own figures may be opened."""
    if union.level == 3:
        return set()
    rows = Union.objects.visible_to(request.user).superiors().filter(pk__in=nodes)
    return set(rows.values_list("pk", flat=True))


@require_POST
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出」 of what the page shows of a node."""
    union = _superior(request, pk)
    filters = FigureFilter(request.GET)
    filters.require()
    chosen = filters.cleaned_data
    closing = figures.closing_of(chosen["day"], chosen["basis"]) if chosen["day"] else None
    if closing is None:
        raise Refused("这一天没有可以导出的数。请选择已经结账的日期。")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.xlsx"
        export_figures(closing, union, path, by=request.user, dimension=chosen["by"])
        name = f"统计数_{union.short_name}_{closing.day:%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _page(request: Request, union: Union) -> HttpResponse:
    filters = FigureFilter(request.GET)
    context: dict[str, Any] = {
        "node": union,
        "trail": union.trail_from(own_union(request)),
        "filters": filters,
        "presets": figures.presets(),
        "closed": filters.newest,
        "query": request.GET.urlencode(),
    }
    if filters.newest and filters.is_valid():
        day, basis = filters.cleaned_data["day"], filters.cleaned_data["basis"]
        closing = figures.closing_of(day, basis)
        context |= {"day": day, "basis": basis, "by": DIMENSIONS[filters.cleaned_data["by"]], "closing": closing}
        if closing:
            context |= _figures(request, closing, union, context["by"].key)
    else:
        context["page"] = paginate(request, filters.narrow(Figure.objects.none()), order=ORDER)
    return render(request, "statistics/figures.html", context, status=filters.status if filters.newest else 200)


def _figures(request: Request, closing: Closing, union: Union, by: str) -> dict[str, Any]:
    whole = figures.of_node(closing, union)
    if whole is None:
        return {"not_yet": localdate(union.created_at) > closing.day}
    page = paginate(request, figures.below(closing, union), order=ORDER, size=50)
    return {
        "whole": whole,
        "rates": [*whole.rates, *figures.organised(closing, union), *figures.duties_of(closing, union)],
        "page": page,
        "most": max((row.closing_members for row in page.rows), default=0),
        "parts": figures.by_value(closing, union, by),
        "employers": [
            (rate, _unorganised(by, value)) for value, rate in figures.organised_by_value(closing, union, by)
        ],
        "reasons": figures.by_reason(closing, union),
        "months": figures.months(closing, union)[::-1],
        "visible": _visible(request, union, [row.node_id for row in page.rows]),
    }

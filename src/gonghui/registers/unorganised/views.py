"""「未建会名单」: the statistical register's employers without a union, below a superior (SPEC 5.3)."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.codelists.queries import label
from gonghui.exports.actions import ask as ask_export
from gonghui.exports.kinds import AT_ONCE
from gonghui.kit.errors import Refused
from gonghui.kit.paging import SEARCHED, paginate
from gonghui.kit.sorting import sorting_of
from gonghui.registers.models import Mark
from gonghui.registers.rules import can_mark_employers, can_see_unorganised
from gonghui.registers.unorganised import actions
from gonghui.registers.unorganised.export import UnorganisedExport
from gonghui.registers.unorganised.form import UnorganisedFilter, ticked
from gonghui.unions.codes import Industry

UNMARK = "unmark"
_DONE = '{}<span hidden data-forget-ticks="employer" data-owner="{}"></span>'
"""Said once, by the list: who was ticked is no longer (static/ticks.js)."""


@require_http_methods(["GET", "POST"])
def unorganised(request: Request) -> HttpResponse:
    """The list, the largest first; a POST marks those ticked, and shows the list with what was typed if it is refused."""
    filters = _filters(request)
    if request.method != "POST":
        return _page(request, filters)
    choice = request.POST.get("do", "")
    if choice not in (*Mark.values, UNMARK):
        raise Http404
    kind = None if choice == UNMARK else Mark(choice)
    try:
        result = actions.mark(
            ticked(request.POST.getlist("employer")), kind, request.POST.get("note", ""), by=request.user
        )
    except Refused as refused:
        return _page(request, filters, refused=refused)
    done = f"已将 {len(result.changed)} 家标为“{kind.label}”。" if kind else f"已取消 {len(result.changed)} 家的标记。"
    told = done if result.changed else "没有改动任何单位。"
    messages.success(request, format_html(_DONE, told, request.user.pk))
    for remark in result.remarks():
        messages.warning(request, remark)
    return redirect(request.get_full_path())


def _filters(request: Request) -> UnorganisedFilter:
    own_union(request)
    if not can_see_unorganised(request.user):
        raise Http404
    return UnorganisedFilter(request.GET, user=request.user)


def _page(request: Request, filters: UnorganisedFilter, refused: Refused | None = None) -> HttpResponse:
    order = sorting_of(request, {"staff": ("ranked_staff", "id")}, "-staff")
    rows = filters.employers.select_related("street__superior", "mark__by")
    page = paginate(request, rows, order=order.order, size=20, countable=SEARCHED if filters.narrows else None)
    for employer in page.rows:
        employer.marked = getattr(employer, "mark", None)
        employer.industry_label = label(Industry, employer.industry)
        employer.tick = f"{employer.pk}.{employer.marked.version if employer.marked else 0}"
    context = {
        "node": own_union(request),
        "filters": filters,
        "page": page,
        "sorting": order,
        "may": can_mark_employers(request.user),
        "refused": refused,
        "note": request.POST.get("note", ""),
        "ticked": {part for text in request.POST.getlist("employer") for part in text.split(",")},
        "query": request.GET.urlencode(),
        "here": request.get_full_path(),
        "whole": reverse("registers:unorganised"),
    }
    return render(request, "registers/unorganised.html", context, status=422 if refused else filters.status)


@require_POST
def export(request: Request) -> HttpResponseBase:
    """「导出」 of all that the list finds: a short list at once, a long one by `exports`."""
    filters = _filters(request)
    filters.require()
    if filters.employers.order_by()[: AT_ONCE + 1].count() > AT_ONCE:
        what = {"query": request.GET.urlencode()}
        return redirect("exports:export", ask_export(UnorganisedExport.key, what, purpose="", by=request.user).pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unorganised.xlsx"
        actions.export_unorganised(filters, path, by=request.user)
        name = f"未建会名单_{own_union(request).short_name}_{localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

"""「到期提醒」: the unions below that are past a day that they have to keep, or near it (SPEC 2.7)."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.filings.deadlines import choices
from gonghui.filings.reminders import actions
from gonghui.filings.reminders.form import DeadlineFilter
from gonghui.filings.reminders.queries import address_of, figures, last_reminded
from gonghui.filings.rules import can_remind, can_see_deadlines
from gonghui.kit.forms import row_ids
from gonghui.kit.redirects import came_from
from gonghui.kit.sorting import Sorting, sorting_of
from gonghui.unions.pages import paginate_named


def _filters(request: Request, data: QueryDict) -> DeadlineFilter:
    node = own_union(request)
    if not can_see_deadlines(request.user):
        raise Http404
    return DeadlineFilter(data, user=request.user, node=node)


def sorting(request: Request, filters: DeadlineFilter) -> Sorting:
    """By the day that the list is about, the earliest first."""
    return sorting_of(request, {"due": (filters.deadline.column, "id")}, "due")


@require_GET
def deadlines(request: Request) -> HttpResponse:
    """One tab a day and side of it."""
    filters = _filters(request, request.GET)
    counts = {}
    for figure in figures(filters.node):
        counts[f"{figure.deadline.code}-overdue"] = figure.overdue
        counts[f"{figure.deadline.code}-soon"] = figure.soon
    order = sorting(request, filters)
    rows = filters.rows.select_related("superior__superior")
    page = paginate_named(request, filters, rows, order=order.order, size=20, total=counts[filters.choice])
    today, deadline = localdate(), filters.deadline
    reminded = last_reminded(deadline, [union.pk for union in page.rows])
    for union in page.rows:
        union.day = deadline.day_of(union)
        union.left = (union.day - today).days
        union.past = -union.left
        union.reminded_on = reminded.get(union.pk)
    context = {
        "filters": filters,
        "deadline": deadline,
        "choice": filters.choice,
        "tabs": [(choice, label, counts[choice]) for choice, label in choices().items()],
        "whole": address_of(filters.choice),
        "narrowed": filters.narrows,
        "page": page,
        "sorting": order,
        "may": can_remind(request.user),
        "today": today,
    }
    return render(request, "filings/deadlines.html", context, status=filters.status)


@require_POST
def remind(request: Request) -> HttpResponse:
    """「催办」 of those ticked, or of all that the list finds."""
    filters = _filters(request, request.POST)
    ids = None if "all" in request.POST else row_ids(request.POST.getlist("union"))
    outcome = actions.remind(filters, ids, by=request.user)
    messages.success(request, _told(outcome))
    return redirect(came_from(request) or address_of(filters.choice))


def _told(outcome: actions.ReminderResult) -> str:
    told = f"已催办 {outcome.reminded} 家工会，经办人会收到通知和邮件。" if outcome.reminded else "没有新的催办。"
    if outcome.today:
        told += f"{outcome.today} 家今天已催办过，同一家工会一天只催办一次。"
    if outcome.unreachable:
        told += f"{outcome.unreachable} 家没有启用的经办人账号，平台通知不到，请电话联系。"
    return told


@require_POST
def export(request: Request) -> HttpResponseBase:
    """「导出」 of all that the list finds."""
    filters = _filters(request, request.POST)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deadlines.xlsx"
        actions.export_deadlines(filters, path, by=request.user)
        name = f"{choices()[filters.choice]}的工会_{filters.node.short_name}_{localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

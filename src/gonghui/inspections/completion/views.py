"""Who has confirmed and who has not, level by level: what superiors see (SPEC 2.6)."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.inspections import queries
from gonghui.inspections.completion import actions
from gonghui.inspections.models import Subject, Window
from gonghui.inspections.reminders import actions as reminders
from gonghui.inspections.rules import can_look_on, can_manage_windows, can_remind
from gonghui.kit.forms import row_id
from gonghui.kit.paging import Page
from gonghui.kit.redirects import came_from
from gonghui.kit.sorting import sorting_of
from gonghui.policies.columns.of_unions import incomplete
from gonghui.unions.forms import NameFilter
from gonghui.unions.models import Union
from gonghui.unions.pages import paginate_named

DONE = {"confirmed": ("id",)}
LEFT = {"filed": ("id",), "name": ("pinyin", "id"), "members": ("member_count", "id")}


class _OfConfirmations(NameFilter):
    path = "union"


def superiors_page(request: Request, subject: str) -> HttpResponse:
    """The completion of the subject's open window, else of its newest."""
    windows = Window.objects.visible_to(request.user).filter(subject=subject).prefetch_related("scopes__level2")
    window = windows.open().order_by("deadline", "pk").first() or windows.order_by("-begins_on", "-pk").first()
    if window is None:
        context = {"may_manage": can_manage_windows(request.user), "subject": Subject(subject)}
        return render(request, "inspections/none.html", context)
    return _completion_page(request, window)


@require_GET
def completion(request: Request, pk: int) -> HttpResponse:
    """The completion of a window at one node: level by level, who is not done, who is."""
    if not can_look_on(request.user):
        raise Http404
    return _completion_page(request, _window(request, pk))


def _window(request: Request, pk: int) -> Window:
    return get_object_or_404(Window.objects.visible_to(request.user).prefetch_related("scopes__level2"), pk=pk)


def _node(request: Request, window: Window) -> Union:
    """The superior union that ``?node=`` names, else one's own; 404 outside one's own part and the window's scope."""
    own = own_union(request)
    wanted = request.GET.get("node") or request.POST.get("node")
    if not wanted or row_id(wanted) == own.pk:
        return own
    node = get_object_or_404(
        Union.objects.visible_to(request.user).superiors().select_related("superior__superior"), pk=row_id(wanted)
    )
    if node.level > 1 and not Window.objects.filter(pk=window.pk).reaching(node).exists():
        raise Http404
    return node


def _completion_page(request: Request, window: Window) -> HttpResponse:
    node = _node(request, window)
    whole, branches = queries.completion(window, node)
    tab = request.GET.get("tab", "")
    if tab not in ("left", "done"):
        tab = "levels" if node.level < 3 else "left"
    filters = _OfConfirmations(request.GET) if tab == "done" else NameFilter(request.GET)
    context: dict[str, Any] = {
        "window": window,
        "node": node,
        "trail": node.trail_from(own_union(request)),
        "whole": whole,
        "branches": branches,
        "tab": tab,
        "filters": filters,
        "text": filters.data.get("q", "").strip(),
        "narrowed": filters.narrows or node != own_union(request),
        "whole_list": f"{request.path}?tab={tab}",
        "may_remind": can_remind(request.user) and window.is_open,
        "may_manage": can_manage_windows(request.user),
        "address": _address(window, node),
        "running": window.mailings.filter(occasion="reminder", node=node, ended_at=None).exists(),
    }
    if window.subject == Subject.ORGANISATIONS:
        context["incomplete"] = incomplete(queries.due(window, node)).count()
    if tab == "left":
        context["sorting"] = sorting_of(request, LEFT, "filed")
        context["page"] = _left(request, window, node, filters, whole.left, context["sorting"].order)
    elif tab == "done":
        context["sorting"] = sorting_of(request, DONE, "-confirmed")
        context["page"] = _done(request, window, node, filters, whole.done, context["sorting"].order)
    return render(request, "inspections/completion.html", context, status=filters.status)


def _left(request: Request, window: Window, node: Union, filters: NameFilter, total: int, order: Sequence[str]) -> Page:
    rows = queries.not_done(window, node).select_related("superior__superior")
    if node.level == 3:
        rows = rows.filter(superior=node)  # by which the indexes keep them
    page = paginate_named(request, filters, rows, order=order, total=total, size=20)
    reminded = queries.last_reminded(window, [row.pk for row in page.rows])
    for union in page.rows:
        union.reminded_on = reminded.get(union.pk)
        union.reminded_today = union.reminded_on == localdate()
    return page


def _done(request: Request, window: Window, node: Union, filters: NameFilter, total: int, order: Sequence[str]) -> Page:
    rows = queries.done(window, node).select_related("union__superior__superior", "confirmed_by")
    return paginate_named(request, filters, rows, order=order, total=total, size=20)


def _address(window: Window, node: Union) -> str:
    return f"{reverse('inspections:completion', args=[window.pk])}?node={node.pk}"


@require_POST
def remind(request: Request, pk: int) -> HttpResponse:
    """「催办」: the one union that the form names, or all below the node."""
    if not can_look_on(request.user):
        raise Http404
    window = _window(request, pk)
    node = _node(request, window)
    if wanted := request.POST.get("union"):
        union = get_object_or_404(
            Union.objects.visible_to(request.user).grassroots().select_related("superior"), pk=row_id(wanted)
        )
        reminders.remind_union(window, union, by=request.user)
        messages.success(request, f"已催办{union.name}。")
    else:
        messages.success(request, _told(reminders.remind_all(window, node, by=request.user)))
    return redirect(came_from(request) or f"{_address(window, node)}&tab=left")


def _told(outcome: reminders.ReminderResult) -> str:
    if outcome.queued:
        return "已开始逐家催办，稍后刷新页面可以看到结果。今天已催办过的不重复催办。"
    rest = f"其余 {outcome.rest} 家今天已催办过，或没有启用的经办人账号。" if outcome.rest else ""
    return f"已催办 {outcome.told} 家工会。{rest}"


@require_POST
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出」: the list of the node that the page shows, done or not done."""
    if not can_look_on(request.user):
        raise Http404
    window = _window(request, pk)
    node, finished = _node(request, window), request.POST.get("tab") == "done"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inspection.xlsx"
        actions.export_list(window, node, path, finished=finished, by=request.user)
        name = f"{window}_{node.short_name}_{'已完成' if finished else '未完成'}_{localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

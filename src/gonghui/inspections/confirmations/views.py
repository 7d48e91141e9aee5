"""「组织年检」: the officer's page and confirmation; for superiors the completion level by level, lists, 「催办」, export."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.inspections import queries
from gonghui.inspections.confirmations import actions
from gonghui.inspections.confirmations.findings import findings
from gonghui.inspections.forms import ReasonForm
from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.inspections.reminders import actions as reminders
from gonghui.inspections.rules import can_confirm, can_look_on, can_manage_windows, can_remind, can_reopen
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import Page, paginate
from gonghui.kit.redirects import came_from
from gonghui.members.codes import DocumentType
from gonghui.reviews.queries import open_review
from gonghui.unions import particulars
from gonghui.unions.forms import NameFilter
from gonghui.unions.models import State, Union

UNTICKED = Refused("请核对下面的资料，然后勾选「以上信息已核对无误」。", field="checked")

EARLIER_SHOWN = 20


@require_GET
def home(request: Request) -> HttpResponse:
    """The officer's page; for a superior the completion of the window that matters now."""
    union = own_union(request)
    if union.is_grassroots:
        return _union_page(request, union)
    return superiors_page(request, Subject.ORGANISATIONS)


def superiors_page(request: Request, subject: str) -> HttpResponse:
    """The completion of the subject's open window, else of its newest."""
    windows = Window.objects.visible_to(request.user).filter(subject=subject).prefetch_related("scopes__level2")
    window = windows.open().order_by("deadline", "pk").first() or windows.order_by("-begins_on", "-pk").first()
    if window is None:
        context = {"may_manage": can_manage_windows(request.user), "subject": Subject(subject)}
        return render(request, "inspections/none.html", context)
    return _completion_page(request, window)


def _union_page(request: Request, union: Union) -> HttpResponse:
    """「基层工会资料查看」 with the banner, the yellow button, what looks out of date, and the years before."""
    if union.state != State.APPROVED:
        return render(request, "inspections/not_yet.html", {"union": union, "subject": Subject.ORGANISATIONS})
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    window = queries.open_window(union)
    earlier = Confirmation.objects.filter(union=union, window__subject=Subject.ORGANISATIONS).select_related(
        "window", "confirmed_by", "reopened_by"
    )
    confirmations = list(earlier.order_by("-pk")[:EARLIER_SHOWN])
    this_year = [one for one in confirmations if window and one.window_id == window.pk]
    context = {
        "union": union,
        "window": window,
        "coming": None if window else queries.coming(union),
        "confirmation": next((one for one in this_year if not one.reopened_at), None),
        "reopened": next(iter(this_year), None),
        "confirmations": confirmations,
        "review": open_review(union),
        "findings": findings(union),
        "facts": particulars.facts(particulars.live(union), union.superior, union),
        "may_confirm": can_confirm(request.user, union),
    }
    return render(request, "inspections/union.html", context)


@require_http_methods(["GET", "POST"])
def confirm(request: Request) -> HttpResponse:
    """「已完成年检信息更新」: shows once more what is confirmed, and wants the tick 「以上信息已核对无误」."""
    union = own_union(request)
    if not union.is_grassroots:
        raise Http404
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    if request.method == "POST":
        windows = Window.objects.visible_to(request.user).filter(subject=Subject.ORGANISATIONS)
        window = get_object_or_404(windows, pk=row_id(request.POST.get("window")))
        if not request.POST.get("checked"):
            return _confirm_page(request, union, window, UNTICKED)
        try:
            actions.confirm_inspection(union, window=window, version=request.POST.get("version", ""), by=request.user)
        except Refused as refusal:
            return _confirm_page(request, union, window, refusal, status=409)
        messages.success(request, f"已完成{window}，谢谢。")
        return redirect("inspections:home")
    found = queries.open_window(union) if union.state == State.APPROVED else None
    if found is None or queries.standing(found, union):
        return redirect("inspections:home")
    return _confirm_page(request, union, found)


def _confirm_page(
    request: Request, union: Union, window: Window, refused: Refused | None = None, *, status: int | None = None
) -> HttpResponse:
    packed = particulars.live(union)
    context = {
        "union": union,
        "window": window,
        "facts": particulars.facts(packed, union.superior, union),
        "doubts": [one for one in findings(union) if one.level != "ok"],
        "version": actions.version_of(union),
        "refused": refused,
    }
    return render(request, "inspections/confirm.html", context, status=status or (422 if refused else 200))


@require_GET
def confirmation(request: Request, pk: int) -> HttpResponse:
    """The copy of what was confirmed, with who and when; 管理员 above can re-open it."""
    return _confirmation_page(request, _confirmation(request, pk), ReasonForm(label="重新打开的原因"))


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    """Let the union confirm anew."""
    one = _confirmation(request, pk)
    form = ReasonForm(request.POST, label="重新打开的原因")
    if form.is_valid():
        try:
            actions.reopen_confirmation(one, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return _confirmation_page(request, _confirmation(request, pk), form, status=409)
        messages.success(request, f"已重新打开{one.union}的年检，并通知了经办人。")
        return redirect("inspections:confirmation", pk)
    return _confirmation_page(request, one, form, status=422)


def _confirmation(request: Request, pk: int) -> Confirmation:
    visible = Confirmation.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("union__superior", "window", "confirmed_by", "reopened_by__union"), pk=pk
    )


def _confirmation_page(request: Request, one: Confirmation, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    may_reopen = can_reopen(request.user, one) and not one.reopened_at and one.window.is_open
    context = {
        "confirmation": one,
        "facts": _facts(one),
        "members": one.window.subject == Subject.MEMBERS,
        "form": form if may_reopen or form.errors else None,
        "superior": can_look_on(request.user),
    }
    return render(request, "inspections/confirmation.html", context, status=status)


def _facts(one: Confirmation) -> list[tuple[str, Any]]:
    """What was confirmed, as lines: the particulars, or the members' figures."""
    if one.window.subject == Subject.MEMBERS:
        types = [(label, one.data.get(f"document:{value}", 0)) for value, label in DocumentType.choices]
        lines = [("会员人数", "total"), ("男", "male"), ("女", "female"), ("已办会员卡", "card")]
        return [
            *((label, one.data.get(key, 0)) for label, key in lines),
            *((label, count) for label, count in types if count),
        ]
    words = particulars.shown(one.data, one.data["superior_path"], one.union)
    head = [("工会编号", one.data["number"]), ("会员人数", one.data["member_count"])]
    return [*head, *((label, words[key]) for key, label in particulars.LABELS.items())]


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
    filters = NameFilter(request.GET)
    context: dict[str, Any] = {
        "window": window,
        "node": node,
        "trail": _trail(node, own_union(request)),
        "whole": whole,
        "branches": branches,
        "tab": tab,
        "filters": filters,
        "text": filters.data.get("q", "").strip(),
        "may_remind": can_remind(request.user) and window.is_open,
        "may_manage": can_manage_windows(request.user),
        "address": _address(window, node),
        "running": window.mailings.filter(occasion="reminder", node=node, ended_at=None).exists(),
    }
    if tab == "left":
        context["page"] = _left(request, window, node, filters, whole.left)
    elif tab == "done":
        context["page"] = _done(request, window, node, filters, whole.done)
    return render(request, "inspections/completion.html", context, status=filters.status)


def _left(request: Request, window: Window, node: Union, filters: NameFilter, total: int) -> Page:
    rows = filters.narrow(queries.not_done(window, node)).select_related("superior__superior")
    page = paginate(request, rows, order=("id",), total=None if filters.data.get("q") else total, size=20)
    reminded = queries.last_reminded(window, [one.pk for one in page.rows])
    for one in page.rows:
        one.reminded_on = reminded.get(one.pk)
        one.reminded_today = one.reminded_on == localdate()
    return page


def _done(request: Request, window: Window, node: Union, filters: NameFilter, total: int) -> Page:
    rows, asked = queries.done(window, node), filters.data.get("q")
    if asked:
        rows = rows.filter(union__in=filters.narrow(queries.due(window, node)))
    rows = rows.select_related("union__superior__superior", "confirmed_by")
    return paginate(request, rows, order=("-id",), total=None if asked else total, size=20)


def _trail(node: Union, own: Union) -> list[Union]:
    """From one's own union down to this one."""
    trail = [node]
    while trail[0].pk != own.pk and trail[0].superior is not None:
        trail.insert(0, trail[0].superior)
    return trail


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


def _told(outcome: reminders.Outcome) -> str:
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

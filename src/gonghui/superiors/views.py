"""「组织变动」: superior unions added, renamed, moved and closed by the city, and the list of what was done."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request
from gonghui.kit.errors import Refused
from gonghui.kit.paging import paginate
from gonghui.superiors import actions, plans, queries
from gonghui.superiors.forms import AddForm, CloseForm, MoveForm, RenameForm
from gonghui.superiors.hooks import FIGURES
from gonghui.superiors.models import ChangeState, TreeChange
from gonghui.superiors.plans import KINDS_BELOW, Plan
from gonghui.unions.models import Union, UnionState
from gonghui.unions.rules import can_change_tree


@require_GET
def changes(request: Request) -> HttpResponse:
    """What was changed in the tree, the newest first."""
    _require_manager(request)
    page = paginate(request, queries.changes(), order=("-id",), size=20)
    return render(request, "superiors/changes.html", {"page": page})


@require_GET
def change(request: Request, pk: int) -> HttpResponse:
    """One change: its progress, and how it ended."""
    _require_manager(request)
    found = get_object_or_404(queries.changes(), pk=pk)
    template = "superiors/change.html#progress" if request.htmx else "superiors/change.html"
    figures = [(label, found.figures[label]) for label in FIGURES if label in found.figures]  # jsonb keeps no order
    context = {"change": found, "running": found.state == ChangeState.RUNNING, "figures": figures}
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk: int) -> HttpResponse:
    """A new superior union below this one."""
    above = _union(request, pk)
    if not KINDS_BELOW[above.kind]:
        raise Http404
    form = AddForm(request.POST or None, union=above)
    return _act(
        request, above, form, f"在{above.name}下面新增工会",
        lambda values: plans.plan_addition(above, **values),
        lambda values: actions.add_superior(above, by=request.user, **values),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def rename(request: Request, pk: int) -> HttpResponse:
    """Another name; the old one stays as 曾用名."""
    union = _union(request, pk)
    return _act(
        request, union, RenameForm(request.POST or None, union=union), f"{union.name}改名",
        lambda values: plans.plan_renaming(union, **values),
        lambda values: actions.rename_superior(union, by=request.user, **values),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def move(request: Request, pk: int) -> HttpResponse:
    """Below another superior, with all that is below it."""
    union = _union(request, pk)
    if union.level != 3:
        raise Http404
    return _act(
        request, union, MoveForm(request.POST or None, union=union), f"调整{union.name}的上级",
        lambda values: plans.plan_move(union, **values),
        lambda values: actions.move_superior(union, by=request.user, **values),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def close(request: Request, pk: int) -> HttpResponse:
    """The end of a superior union, whose unions a successor takes over."""
    union = _union(request, pk)
    if union.level == 1:
        raise Http404
    return _act(
        request, union, CloseForm(request.POST or None, union=union), f"撤销{union.name}",
        lambda values: plans.plan_closing(union, **values),
        lambda values: actions.close_superior(union, by=request.user, **values),
    )  # fmt: skip


def _act(
    request: Request,
    union: Union,
    form: forms.Form,
    title: str,
    plan: Callable[[dict[str, Any]], Plan],
    carry_out: Callable[[dict[str, Any]], TreeChange],
) -> HttpResponse:
    """The form; what it would do, with 「确认」; and the act. Back from the preview what was typed is still there."""
    shown: Plan | None = None
    back = "back" in request.POST
    if form.is_valid() and not back:
        try:
            if "confirmed" in request.POST:
                done = carry_out(form.cleaned_data)
                if done.state == ChangeState.DONE:
                    messages.success(request, f"已完成：{done}。")
                return redirect("superiors:change", pk=done.pk)
            shown = plan(form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    context = {"union": union, "form": form, "title": title, "plan": shown, "figures": queries.figures_of(union)}
    wrong = bool(form.errors) and not back
    return render(request, "superiors/act.html", context, status=422 if wrong else 200)


def _require_manager(request: Request) -> None:
    if not can_change_tree(request.user):
        raise Http404


def _union(request: Request, pk: int) -> Union:
    """A superior union that is not closed. Raises Http404."""
    _require_manager(request)
    unions = Union.objects.visible_to(request.user).superiors().select_related("superior__superior")
    return get_object_or_404(unions.exclude(state=UnionState.DISSOLVED), pk=pk)

"""「名单导出」: what was asked for, by whom and what for; approval, the sheet, and calling it back."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.exports import actions
from gonghui.exports.forms import DecisionForm, RecallForm
from gonghui.exports.hooks import KINDS
from gonghui.exports.kinds import OwnFiles
from gonghui.exports.models import RECALLABLE, Export, ExportState
from gonghui.exports.own_files import is_there
from gonghui.exports.rules import can_decide, can_fetch, can_recall, may_decide
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, refused_into
from gonghui.kit.paging import paginate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def list_exports(request: Request) -> HttpResponse:
    """One's own, and for whoever may approve those of the union and of all below it, the newest first."""
    own_union(request)
    filters = StateFilter(request.GET, ExportState.choices)
    rows = filters.narrow(Export.objects.visible_to(request.user)).select_related("union", "by")
    context = {
        "filters": filters,
        "states": ExportState.choices,
        "page": paginate(request, rows.defer("what_sealed", "columns"), order=("-id",), size=20),
        "more": may_decide(request.user),
    }
    return render(request, "exports/list.html", context, status=filters.status)


def _export(request: Request, pk: int) -> Export:
    related = ("union", "by", "decides", "decided_by", "recalled_by")
    return get_object_or_404(Export.objects.visible_to(request.user).select_related(*related), pk=pk)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """One export: its progress, who asked for what and why, and what may be done with it."""
    return _page(request, _export(request, pk))


def _page(
    request: Request, export: Export, *, decision: DecisionForm | None = None, recall: RecallForm | None = None
) -> HttpResponse:
    kind = KINDS[export.kind]
    context: dict[str, Any] = {
        "export": export,
        "place": kind.place(export) if isinstance(kind, OwnFiles) else "",
        "conditions": export.told["conditions"],
        "may_fetch": is_there(export) and can_fetch(request.user, export),
        "is_there": is_there(export),
        "kept_until": export.ended_at and export.ended_at + timedelta(hours=actions.HOURS_KEPT),
        "hours": actions.HOURS_KEPT,
        "recall": recall or RecallForm(),
        "may_recall": export.state in RECALLABLE and can_recall(request.user, export),
    }
    if export.state == ExportState.PENDING and can_decide(request.user, export):
        context |= _to_decide(export, decision)
    whole = not request.htmx or request.method == "POST"
    wrong = (decision and decision.errors) or (recall and recall.errors)
    return render(
        request, "exports/export.html" if whole else "exports/export.html#export", context, status=422 if wrong else 200
    )


def _to_decide(export: Export, form: DecisionForm | None) -> dict[str, Any]:
    """The form of the second person, with how many rows there are now, or why there are none."""
    context: dict[str, Any] = {"decision": form or DecisionForm()}
    try:
        return context | {"now": actions.plan_of(export).total}
    except Refused as refusal:
        return context | {"not_now": refusal.sentence}


@never_cache
@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """「批准」 and 「不批准」."""
    export = _export(request, pk)
    approved = {"approve": True, "refuse": False}.get(request.POST.get("do", ""))
    if approved is None:
        raise Http404
    form = DecisionForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            values = form.cleaned_data
            actions.decide(export, approved=approved, opinion=values["opinion"], rows=values["rows"], by=request.user)
            messages.success(
                request, "已批准。名单生成以后申请人会收到通知。" if approved else "已不予批准，申请人会收到通知。"
            )
            return redirect("exports:export", pk)
    return _page(request, _export(request, pk), decision=form)


@never_cache
@require_POST
def recall(request: Request, pk: int) -> HttpResponse:
    """「收回」."""
    export = _export(request, pk)
    form = RecallForm(request.POST)
    if form.is_valid():
        with refused_into(form):
            actions.recall(export, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, "已收回，不能再下载。")
            return redirect("exports:export", pk)
    return _page(request, _export(request, pk), recall=form)


@never_cache
@require_POST
def fetch(request: Request, pk: int) -> FileResponse:
    """「下载」: recorded each time."""
    file = actions.fetch(_export(request, pk), by=request.user)
    return FileResponse(BytesIO(file.content), as_attachment=True, filename=file.name, content_type=XLSX)

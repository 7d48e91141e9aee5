"""「导出记录」: exports of the national forms, their files, and 「登记为已上报」. They are 404 for whoever may not export."""

from datetime import timedelta
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.exports.models import Export as Disclosure
from gonghui.exports.models import ExportState as DisclosureState
from gonghui.exports.rules import can_fetch
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.national.exports import actions
from gonghui.national.forms import ExportForm
from gonghui.national.models import Export, Form
from gonghui.national.registry import FORMS
from gonghui.national.rules import can_export_forms
from gonghui.national.scope import unions_below
from gonghui.national.states import ExportState
from gonghui.policies.queries import of_union

KINDS = [actions.kind_of(form) for form in Form]
MOST_WAITING = 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _require(request: Request) -> None:
    if not can_export_forms(request.user):
        raise Http404


@require_GET
def list_exports(request: Request) -> HttpResponse:
    """The union's exports, the newest first."""
    _require(request)
    rows = Export.objects.visible_to(request.user).select_related("by")
    waiting = Disclosure.objects.filter(union=request.user.union, kind__in=KINDS, state=DisclosureState.PENDING)
    context = {
        "page": paginate(request, rows, order=("-id",)),
        "forms": Form.choices,
        "waiting": waiting.select_related("by", "decides").defer("what_sealed").order_by("-id")[:MOST_WAITING],
    }
    return render(request, "national/exports.html", context)


@require_http_methods(["GET", "POST"])
def ask(request: Request, form: str) -> HttpResponse:
    """Asks what for, and begins an export."""
    _require(request)
    if form not in FORMS:
        raise Http404
    filled = ExportForm(request.POST or None)
    if filled.is_valid():
        with refused_into(filled):
            disclosure = actions.ask(form, purpose=filled.cleaned_data["purpose"], by=request.user)
            export = Export.objects.filter(disclosure=disclosure).first()
            return redirect("national:export", export.pk) if export else redirect("exports:export", disclosure.pk)
    union = request.user.union
    national = FORMS[form].form
    context = {
        "form": filled,
        "label": Form(form).label,
        "union": union,
        "unions": None if union is None or union.is_grassroots else unions_below(union).count(),
        "most": actions.MAX_ROWS,
        "alone": of_union("export_alone_rows", union) if union else 0,
        "hours": actions.HOURS_KEPT,
        "not_collected": national.not_collected(national.asked()),
    }
    return render(request, "national/ask.html", context, status=422 if filled.errors else 200)


def _export(request: Request, pk: int) -> Export:
    visible = Export.objects.visible_to(request.user).select_related(
        "union", "by", "reported_by", "disclosure__recalled_by", "disclosure__decided_by"
    )
    return get_object_or_404(visible, pk=pk)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """One export: its progress, its files, and whether it is reported."""
    export = _export(request, pk)
    disclosure = export.disclosure
    files = export.files.defer("content_sealed").order_by("position")
    if export.state in (ExportState.BUILDING, ExportState.FAILED):
        files = files.none()
    context = {
        "export": export,
        "page": paginate(request, files, order=("position", "id"), size=50),
        "kept_until": export.ended_at and export.ended_at + timedelta(hours=actions.HOURS_KEPT),
        "may_mark": export.state == ExportState.READY and export.held.exists(),
        "hours": actions.HOURS_KEPT,
        "disclosure": disclosure,
        "may_fetch": disclosure is None or not disclosure.second or can_fetch(request.user, disclosure),
    }
    name = "national/export.html#export" if request.htmx else "national/export.html"
    return render(request, name, context)


@require_POST
def download(request: Request, pk: int, position: int) -> FileResponse:
    """One file: recorded each time."""
    file = actions.download(_export(request, pk), position, by=request.user)
    return FileResponse(BytesIO(file.content), as_attachment=True, filename=file.name, content_type=XLSX)


@require_POST
def mark(request: Request, pk: int) -> HttpResponse:
    """「登记为已上报」."""
    actions.mark(_export(request, pk), by=request.user)
    messages.success(request, "已提交登记，完成后会员和工会的状态变为“已报”。")
    return redirect("national:export", pk)

"""A sheet: its numbers and who below has signed, filling in, signing, sending back, the workbook."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.forms import refused_into, row_id
from gonghui.kit.paging import paginate_list
from gonghui.yearbooks import queries
from gonghui.yearbooks.models import Sheet
from gonghui.yearbooks.rules import can_send_back, can_sign
from gonghui.yearbooks.sheets import actions
from gonghui.yearbooks.sheets.form import SendBackForm, SheetForm
from gonghui.yearbooks.sheets.rows import frozen_rows, holding, live_rows, problems


def _sheet(request: Request, pk: int) -> Sheet:
    rows = Sheet.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("yearbook", "node", "above__node", "above__above__node", "returned_by"), pk=pk
    )


@require_GET
def sheet(request: Request, pk: int) -> HttpResponse:
    """The numbers, last year's beside them, what breaks a rule, and those below with how far they are."""
    found = _sheet(request, pk)
    signature = holding(found)
    rows = frozen_rows(signature) if signature else live_rows(found)
    below = list(queries.below(found))
    signed = sum(one.is_signed for one in below)
    may_sign = can_sign(request.user, found) and not signature
    context: dict[str, Any] = {
        "sheet": found,
        "yearbook": found.yearbook,
        "signature": signature,
        "digest": bytes(signature.digest).hex() if signature else "",
        "rows": rows,
        "problems": [] if signature else [*problems(rows)],
        "page": paginate_list(request, below, size=50),
        "total": len(below),
        "signed": signed,
        "may_sign": may_sign,
        "may_fill": may_sign and any(row.tolerance is not None or (row.asked and not below) for row in rows),
        "left": len(below) - signed,
        "ready": signed == len(below),
        "trail": _trail(request, found),
        "may_send_back": found.is_signed and can_send_back(request.user, found),
    }
    return render(request, "yearbooks/sheet.html", context)


def _trail(request: Request, sheet: Sheet) -> list[Sheet]:
    """The sheets above it that the user sees, from the top."""
    if sheet.node_id == request.user.union_id:
        return []
    above = [one for one in (sheet.above and sheet.above.above, sheet.above) if one]
    return above if request.user.union and request.user.union.level == 1 else above[-1:]


@require_http_methods(["GET", "POST"])
def fill(request: Request, pk: int) -> HttpResponse:
    """「填报」: the numbers that are asked, and the words on changes."""
    found = _sheet(request, pk)
    if not can_sign(request.user, found):
        raise Http404
    if found.is_signed:
        return redirect("yearbooks:sheet", pk=pk)
    lowest = not found.below.exists()
    form = SheetForm(request.POST or None, rows=live_rows(found), lowest=lowest, version=found.version)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        with refused_into(form):
            actions.fill(found, form.values, form.words, version=version, by=request.user)
            messages.success(request, "已保存，核对无误后请签报。")
            return redirect("yearbooks:sheet", pk=pk)
    context = {"form": form, "sheet": found, "yearbook": found.yearbook, "lowest": lowest}
    return render(request, "yearbooks/fill.html", context, status=422 if form.errors else 200)


@require_POST
def sign(request: Request, pk: int) -> HttpResponse:
    """「签报」."""
    found = _sheet(request, pk)
    actions.sign(found, version=row_id(request.POST.get("version")) or 0, by=request.user)
    messages.success(request, f"已签报{found.node}的《{found.yearbook}》。")
    return redirect("yearbooks:sheet", pk=pk)


@require_http_methods(["GET", "POST"])
def send_back(request: Request, pk: int) -> HttpResponse:
    """「退回」 of a signed sheet right below."""
    found = _sheet(request, pk)
    if not can_send_back(request.user, found):
        raise Http404
    form = SendBackForm(request.POST or None, initial={"version": found.version})
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        with refused_into(form):
            actions.send_back(found, reason=form.cleaned_data["reason"], version=version, by=request.user)
            messages.success(request, f"已退回{found.node}的年报，并通知对方。")
            return redirect("yearbooks:sheet", pk=found.above_id)
    context = {"form": form, "sheet": found, "yearbook": found.yearbook}
    return render(request, "yearbooks/send_back.html", context, status=422 if form.errors else 200)


@require_POST
def workbook(request: Request, pk: int) -> HttpResponseBase:
    """「导出」 of what was signed."""
    found = _sheet(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "yearbook.xlsx"
        actions.export_workbook(found, path, by=request.user)
        name = f"年报_{found.node.short_name}_{found.yearbook.year}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

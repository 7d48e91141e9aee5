"""「大统计库」 and 「会员库」: what is loaded, a file sent in pieces, one load with its check, the search (SPEC 5.4).

They are 404 for everybody but the city's platform administrators.
"""

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Problem
from gonghui.kit.forms import refused_into
from gonghui.kit.lists import lists_of
from gonghui.kit.paging import paginate, paginate_list
from gonghui.kit.uploads import too_large
from gonghui.registers import actions, queries
from gonghui.registers.forms import PieceForm, SearchForm, StartForm, UploadForm
from gonghui.registers.models import Load, LoadState, Register
from gonghui.registers.registry import KINDS
from gonghui.registers.rules import can_load_registers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROBLEMS_SHOWN = 50
_SEARCH_LABELS = {
    Register.EMPLOYERS: "单位名称的一部分，或完整的代码",
    Register.MEMBERS: "姓名、组织机构代码、会员编号或证件号码",
}


@never_cache
@require_http_methods(["GET", "POST"])
def register(request: Request, register: Register) -> HttpResponse:
    """One register. A POST brings a whole small file: static/registers.js sends it in pieces instead."""
    _require(request)
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, too_large=too_large(request))
        if form.is_valid():
            file = form.cleaned_data["file"]
            with refused_into(form):
                begun = actions.begin(register, file.name, file.size, by=request.user)
                actions.add_pieces(begun, file.chunks(), by=request.user)
                actions.check(begun, by=request.user)
                return redirect("registers:load", begun.pk)
    return _page(request, register, form=form)


def _page(request: Request, register: Register, status: int = 200, **more: Any) -> HttpResponse:
    loads = Load.objects.light().filter(register=register).select_related("by")
    form = more.get("form") or UploadForm()
    context = {
        "kind": KINDS[register],
        "register": register,
        "form": form,
        "search": SearchForm(label=_SEARCH_LABELS[register]),
        "open": actions.open_load(register),
        "rows": queries.rows_in(register),
        "last": loads.filter(state=LoadState.DONE).order_by("-id").first(),
        "page": paginate(request, loads, order=["-id"]),
        "piece_bytes": actions.PIECE_BYTES,
    }
    return render(request, "registers/register.html", context | more, status=422 if form.errors else status)


@never_cache
@require_POST
def search(request: Request, register: str) -> HttpResponse:
    """Looks for rows. Of people it is recorded: they are not the administrator's own."""
    chosen = _register(request, register)
    form = SearchForm(request.POST, label=_SEARCH_LABELS[chosen])
    found = None
    if form.is_valid():
        found = actions.search(chosen, form.cleaned_data["q"], by=request.user)
    more = {
        "search": form,
        "found": found,
        "shown": (found or [])[: queries.FOUND],
        "more_found": len(found or ()) > queries.FOUND,
    }
    return _page(request, chosen, status=422 if form.errors else 200, **more)


@require_GET
def template(request: Request, register: str) -> FileResponse:
    """The empty workbook."""
    kind = KINDS[_register(request, register)]
    return FileResponse(BytesIO(kind.template()), as_attachment=True, filename=kind.template_name, content_type=XLSX)


@require_POST
def start(request: Request, register: str) -> HttpResponse:
    """Begins an upload in pieces; answers with where they go, or 422 with the sentence."""
    chosen = _register(request, register)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _told("文件名太长或大小不明，请改名后再选择一次。")
    values = form.cleaned_data
    try:
        begun = actions.begin(chosen, values["name"], values["size"], by=request.user)
    except Refused as refused:
        return _told(refused.sentence)
    steps = {step: reverse(f"registers:{step}", args=[begun.pk]) for step in ("load", "piece", "check", "discard")}
    return JsonResponse(steps)


@require_POST
def piece(request: Request, pk: int) -> HttpResponse:
    """Takes one piece; answers 204, or 422 with the sentence."""
    found = _load(request, pk)
    form = PieceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _told("上传的内容不完整。请重新选择文件上传。")
    values = form.cleaned_data
    try:
        actions.add_piece(found, values["number"], values["piece"].read(), by=request.user)
    except Refused as refused:
        return _told(refused.sentence)
    return HttpResponse(status=204)


def _told(sentence: str) -> HttpResponse:
    return HttpResponse(sentence, content_type="text/plain; charset=utf-8", status=422)


@require_POST
def check(request: Request, pk: int) -> HttpResponse:
    """All pieces have arrived."""
    found = actions.check(_load(request, pk), by=request.user)
    return redirect("registers:load", found.pk)


@never_cache
@require_GET
def load(request: Request, pk: int) -> HttpResponse:
    """One load. While it runs, that part of the page asks for the progress."""
    found = _load(request, pk)
    if request.htmx and request.htmx.target == "running":
        response = render(request, "registers/load.html#running", {"load": found})
        if not found.is_running:
            response["HX-Refresh"] = "true"
        return response
    kind = KINDS[found.register]
    context = {
        "load": found,
        "kind": kind,
        "home": lists_of(request).address(reverse(f"registers:{found.register}")),
        "page": paginate_list(request, _masked(found.problems, kind.masks), size=PROBLEMS_SHOWN),
        "report": found.problems_sealed is not None,
    }
    return render(request, "registers/load.html", context)


def _masked(problems: list[Problem], masks: Mapping[str, Any]) -> list[Problem]:
    """As the page shows them: the file is the city's, its people are not the administrator's."""
    return [
        Problem(one.row, one.column, one.heading, masks[one.column](one.value), one.wrong, one.right)
        if one.column in masks
        else one
        for one in problems
    ]


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    found = actions.confirm(_load(request, pk), by=request.user)
    return redirect("registers:load", found.pk)


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    found = actions.discard(_load(request, pk), by=request.user)
    messages.success(request, f"已放弃“{found.filename}”，没有载入任何一行。")
    return redirect(f"registers:{found.register}")


@never_cache
@require_GET
def report(request: Request, pk: int) -> HttpResponseBase:
    """The error list as a workbook, in full: recorded."""
    found = _load(request, pk)
    problems = actions.report(found, by=request.user)
    lines = ([str(one.row), one.heading, one.value, one.wrong, one.right] for one in problems)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        excel.export(path, ("行", "列", "填写的内容", "错误", "正确应为"), lines, title="错误清单")
        name = f"错误清单_{found.filename.rpartition('.')[0] or found.filename}.xlsx"
        return FileResponse(BytesIO(path.read_bytes()), as_attachment=True, filename=name)


def _require(request: Request) -> None:
    if not can_load_registers(request.user):
        raise Http404


def _register(request: Request, key: str) -> Register:
    _require(request)
    if key not in Register.values:
        raise Http404
    return Register(key)


def _load(request: Request, pk: int) -> Load:
    _require(request)
    found = get_object_or_404(Load.objects.select_related("by"), pk=pk)
    request.section = f"registers:{found.register}"
    return found

"""「代码表」: the lists, the values of one, and one value; for the city's platform administrators."""

from collections import Counter
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.codelists import actions
from gonghui.codelists.forms import AddForm, RenameForm, ReopenForm, RetireForm
from gonghui.codelists.hooks import LISTS, CodeList
from gonghui.codelists.models import Code, CodeState
from gonghui.codelists.rules import can_manage_codes, may_retire
from gonghui.kit.errors import Refused
from gonghui.kit.request import AnyRequest


@require_GET
def index(request: AnyRequest) -> HttpResponse:
    """All lists, a line each."""
    _require_manager(request)
    counts = Counter((code.code_list, code.state == CodeState.ENDED) for code in Code.objects.all())
    lines = [(one, counts[key, False], counts[key, True]) for key, one in LISTS.items()]
    return render(request, "codelists/index.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def code_list(request: AnyRequest, key: str) -> HttpResponse:
    """The values of one list in their order, and a form that adds one to an open list."""
    _require_manager(request)
    one = _list(key)
    codes = Code.objects.filter(code_list=key).select_related("successor").order_by("position", "pk")
    form = AddForm(request.POST or None, codes=codes)

    def add() -> str:
        values = form.cleaned_data
        code = actions.add_code(key, by=request.user, **values)
        return f"已增加“{code.label}”，自 {code.valid_from:%Y-%m-%d} 起可以选择。"

    if request.method == "POST" and _done(request, form, add):
        return redirect("codelists:code_list", key)
    context = {"one": one, "codes": codes, "form": form}
    return render(request, "codelists/code_list.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def code(request: AnyRequest, pk: int) -> HttpResponse:
    """One value: renamed, retired or reopened, by the button that was pressed."""
    _require_manager(request)
    found = get_object_or_404(Code.objects.select_related("successor"), pk=pk)
    one = _list(found.code_list)
    others = Code.objects.filter(code_list=one.key, valid_until=None).exclude(pk=pk).order_by("position", "pk")
    sent, version = request.POST.get("act", ""), {"version": found.version}
    rename = RenameForm(
        request.POST if sent == "rename" else None, initial={"label": found.label, **version}, auto_id="rename-%s"
    )
    retire = RetireForm(request.POST if sent == "retire" else None, codes=others, initial=version, auto_id="retire-%s")
    reopen = ReopenForm(request.POST if sent == "reopen" else None, initial=version, auto_id="reopen-%s")

    def save() -> str:
        return f"已改名为“{actions.rename_code(found, by=request.user, **rename.cleaned_data).label}”，原来的名称在文件中仍可使用。"

    def end() -> str:
        ended = actions.retire_code(found, by=request.user, **retire.cleaned_data)
        return f"“{ended.label}”自 {ended.valid_until:%Y-%m-%d} 起停用，已经登记的资料不变。"

    def again() -> str:
        return f"“{actions.reopen_code(found, by=request.user, **reopen.cleaned_data).label}”已恢复使用。"

    wanted: dict[str, tuple[forms.Form, Callable[[], str]]] = {
        "rename": (rename, save), "retire": (retire, end), "reopen": (reopen, again),
    }  # fmt: skip
    if sent in wanted and _done(request, *wanted[sent]):
        return redirect("codelists:code", pk)
    context = {
        "one": one,
        "code": found,
        "rename": rename,
        "retire": retire if may_retire(one, found.value) and not found.valid_until else None,
        "reopen": reopen if found.valid_until else None,
    }
    wrong = request.method == "POST"
    return render(request, "codelists/code.html", context, status=422 if wrong else 200)


def _done(request: AnyRequest, form: forms.Form, act: Callable[[], str]) -> bool:
    """Whether a form was right and the act took place; a refusal is told at its field, or on the page as it is now."""
    if not form.is_valid():
        return False
    try:
        messages.success(request, act())
    except Refused as refusal:
        if refusal.field not in form.fields:
            raise
        form.add_error(refusal.field, refusal.sentence)
        return False
    return True


def _require_manager(request: AnyRequest) -> None:
    if not can_manage_codes(request.user):
        raise Http404


def _list(key: str) -> CodeList:
    if key not in LISTS:
        raise Http404
    return LISTS[key]

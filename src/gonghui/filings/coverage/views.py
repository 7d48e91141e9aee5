"""「涵盖单位」: the officer's list with its forms; for superiors the same list, read only."""

import tempfile
from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.filings.coverage import actions
from gonghui.filings.coverage.form import ChangedForm, CoveredFilter, CoveredForm
from gonghui.filings.pages import own_grassroots
from gonghui.filings.rules import can_cover
from gonghui.kit.errors import Refused
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.unions.findings import RegisterFinding
from gonghui.unions.models import CoveredEmployer, Union
from gonghui.unions.queries import coverage_of

SORTS = {"added": ("id",), "name": ("pinyin", "id")}


@require_GET
def coverage(request: Request) -> HttpResponse:
    """The list of the officer's own union."""
    return _list_page(request, own_grassroots(request))


@require_GET
def union_coverage(request: Request, pk: int) -> HttpResponse:
    """The list of a union below."""
    union = _visible(request, pk)
    if union.pk == request.user.union_id:
        return redirect("filings:coverage")
    return _list_page(request, union)


def _visible(request: Request, pk: int) -> Union:
    visible = Union.objects.visible_to(request.user).grassroots().select_related("superior__superior")
    return get_object_or_404(visible, pk=pk)


def _list_page(request: Request, union: Union) -> HttpResponse:
    filters = CoveredFilter(request.GET)
    sorting = sorting_of(request, SORTS, "added")
    totals = coverage_of(union)
    rows = CoveredEmployer.objects.standing().filter(union=union)
    narrowed = any(filters.data.get(name, "").strip() for name in filters.fields)
    found = filters.narrow(rows) if narrowed else rows
    page = paginate(
        request, found.compared(), order=sorting.order, total=found.count() if narrowed else totals.employers, size=20
    )
    for covered in page.rows:
        covered.standing = _standing(covered)
    context = {
        "union": union,
        "own": union.pk == request.user.union_id,
        "may": can_cover(request.user, union),
        "totals": totals,
        "page": page,
        "filters": filters,
        "narrowed": narrowed,
        "sorting": sorting,
    }
    return render(request, "filings/coverage.html", context, status=filters.status)


def _own_covering(request: Request) -> Union:
    """Raises PermissionDenied for an officer whose union may not cover."""
    union = own_grassroots(request)
    if not can_cover(request.user, union):
        raise PermissionDenied
    return union


@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """「登记涵盖单位」; ``?code=…`` fills the form, to take a removal back."""
    union = _own_covering(request)
    if request.method == "GET":
        initial = {name: request.GET.get(name, "")[:100] for name in CoveredForm.base_fields}
        return _form_page(request, CoveredForm(initial=initial))
    form = CoveredForm(request.POST)
    if form.is_valid():
        try:
            covered = actions.cover_employer(union, form.values(), by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            words = '已登记{}。{}<a href="{}">继续登记</a>'
            messages.success(request, format_html(words, covered.name, _told(covered), reverse("filings:coverage_add")))
            return redirect("filings:coverage")
    return _form_page(request, form, status=422)


def _told(covered: CoveredEmployer) -> str:
    """What the statistical register has to say of one that was just added."""
    known = CoveredEmployer.objects.filter(pk=covered.pk).compared().get()
    return f"大统计库核对：{_standing(known)}。{'' if known.finding == RegisterFinding.SAME else '请核对证照。'}"


def _standing(covered: CoveredEmployer) -> str:
    """How one that is `compared` stands in the statistical register; of the same name the register's head count."""
    return {
        RegisterFinding.SAME: "一致",
        RegisterFinding.MISSING: "没有这个代码",
        RegisterFinding.RENAMED: f"名称是“{covered.known_name}”",  # type: ignore[attr-defined] # annotated
        RegisterFinding.STAFF: f"职工人数是 {covered.known_staff}",  # type: ignore[attr-defined]
    }[RegisterFinding(covered.finding)]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """Name and head count of one; the way to remove it."""
    covered = _covered(request, pk)
    if request.method == "GET":
        initial = {"name": covered.name, "staff_count": covered.staff_count, "version": actions.version_of(covered)}
        return _form_page(request, ChangedForm(initial=initial), covered)
    form = ChangedForm(request.POST)
    if form.is_valid():
        values = actions.Values(covered.code, form.cleaned_data["name"], form.cleaned_data["staff_count"])
        try:
            actions.change_covered(covered, values, version=form.cleaned_data["version"], by=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已保存{values.name}的修改，立即生效。")
            return redirect("filings:coverage")
    return _form_page(request, form, covered, status=422)


@require_POST
def remove(request: Request, pk: int) -> HttpResponse:
    """Takes one off the list; the message leads back to it."""
    covered = _covered(request, pk)
    actions.uncover_employer(covered, by=request.user)
    again = urlencode({name: getattr(covered, name) for name in CoveredForm.base_fields})
    words = '{}已从涵盖单位中移除。移除有误的，可以<a href="{}?{}">重新登记</a>。'
    messages.success(request, format_html(words, covered.name, reverse("filings:coverage_add"), again))
    return redirect("filings:coverage")


def _covered(request: Request, pk: int) -> CoveredEmployer:
    """One of the own union's list. Raises PermissionDenied for superiors, who only look."""
    visible = CoveredEmployer.objects.visible_to(request.user).standing().select_related("union")
    covered = get_object_or_404(visible, pk=pk)
    if not can_cover(request.user, covered.union):
        raise PermissionDenied
    return covered


def _form_page(
    request: Request, form: CoveredForm, covered: CoveredEmployer | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "filings/covered.html", {"form": form, "covered": covered}, status=status)


@require_POST
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出」 of the whole list."""
    union = _visible(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "covered.xlsx"
        actions.export_covered(union, path, by=request.user)
        name = f"涵盖单位_{union.name}_{localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

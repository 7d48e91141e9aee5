"""The years, and how the city lays down the table of one and opens it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.kit.forms import refused_into, row_id, unjudged
from gonghui.kit.paging import paginate
from gonghui.yearbooks.measures import LABELS, why_not_open
from gonghui.yearbooks.models import Yearbook
from gonghui.yearbooks.queries import own_sheets
from gonghui.yearbooks.rules import can_define, can_see_yearbooks
from gonghui.yearbooks.tables import actions
from gonghui.yearbooks.tables.form import TableForm


@require_GET
def list_yearbooks(request: Request) -> HttpResponse:
    """The years, the newest first, with how far the own union and those below it are."""
    union = own_union(request)
    if not can_see_yearbooks(request.user):
        raise Http404
    page = paginate(request, Yearbook.objects.visible_to(request.user), order=("-year",), size=20)
    found = own_sheets(request.user, page.rows)
    for yearbook in page.rows:
        yearbook.own = found.get(yearbook.pk)
    context = {"page": page, "node": union, "may_define": can_define(request.user)}
    return render(request, "yearbooks/list.html", context)


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """「制定年报」."""
    return _form(request, None)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「修改」 of a table that is not open."""
    found = get_object_or_404(Yearbook.objects.visible_to(request.user), pk=pk)
    if found.is_open and can_define(request.user):
        return redirect("yearbooks:table", pk=pk)
    return _form(request, found)


def _form(request: Request, yearbook: Yearbook | None) -> HttpResponse:
    if not can_define(request.user):
        raise Http404
    form = TableForm(request.POST or None, yearbook=yearbook)
    if "more" in request.POST:
        unjudged(form)
    elif form.is_valid():
        version = form.cleaned_data["version"] or 0
        with refused_into(form):
            table = form.cleaned_data["table"]
            saved = actions.save_table(table, yearbook=yearbook, version=version, by=request.user)
            return redirect("yearbooks:table", pk=saved.pk)
    context = {"form": form, "yearbook": yearbook}
    return render(request, "yearbooks/form.html", context, status=422 if form.errors else 200)


@require_GET
def table(request: Request, pk: int) -> HttpResponse:
    """The lines with their rules; of a draft whether it can be opened."""
    found = get_object_or_404(Yearbook.objects.visible_to(request.user).select_related("saved_by", "opened_by"), pk=pk)
    lines = list(found.lines.select_related("at_most"))
    for line in lines:
        line.source = "下级填报" if line.is_asked else LABELS[line.measure]
    may = can_define(request.user) and not found.is_open
    context = {
        "yearbook": found,
        "lines": lines,
        "may": may,
        "why_not": why_not_open(found.year, [line.measure for line in lines]) if may else "",
        "own": own_sheets(request.user, [found]).get(found.pk),
    }
    return render(request, "yearbooks/table.html", context)


@require_POST
def open_yearbook(request: Request, pk: int) -> HttpResponse:
    """「开启」."""
    found = get_object_or_404(Yearbook.objects.visible_to(request.user), pk=pk)
    if not can_define(request.user):
        raise Http404
    count = actions.open_yearbook(found, version=row_id(request.POST.get("version")) or 0, by=request.user)
    messages.success(request, f"《{found}》已开启，共 {count} 家工会签报。")
    return redirect(reverse("yearbooks:list"))

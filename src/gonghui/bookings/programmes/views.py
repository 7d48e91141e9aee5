"""Programmes as their publisher sees them: the list, one with all that belongs to it, creating and editing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.codes import Kind
from gonghui.bookings.documents.queries import listed as documents
from gonghui.bookings.eligibility.queries import rules_said
from gonghui.bookings.models import Programme
from gonghui.bookings.pages import managed, programme_of, seen
from gonghui.bookings.pictures.queries import gallery
from gonghui.bookings.programmes.figures import for_whom, offers, people_and_unions
from gonghui.bookings.programmes.forms import ProgrammeFilter, ProgrammeForm
from gonghui.bookings.programmes.saving import save_new, save_whole
from gonghui.bookings.rules import can_manage, can_publish
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate


@require_GET
def programmes(request: Request) -> HttpResponse:
    """All that one's union publishes, and what the unions above it have published; the newest first."""
    union = own_union(request)
    if union.is_grassroots:
        return redirect("bookings:offers")
    filters = ProgrammeFilter(request.GET)
    rows = Programme.objects.visible_to(request.user).select_related("publisher")
    page = paginate(request, filters.narrow(rows), order=("-id",))
    context = {
        "page": page,
        "offers": offers(page.rows),
        "filters": filters,
        "chips": [("", "全部"), *Kind.choices],
        "may_publish": can_publish(request.user, union),
        "union": union,
    }
    return render(request, "bookings/programmes.html", context, status=filters.status)


@require_GET
def programme(request: Request, pk: int) -> HttpResponse:
    """One programme: what it is, money, rules, venues, packages, sessions; officers see it as an offer."""
    if own_union(request).is_grassroots:
        return redirect("bookings:offer", programme_of(request, pk).pk)
    programme = seen(request, pk)
    (offer,) = offers([programme])
    pictures = gallery(programme)
    venues = programme.venues.annotate(number=Count("sessions")).order_by("pk")
    context = {
        "programme": programme,
        "offer": offer,
        "rules": rules_said(programme),
        "shows_pictures": bool(pictures.all),
        "gallery": pictures.head,
        "venues": [(venue, pictures.of(venue.pk)) for venue in venues],
        "documents": documents(programme),
        "packages": [(package, for_whom(package)) for package in programme.packages.order_by("pk")],
        "may": can_manage(request.user, programme),
        "tab": "programme",
    }
    return render(request, "bookings/programme.html", context)


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """「新建项目」: a draft."""
    union = own_union(request)
    if not can_publish(request.user, union):
        raise PermissionDenied
    form = ProgrammeForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            programme = save_new(union, form.columns, form.funds, form.chosen_rules, by=request.user)
            messages.success(request, "已保存为草稿。接下来添加线路或地点和班次，再核对发布。")
            return redirect("bookings:programme", pk=programme.pk)
    return _form_page(request, form, None)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「修改」: of what is published everybody booked is notified."""
    programme = managed(request, pk)
    form = ProgrammeForm(request.POST or None, programme=programme)
    if form.is_valid():
        with refused_into(form):
            save_whole(programme, form.columns, form.funds, form.chosen_rules, by=request.user)
            messages.success(request, "已保存。")
            return redirect("bookings:programme", pk=programme.pk)
    return _form_page(request, form, programme)


def _form_page(request: Request, form: ProgrammeForm, programme: Programme | None) -> HttpResponse:
    told = people_and_unions(programme)[1] if programme else 0
    context: dict[str, Any] = {"form": form, "programme": programme, "told": told}
    return render(request, "bookings/programme_form.html", context, status=422 if form.errors else 200)

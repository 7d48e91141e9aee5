"""The routes or places of a programme, and the packages of a health check: one form each."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.bookings.models import Package, Programme, Venue
from gonghui.bookings.pages import form_page, managed
from gonghui.bookings.programmes import actions
from gonghui.bookings.programmes.forms import PackageForm, VenueForm
from gonghui.kit.forms import refused_into


@require_http_methods(["GET", "POST"])
def venue_add(request: Request, pk: int) -> HttpResponse:
    """「添加线路或地点」."""
    return _venue(request, managed(request, pk), None)


@require_http_methods(["GET", "POST"])
def venue_edit(request: Request, pk: int) -> HttpResponse:
    """「修改线路或地点」."""
    venue = get_object_or_404(Venue, pk=pk)
    return _venue(request, managed(request, venue.programme_id), venue)


def _venue(request: Request, programme: Programme, venue: Venue | None) -> HttpResponse:
    form = VenueForm(request.POST or None, programme=programme, venue=venue)
    if form.is_valid():
        with refused_into(form):
            venue = actions.save_venue(programme, form.cleaned_data, venue=venue, by=request.user)
            messages.success(request, f"已保存{venue}。")
            return redirect("bookings:programme", pk=programme.pk)
    title = "修改线路或地点" if venue else "添加线路或地点"
    return form_page(request, form, programme, title=title, button="保存")


@require_POST
def venue_remove(request: Request, pk: int) -> HttpResponse:
    """「移除」, of one without sessions."""
    venue = get_object_or_404(Venue, pk=pk)
    programme = managed(request, venue.programme_id)
    actions.remove_venue(venue, by=request.user)
    messages.success(request, f"已移除{venue.name}。")
    return redirect("bookings:programme", pk=programme.pk)


@require_http_methods(["GET", "POST"])
def package_add(request: Request, pk: int) -> HttpResponse:
    """「添加套餐」."""
    return _package(request, managed(request, pk), None)


@require_http_methods(["GET", "POST"])
def package_edit(request: Request, pk: int) -> HttpResponse:
    """「修改套餐」."""
    package = get_object_or_404(Package, pk=pk)
    return _package(request, managed(request, package.programme_id), package)


def _package(request: Request, programme: Programme, package: Package | None) -> HttpResponse:
    form = PackageForm(request.POST or None, package=package)
    if form.is_valid():
        with refused_into(form):
            package = actions.save_package(programme, form.cleaned_data, package=package, by=request.user)
            messages.success(request, f"已保存{package}。")
            return redirect("bookings:programme", pk=programme.pk)
    title = "修改套餐" if package else "添加套餐"
    return form_page(request, form, programme, title=title, button="保存")

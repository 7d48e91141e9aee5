"""What views of several subjects share: fetching a programme that one sees, or that one manages."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.models import Picture, Programme
from gonghui.bookings.rules import can_manage


def programme_of(request: Request, pk: int) -> Programme:
    """Returns a programme that the user sees. Raises Http404."""
    return get_object_or_404(Programme.objects.visible_to(request.user).select_related("publisher"), pk=pk)


def seen(request: Request, pk: int) -> Programme:
    """A programme as a superior union sees it. Raises Http404 out of scope."""
    if own_union(request).is_grassroots:
        raise Http404
    return programme_of(request, pk)


def managed(request: Request, pk: int) -> Programme:
    """A programme that the user may change. Raises Http404 out of scope, PermissionDenied for who only sees it."""
    programme = seen(request, pk)
    if not can_manage(request.user, programme):
        raise PermissionDenied
    return programme


def form_page(
    request: Request,
    form: forms.Form,
    programme: Programme,
    *,
    title: str,
    button: str,
    note: str = "",
    warning: str = "",
    danger: bool = False,
    back: str = "",
    picture: Picture | None = None,
) -> HttpResponse:
    """A page with one form about a programme. ``note`` stands below it, ``warning`` above; ``back``: where to return;
    ``picture``: what it is about.
    """
    context = {
        "form": form,
        "programme": programme,
        "title": title,
        "button": button,
        "note": note,
        "warning": warning,
        "danger": danger,
        "back": back or reverse("bookings:programme", args=[programme.pk]),
        "picture": picture,
    }
    return render(request, "bookings/form.html", context, status=422 if form.errors else 200)


def pictures_form_page(request: Request, form: forms.Form, programme: Programme, **words: Any) -> HttpResponse:
    """As `form_page`, of the page 「图片和资料」."""
    return form_page(request, form, programme, back=reverse("bookings:pictures", args=[programme.pk]), **words)

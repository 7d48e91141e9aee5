"""Pages of one's own account and of the accounts of a union."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """What somebody sees after too many failed sign-ins."""
    return render(request, "account/locked.html", status=429)


def settings_page(request: HttpRequest) -> HttpResponse:
    """One's own account."""
    return render(request, "accounts/settings.html")


def list_users(request: HttpRequest) -> HttpResponse:
    """The accounts of one's union and the first administrators of the unions below (SPEC 1.4)."""
    return render(request, "accounts/list.html")

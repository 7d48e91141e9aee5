"""Pages of one's own account and of the accounts of a union."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """What somebody sees after too many failed sign-ins."""
    return render(request, "account/locked.html", status=429)

"""The public pages, the signed-in front page, and the probes."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def portal(request: HttpRequest) -> HttpResponse:
    """The city's public home page (SPEC 1.1)."""
    return render(request, "portal/portal.html")


@login_not_required
def platform(request: HttpRequest) -> HttpResponse:
    """The platform's own front page, 「登录」 and 「注册」 at top right (SPEC 1.2)."""
    return render(request, "portal/platform.html")


@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Help for who registers, signs in, or has lost a password."""
    return render(request, "portal/help.html")


def home(request: HttpRequest) -> HttpResponse:
    """The signed-in front page."""
    return render(request, "portal/home.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)

"""Safe redirects to addresses from outside: a Referer, ``next``, a stored address."""

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

SIGN_OUT = "account_logout"


def own_page(request: HttpRequest, address: str) -> str:
    """Returns ``address`` as a path if it is a page of ours that takes GET, else "".

    A full address must have exactly this request's scheme, host and port. A page that takes only POST is not accepted,
    and the sign-out is not. Scheme and host are not returned, so no address leads away that a browser might parse
    differently (OWASP ASVS 5.0, 1.2.2 and 3.7.2).
    """
    try:
        parts = urlsplit(address)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        return ""
    if (parts.scheme, parts.netloc) not in {("", ""), (request.scheme, request.get_host())}:
        return ""
    if match.url_name == SIGN_OUT or not _can_be_looked_at(match.func):
        return ""
    return parts._replace(scheme="", netloc="").geturl()


def came_from(request: HttpRequest) -> str:
    """Returns the page of ours in the Referer, else ""; never the page that is requested by GET, to avoid a loop."""
    page = own_page(request, request.headers.get("Referer", ""))
    return "" if request.method == "GET" and page == request.get_full_path() else page


def _can_be_looked_at(view: Callable[..., Any]) -> bool:
    """Whether a view takes GET: by the arguments of ``require_http_methods`` etc., else by the class's ``get``."""
    while inspect.isfunction(view):
        if allowed := inspect.getclosurevars(view).nonlocals.get("request_method_list"):
            return "GET" in allowed
        if view_class := getattr(view, "view_class", None):
            return hasattr(view_class, "get")
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment] # ends the loop
    return True

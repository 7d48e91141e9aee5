"""Where a request may be led to when somebody else says where: a Referer, ``next``, an address that was stored."""

import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

SIGN_OUT = "account_logout"


def own_page(request: HttpRequest, address: str) -> str:
    """``address`` as a path if it is a page of ours that can be looked at, else an empty text.

    A whole address must have this request's own scheme, host and port, to the letter. A page that only takes what is sent
    (it would answer 405) is none, nor is the sign-out. Scheme and host are not given back, so that nothing leads away
    which a browser might read otherwise than we do (OWASP ASVS 5.0, 1.2.2 and 3.7.2).
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
    """The page of ours that the Referer names, else an empty text; never the one that is being asked for by GET, which
    would lead to itself for ever.
    """
    page = own_page(request, request.headers.get("Referer", ""))
    return "" if request.method == "GET" and page == request.get_full_path() else page


def _can_be_looked_at(view: Callable[..., Any]) -> bool:
    """Whether a view takes GET: what ``require_http_methods`` and its like were told, else whether its class has ``get``."""
    while inspect.isfunction(view):
        if allowed := inspect.getclosurevars(view).nonlocals.get("request_method_list"):
            return "GET" in allowed
        if found := getattr(view, "view_class", None):
            return hasattr(found, "get")
        view = getattr(view, "__wrapped__", None)  # type: ignore[assignment] # ends the loop
    return True

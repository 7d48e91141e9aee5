"""Rules of all views: headers, methods, large bodies, null characters, private pages, refusals."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from gonghui.kit.errors import Refused
from gonghui.kit.redirects import came_from
from gonghui.kit.request import AnyRequest

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Three times the largest upload: up to here a form says in a sentence that its file is too large."""

METHODS = ("GET", "HEAD", "OPTIONS", "POST")


class Middleware:
    """Wraps the rest of the chain; by default it passes every request on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        return self.get_response(request)


class HeadersMiddleware(Middleware):
    """Sets the headers that no library sets: no other site may embed our answers, and no page may use a device.

    Every text names its charset (RFC 6838), also the answers of libraries and the static files.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        kind = response.get("Content-Type", "")
        if kind.startswith(("text/", "image/svg")) and "charset" not in kind:
            response["Content-Type"] = f"{kind}; charset=utf-8"
        return response


class MethodMiddleware(Middleware):
    """Answers 405 to every method but METHODS: a view without a rule would treat it as GET.

    Every 405 has a page, also a view's own, whose content is empty; its ``Allow`` header is kept.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        allowed = request.method in METHODS
        response = self.get_response(request) if allowed else HttpResponseNotAllowed(METHODS)
        if response.status_code == HttpResponseNotAllowed.status_code and not response.content:
            response.content = render_to_string("405.html", request=request)
            response["Content-Length"] = str(len(response.content))
        return response


class BodyLimitMiddleware(Middleware):
    """Answers 413, without reading it, to a body larger than any form sends: reading takes twice its size in memory.

    Django does not read a body without a length.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:19]) > MAX_BODY_BYTES:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class NullCharacterMiddleware(Middleware):
    """Refuses (400) a request with a null character: PostgreSQL cannot store it in a text."""

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Raises SuspiciousOperation."""
        if _has_null(request.GET) or _has_null(request.POST):
            raise SuspiciousOperation("a null character in the query or in a field")


def _has_null(query: QueryDict) -> bool:
    return any("\0" in text for name, texts in query.lists() for text in (name, *texts))


class PrivatePagesMiddleware(Middleware):
    """Keeps the pages of a signed-in user out of every cache: after signing out, 「后退」 shows no data."""

    def __call__(self, request: AnyRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if is_immutable(response):
            return response
        if signed_in or request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def is_immutable(response: HttpResponse) -> bool:
    """Whether it is the same for everybody for ever, and its view says so: a public picture."""
    return "immutable" in response.get("Cache-Control", "")


class RefusedMiddleware(Middleware):
    """Shows the sentence of an action's ``Refused`` on the page that the user came from.

    A view therefore calls its action and redirects. That page marks the field (static/fields.js).
    """

    def process_exception(self, request: AnyRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused):
            return None
        page = came_from(request)
        if request.htmx or not page:
            response = render(request, "refused.html", {"sentence": error.sentence}, status=409)
            response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
            return response
        messages.error(request, error.sentence, extra_tags=error.field or "")
        return HttpResponseRedirect(page)

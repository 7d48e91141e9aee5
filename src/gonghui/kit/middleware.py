"""What no view need think of: headers, methods, bodies too large, characters that no table holds, private pages, refusals."""

from collections.abc import Callable

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


class HeadersMiddleware:
    """The headers that no library sets: no other site may embed what we answer, and no page asks for a device.

    A text of any kind names its characters (RFC 6838), also one that a library or the static files made.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        kind = response.get("Content-Type", "")
        if kind.startswith(("text/", "image/svg")) and "charset" not in kind:
            response["Content-Type"] = f"{kind}; charset=utf-8"
        return response


class MethodMiddleware:
    """Answers 405 to whatever is neither looking nor sending a form: a view that says nothing would take it for looking.

    Every 405 is a page in words, also a view's own, which is empty; its ``Allow`` stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.method in METHODS
        response = self.get_response(request) if known else HttpResponseNotAllowed(METHODS)
        if response.status_code == HttpResponseNotAllowed.status_code and not response.content:
            response.content = render_to_string("405.html", request=request)
            response["Content-Length"] = str(len(response.content))
        return response


class BodyLimitMiddleware:
    """Turns away, unread, a body that no form of ours sends: the server holds twice the memory of what it reads.

    A body without a length is no matter: Django reads nothing of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:19]) > MAX_BODY_BYTES:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class NullCharacterMiddleware:
    """Refuses (400) a request with a null character: nobody types one, and PostgreSQL holds none in a text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Raises SuspiciousOperation."""
        if _has_null(request.GET) or _has_null(request.POST):
            raise SuspiciousOperation("a null character in the query or in a field")


def _has_null(query: QueryDict) -> bool:
    return any("\0" in text for name, texts in query.lists() for text in (name, *texts))


class PrivatePagesMiddleware:
    """Keeps what a signed-in person sees out of every cache: after signing out, 「后退」 shows nobody's data."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: AnyRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class RefusedMiddleware:
    """Turns an action's ``Refused`` into its sentence on the page that the person came from.

    A view therefore calls its action and redirects. The field that it is about is marked there (static/fields.js).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

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

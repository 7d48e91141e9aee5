"""Remembers the search, filter and page with which each list was last shown, and returns to them.

A signed session cookie holds them. `kit.paging` marks a request whose page is a list; the middleware saves its
address, and redirects to it when a POST ends on a list; `{% list_url %}` does the same in breadcrumbs and behind
「返回」. The menu opens the whole list. static/lists.js remembers the row that was opened.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from gonghui.kit.request import AnyRequest

MAX_BYTES = 3500
"""A browser takes a cookie of 4,096 with its attributes."""
_SALT = "gonghui.lists"
_PASSING = {"new"}
"""Parameters that report the last act, and are not part of a list's state."""


class Lists:
    """The lists that one account has opened in this browser, by path with their query, the newest last."""

    def __init__(self, request: AnyRequest) -> None:
        self._request = request

    @cached_property
    def _seen(self) -> dict[str, str]:
        try:
            owner, seen = signing.loads(self._request.COOKIES.get(settings.LISTS_COOKIE_NAME, ""), salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return {}
        return seen if owner == self._request.user.pk else {}

    def address(self, path: str) -> str:
        """Returns ``path`` with its last query; ``path`` itself if it is no list, or was shown without filters."""
        query = self._seen.get(path)
        return f"{path}?{query}" if query else path

    def note(self, path: str, query: str) -> str | None:
        """Returns the new value of the cookie; None if nothing has changed."""
        seen = {other: kept for other, kept in self._seen.items() if other != path} | ({path: query} if query else {})
        if list(seen.items()) == list(self._seen.items()):
            return None
        while len(text := signing.dumps([self._request.user.pk, seen], salt=_SALT, compress=True)) > MAX_BYTES:
            del seen[next(iter(seen))]
        return text


def lists_of(request: AnyRequest) -> Lists:
    """Returns the lists of the signed-in account; created once per request."""
    lists = getattr(request, "lists", None)
    if lists is None:
        lists = request.lists = Lists(request)  # type: ignore[attr-defined]
    return lists


class ListsMiddleware:
    """Saves the state of a list that was shown, and redirects a POST that ends on a list to that state."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: AnyRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.user.is_authenticated:
            return response
        if request.method == "POST" and response.status_code == 302:
            where = response["Location"]
            if where != request.path:  # otherwise the user has removed a filter
                response["Location"] = lists_of(request).address(where)
        elif request.method == "GET" and response.status_code == 200 and getattr(request, "is_list", False):
            self._note(request, response)
        return response

    def _note(self, request: AnyRequest, response: HttpResponse) -> None:
        if request.htmx and urlsplit(request.headers.get("HX-Current-URL", "")).path != request.path:
            return  # a part of another page
        query = request.GET.copy()
        for name in _PASSING:
            query.pop(name, None)
        text = lists_of(request).note(request.path, query.urlencode())
        if text is not None:
            secure = settings.SESSION_COOKIE_SECURE
            response.set_cookie(settings.LISTS_COOKIE_NAME, text, httponly=True, secure=secure, samesite="Lax")

"""Adds user, address and request id to the audit records, row histories and log lines of a request."""

from collections.abc import Callable

import pghistory
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars, get_contextvars

from gonghui.audit.context import coming_from


def client_address(request: HttpRequest) -> str:
    """Returns the client's address: with N trusted proxies the Nth from the right of X-Forwarded-For, else the peer's."""
    proxies = settings.ENVIRONMENT.proxies
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return request.META.get("REMOTE_ADDR") or "127.0.0.1"


class RequestLogMiddleware(RequestMiddleware):
    """As the library's, with the audit's address: the library trusts any X-Forwarded-For."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        bind_contextvars(ip=client_address(request))


class AuditMiddleware:
    """Runs a request in the audit's context, which requests that write pass to the row-history triggers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address, request_id = client_address(request), get_contextvars().get("request_id", "")
        with coming_from(address, request_id, request.user):
            if request.method in {"GET", "HEAD", "OPTIONS"}:
                return self.get_response(request)
            with pghistory.context(user=request.user.pk, address=address, request=request_id):
                return self.get_response(request)

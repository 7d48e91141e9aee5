"""Idle time-out (SPEC 1.3): a session ends GONGHUI_IDLE_MINUTES after its last request."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# A session's expiry is pushed on at most once a minute: a write for every page would cost more than the page.
_REFRESH_SECONDS = 60


class IdleTimeoutMiddleware:
    """Pushes the signed-in session's expiry on while it is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and time.time() - request.session.get("seen", 0) > _REFRESH_SECONDS:
            request.session["seen"] = int(time.time())
        return self.get_response(request)

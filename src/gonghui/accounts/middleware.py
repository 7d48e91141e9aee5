"""How long a session lasts, and what an account must do before anything else (SPEC 1.3)."""

import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from gonghui.accounts.models import User
from gonghui.accounts.passwords import is_outdated
from gonghui.accounts.privacy import current_version

# A session's expiry is pushed on at most once a minute: a write for every page would cost more than the page.
_REFRESH_SECONDS = 60


class SessionLifeMiddleware:
    """Ends a session GONGHUI_IDLE_MINUTES after its last use, and GONGHUI_SESSION_HOURS after its sign-in in any case.

    The first is the session's own expiry, which is pushed on while it is used.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.setdefault("began", now) >= settings.ENVIRONMENT.session_hours * 3600:
                logout(request)
            elif now - request.session.get("seen", 0) > _REFRESH_SECONDS:
                request.session["seen"] = now
        return self.get_response(request)


_ALWAYS_OPEN = {"account_logout", "account_reauthenticate", "mfa_reauthenticate"}


class DutiesMiddleware:
    """Sends an account that has a duty (a new password, a second factor) to the page where it is done.

    Until then every other page that needs a sign-in leads there, with the reason.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        match = request.resolver_match
        if not request.user.is_authenticated or not getattr(view, "login_required", True) or match is None:
            return None
        if match.view_name in _ALWAYS_OPEN:
            return None
        page, sentence = _duty(request.user)
        if page is None or page == match.view_name:
            return None
        messages.warning(request, sentence)
        return redirect(page)


def _duty(user: User) -> tuple[str | None, str]:
    """The page that ``user`` must visit first, and why; (None, "") when there is none.

    The privacy notice comes first: nothing is done with anybody's data before it has been read.
    """
    if user.accepted_privacy != current_version():
        return "accounts:privacy", "请阅读《个人信息处理说明》，同意后继续使用平台。"
    if is_outdated(user):
        return "account_change_password", f"密码已超过 {settings.PASSWORD_MAX_AGE_DAYS} 天没有修改，请先设置新密码。"
    if _needs_totp(user) and not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        return "mfa_activate_totp", "按照市总工会的要求，上级工会的账号要先启用动态口令才能使用平台。"
    return None, ""


def _needs_totp(user: User) -> bool:
    return settings.ENVIRONMENT.superiors_need_totp and user.union is not None and not user.union.is_grassroots

"""Session expiry, requests without a session, and what an account must do first (SPEC 1.3)."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from gonghui.accounts.ended import REFRESH_SECONDS, account_of_ended, end_session, ended_session
from gonghui.accounts.kept import keep_form
from gonghui.accounts.list_settings import setting_of, was_kept
from gonghui.accounts.models import User
from gonghui.accounts.passwords import is_outdated
from gonghui.accounts.privacy import current_version
from gonghui.accounts.queries import has_second_factor
from gonghui.accounts.request import Request
from gonghui.accounts.sign_in_rules import rules_of
from gonghui.accounts.way_in import form_page, to_sign_in


class ProvingSessionMiddleware(SessionMiddleware):
    """Keeps the cookie of an expired session in the browser (ended.py); Django's middleware would delete it.

    A session that the database could not write is not one that was deleted meanwhile, for which Django takes it (400):
    the answer is that of a database which is away.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.is_empty() and ended_session(request):
            patch_vary_headers(response, ("Cookie",))
            return response
        try:
            return super().process_response(request, response)
        except SessionInterrupted as error:
            failed = error.__context__ and error.__context__.__context__
            if not isinstance(failed, (OperationalError, InterfaceError)):
                raise
        raise failed  # outside, with the cause that it has


class SessionLifeMiddleware(MiddlewareMixin):
    """Ends a session after the idle time without use, and so many hours after its sign-in in any case (`SignInRules`).

    The first is the session's own expiry, which is extended while the session is used; a shorter idle time ends those
    at once that were not used for as long (``seen``).
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            now, rules = int(time.time()), rules_of(request.user)
            request.session.idle_minutes = rules.idle_minutes  # type: ignore[attr-defined] # of our SessionStore
            over = now - request.session.setdefault("began", now) >= rules.session_hours * 3600
            if over or now - request.session.get("seen", now) >= rules.idle_minutes * 60:
                end_session(request)
            elif now - request.session.get("seen", 0) > REFRESH_SECONDS:
                request.session["seen"] = now


class ListSettingsMiddleware:
    """``request.list_size()``: the rows of a page that the user likes for the list that is asked for (kit.paging).

    A search that the account has kept, and whose union is out of scope now, is no page that does not exist: it shows
    nothing, and says why.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        if request.user.is_authenticated and "size" not in request.GET:
            request.list_size = lambda: setting_of(request).size  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        asked = isinstance(error, Http404) and request.method == "GET" and request.user.is_authenticated
        return render(request, "accounts/out_of_scope.html", status=422) if asked and was_kept(request) else None


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects an anonymous user to the sign-in, and from there back to a page that can be shown by GET.

    A form that is submitted without a session is not processed: it is kept for the account of the expired session, if
    the cookie proves it. CsrfViewMiddleware has checked its token before.
    """

    def handle_no_permission(  # type: ignore[override] # htmx gets an answer of another kind
        self, request: Request, view_func: Callable
    ) -> HttpResponse:
        page, is_kept = form_page(request), False
        if request.method == "POST" and (user := account_of_ended(request)):
            is_kept = keep_form(request, user, page)
        return to_sign_in(request, page, kept=is_kept)


_ALWAYS_OPEN = {"account_logout", "account_reauthenticate", "mfa_reauthenticate"}


class DutiesMiddleware(MiddlewareMixin):
    """Redirects an account that must first set a new password or a second factor to that page.

    Until then every other page that requires a sign-in redirects there, with the reason.
    """

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        match = request.resolver_match
        if not request.user.is_authenticated or not getattr(view, "login_required", True) or match is None:
            return None
        page, sentence = _duty(request.user)
        if page is None or match.view_name in {page, *_ALWAYS_OPEN}:
            return None
        messages.warning(request, sentence)
        return redirect(page)


def _duty(user: User) -> tuple[str | None, str]:
    """Returns the URL name of the page that ``user`` must visit first, and why; (None, "") when there is none.

    The privacy notice comes first: no personal data is processed before it is accepted.
    """
    if user.accepted_privacy != current_version():
        return "accounts:privacy", "请阅读《个人信息处理说明》，同意后继续使用平台。"
    if is_outdated(user):
        return "account_change_password", f"密码已超过 {settings.PASSWORD_MAX_AGE_DAYS} 天没有修改，请先设置新密码。"
    if (sentence := _why_totp(user)) and not has_second_factor(user):
        return "mfa_activate_totp", sentence
    return None, ""


def _why_totp(user: User) -> str:
    """Why the account needs a second factor; empty if it needs none. A provider's sees people of many unions."""
    if user.is_provider:
        return "体检机构的账号要先启用动态口令，才能查看名单。"
    superior = user.union is not None and not user.union.is_grassroots
    if superior and rules_of(user).superiors_need_totp:
        return "按照市总工会的要求，上级工会的账号要先启用动态口令才能使用平台。"
    return ""

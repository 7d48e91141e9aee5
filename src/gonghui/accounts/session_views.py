"""Extending a session, restoring a form from before its end, and forms with a stale CSRF token."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from gonghui.accounts.kept import keep_form, offer_kept, take_kept
from gonghui.accounts.request import Request
from gonghui.accounts.way_in import form_page, leading_to, to_sign_in
from gonghui.kit.redirects import SIGN_OUT, own_page

SIGN_IN = "account_login"


@require_POST
def stay(request: Request) -> HttpResponse:
    """「继续使用」: using the session extends it."""
    request.session.modified = True
    return HttpResponse(status=204)


@require_POST
def kept_form(request: Request) -> HttpResponse:
    """Returns the stored fields of the form that was open at the session's end, once; ``discard`` only deletes them."""
    form = take_kept(request)
    if "discard" in request.POST:
        return HttpResponse(status=204)
    return JsonResponse(form or {}, status=200 if form else 410)


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    """Handles a form whose token is stale or missing. Only the browser's Origin proves that it comes from this site.

    In that case the form was only open too long, or the user signed in in another window: its fields are stored and
    offered. A form of another site is refused (403), and its fields are not stored.
    """
    match, origin = request.resolver_match, f"{request.scheme}://{request.get_host()}"
    if match is None or request.headers.get("Origin") != origin:
        return render(request, "403_csrf.html", status=403)
    if match.url_name in (SIGN_IN, SIGN_OUT):
        return _entrance(request, match.url_name)
    if not getattr(match.func, "login_required", True):
        return render(request, "403_csrf.html", status=403)
    page = form_page(request)
    if not request.user.is_authenticated:
        return to_sign_in(request, page, kept=False)
    sentence = "这个页面打开太久，或者您已在另一个窗口中重新登录，刚才的操作没有保存。请核对后重新提交。"
    if keep_form(request, request.user, page):
        offer_kept(request, request.user)
    if not request.htmx.trigger_name:
        messages.warning(request, sentence)
    return leading_to(request, page or resolve_url("home"), sentence, status=409)


def _entrance(request: Request, name: str) -> HttpResponse:
    """Redirects a user who has signed in in another window; else shows the same page with a fresh token."""
    page = own_page(request, request.POST.get("next", ""))
    if name == SIGN_IN and request.user.is_authenticated:
        return HttpResponseRedirect(page or resolve_url("home"))
    query = {"ended": "stale"} | ({"next": page} if page else {})
    return HttpResponseRedirect(f"{resolve_url(name)}?{urlencode(query)}")

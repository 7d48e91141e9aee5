"""Redirects an anonymous user to the sign-in, and back to a page that can be shown by GET (SPEC 1.3)."""

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url

from gonghui.kit.redirects import own_page
from gonghui.kit.request import AnyRequest


def form_page(request: AnyRequest) -> str:
    """Returns the path of the page with the submitted form or the htmx element; never an address that only takes POST.

    If the browser does not send it: the requested address if it can be shown by GET, else "".
    """
    if request.htmx:
        page = request.headers.get("HX-Current-URL", "")
    else:
        page = request.headers.get("Referer", "") if request.method == "POST" else ""
    return (page and own_page(request, page)) or own_page(request, request.get_full_path())


def to_sign_in(request: AnyRequest, page: str, *, kept: bool) -> HttpResponse:
    """Redirects to the sign-in with ``page`` as next; the sign-in page explains what happened to the submitted form."""
    query = QueryDict(mutable=True)
    if page:
        query["next"] = page
    if request.method == "POST":
        query["ended"] = "kept" if kept else "lost"
    elif request.htmx:
        query["ended"] = "looked"
    address = f"{resolve_url('account_login')}?{query.urlencode(safe='/')}"
    sentence = "登录已过期，刚才的操作没有保存。" if request.method == "POST" else "登录已过期，请重新登录。"
    return leading_to(request, address, sentence, status=401, sign_in=True)


def leading_to(request: AnyRequest, address: str, sentence: str, *, status: int, sign_in: bool = False) -> HttpResponse:
    """Redirects the whole window to ``address``, also for an htmx request for a part of the page.

    Exception: an htmx request of a form's field keeps the form open: the response is the sentence with a link.
    """
    if not request.htmx:
        return HttpResponseRedirect(address)
    context = {"sentence": sentence, "address": address, "sign_in": sign_in}
    response = render(request, "includes/no_session.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    if not request.htmx.trigger_name:
        response["HX-Redirect"] = address
    return response

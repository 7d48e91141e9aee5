"""How whoever is not signed in is led to the sign-in, and back to a page that can be looked at (SPEC 1.3)."""

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url

from gonghui.kit.redirects import own_page
from gonghui.kit.request import AnyRequest


def form_page(request: AnyRequest) -> str:
    """The page on which the sent form, or what asked by htmx, stood: never an address that only takes what is sent.

    Where the browser does not say it, the address itself if it can be looked at; else an empty text.
    """
    if request.htmx:
        stood_on = request.headers.get("HX-Current-URL", "")
    else:
        stood_on = request.headers.get("Referer", "") if request.method == "POST" else ""
    return (stood_on and own_page(request, stood_on)) or own_page(request, request.get_full_path())


def to_sign_in(request: AnyRequest, page: str, *, kept: bool) -> HttpResponse:
    """The way to the sign-in that leads on to ``page``, and says there what became of the form that was sent."""
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
    """Leads the whole window to ``address``, also when htmx asked for a part of the page.

    But a field that asks while a form is being filled in leaves the form where it is: it gets the sentence, with a link.
    """
    if not request.htmx:
        return HttpResponseRedirect(address)
    context = {"sentence": sentence, "address": address, "sign_in": sign_in}
    response = render(request, "includes/no_session.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    if not request.htmx.trigger_name:
        response["HX-Redirect"] = address
    return response

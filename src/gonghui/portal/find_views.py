"""The search box in the page header, and the page of its results (SPEC 1.6)."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.portal import find


@never_cache
@require_http_methods(["GET", "POST"])
def results(request: Request) -> HttpResponse:
    """All results, including members. The text is posted, and returns sealed in the address: it may be a name."""
    if request.method == "POST":
        text = request.POST.get("text", "").strip()[: find.MAX_TEXT]
        if text:
            find.search_members(request.user, text)
        return redirect(f"{reverse('find')}?q={find.token(text, request.user)}" if text else "find")
    text = find.text_of(request.GET.get("q", ""), request.user)
    groups = find.suggest(request.user, text)
    if text:
        groups = [group for group in (find.members(request.user, text),) if group.hits] + groups
    return render(request, "portal/find.html", {"text": text, "groups": groups})


@never_cache
@require_POST
def suggest(request: Request) -> HttpResponse:
    """Suggestions while typing (htmx), without members."""
    text = request.POST.get("text", "").strip()[: find.MAX_TEXT]
    return render(request, "portal/find_groups.html", {"text": text, "groups": find.suggest(request.user, text)})

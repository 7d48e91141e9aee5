"""「门户设置」, for platform administrators; and the larger letters that a visitor chooses."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.request import Request
from gonghui.kit.forms import refused_into
from gonghui.kit.redirects import came_from
from gonghui.publishing.rules import can_set_up
from gonghui.publishing.site.actions import set_site
from gonghui.publishing.site.forms import SiteForm
from gonghui.publishing.site.look import LARGE
from gonghui.publishing.site.queries import is_grey, site

YEAR = 365 * 86_400


@require_http_methods(["GET", "POST"])
def settings_page(request: Request) -> HttpResponse:
    """The second person, and the days without colour."""
    if not can_set_up(request.user):
        raise Http404
    form = SiteForm(request.POST if request.method == "POST" else None, site=site())
    if form.is_valid():
        with refused_into(form):
            set_site(**form.cleaned_data, by=request.user)
            messages.success(request, "已保存门户设置。")
            return redirect("publishing:settings")
    context = {"form": form, "grey_today": is_grey(site())}
    return render(request, "publishing/settings.html", context, status=422 if form.errors else 200)


@login_not_required
@require_POST
def view(request: HttpRequest) -> HttpResponse:
    """「适老版」 or 「标准版」: kept in a cookie for a year; leads back to where the visitor was."""
    response = redirect(came_from(request) or reverse("portal"))
    if request.POST.get("view") == LARGE:
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(settings.VIEW_COOKIE_NAME, LARGE, YEAR, httponly=True, samesite="Lax", secure=secure)
    else:
        response.delete_cookie(settings.VIEW_COOKIE_NAME, samesite="Lax")
    return response

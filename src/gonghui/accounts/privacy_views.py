"""「个人信息处理说明」: the public page, and the page on which an account accepts it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts import privacy
from gonghui.accounts.forms import PrivacyForm
from gonghui.accounts.request import Request


@login_not_required
@require_GET
def read(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/privacy.html", {"notice": privacy.notice()})


@require_http_methods(["GET", "POST"])
def accept(request: Request) -> HttpResponse:
    """The page with 「我已阅读并同意」: after an invitation, and again when the version has changed."""
    form = PrivacyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        privacy.accept_privacy(request.user, form.cleaned_data["privacy_version"])
        messages.success(request, "已记录您同意《个人信息处理说明》。")
        return redirect("home")
    accepted = request.user.accepted_privacy == privacy.current_version() and request.user.privacy_acceptance
    context = {"notice": privacy.notice(), "form": form, "accepted": accepted}
    return render(request, "accounts/accept_privacy.html", context, status=422 if form.errors else 200)

"""Suggestions of employers, and the registration of another employer after a refused claim."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.actions import rename_account
from gonghui.accounts.limits import Limit, limited
from gonghui.accounts.request import Request
from gonghui.filings.models import AccountClaim
from gonghui.filings.queries import suggested_employers
from gonghui.filings.registration.actions import register_employer
from gonghui.filings.registration.form import NextEmployerForm
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import withdraw


@login_not_required
@require_GET
@limited(Limit("suggest_employer", 120, timedelta(minutes=1)), method="GET")
def suggest(request: HttpRequest) -> HttpResponse:
    """Lists entries of the statistical register whose name begins with, or contains, the typed text (htmx)."""
    employers = suggested_employers(request.GET.get("employer_name", ""))
    return render(request, "filings/suggestions.html", {"employers": employers})


def register(request: Request) -> HttpResponse:
    """Asks for the employer after a refused or withdrawn claim, and for the user's name if it is missing."""
    if request.user.union is not None or request.user.is_provider:
        return redirect("home")
    form = NextEmployerForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if "name" in values:
            rename_account(request.user, name=values["name"])
        try:
            register_employer(request.user, name=values["employer_name"], registered_id=values["registered_id"])
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return redirect("home")
    return render(request, "filings/register.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def withdraw_claim(request: Request, pk: int) -> HttpResponse:
    """Withdraws the user's pending claim, to register another name."""
    claim = get_object_or_404(AccountClaim.objects.select_related("review"), user=request.user, pk=pk)
    withdraw(claim.review, by=request.user)
    messages.success(request, "已撤回认领，可以重新登记单位。")
    return redirect("filings:register")

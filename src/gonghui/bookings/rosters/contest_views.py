"""Objections to 「未到」, which the publisher decides (SPEC 6.8)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request, own_union
from gonghui.bookings.marks import actions
from gonghui.bookings.models import Contest
from gonghui.bookings.pages import form_page, managed
from gonghui.bookings.rosters.forms import ContestForm
from gonghui.bookings.rules import can_publish
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate


@never_cache
@require_GET
def contests(request: Request) -> HttpResponse:
    """All objections about one's own programmes, the newest first."""
    union = own_union(request)
    if union.is_grassroots:
        raise Http404
    if not can_publish(request.user, union):
        raise PermissionDenied
    rows = Contest.objects.filter(place__programme__publisher=union)
    rows = rows.select_related("place__member", "place__programme", "place__union", "place__guest_of__member")
    return render(request, "bookings/contests.html", {"page": paginate(request, rows, order=("-id",))})


@never_cache
@require_http_methods(["GET", "POST"])
def decide(request: Request, pk: int) -> HttpResponse:
    """「处理」 of one objection, with the answer."""
    contest = get_object_or_404(Contest.objects.select_related("place__member", "place__union"), pk=pk)
    programme = managed(request, contest.place.programme_id)
    form = ContestForm(request.POST or None)
    if form.is_valid():
        upheld = form.cleaned_data["decision"] == "yes"
        with refused_into(form):
            actions.decide_contest(contest, upheld=upheld, answer=form.cleaned_data["answer"], by=request.user)
            messages.success(request, "已处理，将通知提出异议的工会。")
            return redirect("bookings:contests")
    return form_page(
        request,
        form,
        programme,
        title=f"处理对{contest.place}未到的异议",
        button="提交",
        warning=f"{contest.place.union}：{contest.text}",
        back=reverse("bookings:contests"),
    )

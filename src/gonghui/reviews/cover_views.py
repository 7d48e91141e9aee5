"""「请假代办」: covers with their dates (SPEC 5.1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from gonghui.accounts.models import Role
from gonghui.accounts.request import Request
from gonghui.kit.forms import refused_into
from gonghui.kit.paging import paginate
from gonghui.reviews.covers import revoke_cover, set_cover
from gonghui.reviews.desk_views import require_desk
from gonghui.reviews.forms import CoverForm
from gonghui.reviews.models import Cover
from gonghui.reviews.rules import can_revoke_cover, can_set_covers


@require_http_methods(["GET", "POST"])
def covers(request: Request) -> HttpResponse:
    """Lists the covers of the user's union, with the form for a new one."""
    require_desk(request)
    user = request.user
    form = CoverForm(request.POST or None, by=user, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            made = set_cover(by=user, **form.cleaned_data)
            until = f"{made.starts_on:%Y-%m-%d} 到 {made.ends_on:%Y-%m-%d}"
            messages.success(request, f"{until}，{made.absent}的审核由{made.cover}代办，到期自动结束。")
            return redirect("reviews:covers")
    rows = Cover.objects.visible_to(user).select_related("absent__union", "cover", "made_by")
    page = paginate(request, rows, order=("-id",), size=20)
    for row in page.rows:
        row.tone, row.words = _state(row)
        row.may_revoke = row.tone in ("pending", "done") and can_revoke_cover(user, row)
    context = {"page": page, "form": form, "may_set": can_set_covers(user)}
    return render(request, "reviews/covers.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    """Ends a cover early."""
    cover = get_object_or_404(Cover.objects.visible_to(request.user).select_related("absent", "cover"), pk=pk)
    revoke_cover(cover, by=request.user)
    messages.success(request, f"{cover.cover}代{cover.absent}审核已结束。")
    return redirect("reviews:covers")


def _state(cover: Any) -> tuple[str, str]:
    """Returns state and label of a cover's badge."""
    today = timezone.localdate()
    if cover.revoked_at:
        return "", "已撤销"
    if cover.ends_on < today:
        return "", "已结束"
    lends = cover.absent.is_active and cover.absent.has_role(Role.REVIEWER) and cover.cover.is_active
    if not lends:
        return "failed", "已失效"
    return ("pending", "未开始") if cover.starts_on > today else ("done", "代办中")

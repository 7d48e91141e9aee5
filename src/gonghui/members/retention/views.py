"""「保留会籍」: of the members that are ticked in the list, or of the one whose page leads here."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_ids
from gonghui.members.models import Member
from gonghui.members.retention.actions import MAX_CHANGED, resume, retain
from gonghui.members.retention.forms import RetentionForm
from gonghui.members.rules import can_add_members
from gonghui.members.standings import StandingState
from gonghui.unions.models import Union

SHOWN = 50
DONE = '{}<span hidden data-forget-ticks="member" data-owner="{}"></span>'
"""Said once, by the list: who was ticked is no longer (static/ticks.js)."""


@never_cache
@require_http_methods(["GET", "POST"])
def retention(request: Request) -> HttpResponse:
    """Shows the members, asks for reason and day, then changes their standing."""
    union = own_union(request)
    if not can_add_members(request.user, union):
        raise PermissionDenied
    sent = "way" in request.POST
    ids = row_ids((request.POST if request.method == "POST" else request.GET).getlist("member"))
    members = list(Member.objects.visible_to(request.user).filter(pk__in=ids[: MAX_CHANGED + 1]).order_by("pk"))
    if not members or len(members) > MAX_CHANGED:
        wrong = f"一次最多办理 {MAX_CHANGED:,} 名会员，请减少勾选后再试。" if members else "请先在会员列表中勾选会员。"
        messages.warning(request, wrong)
        return redirect("members:list")
    form = RetentionForm(request.POST) if sent else RetentionForm(initial={"way": _likely(members)})
    if sent and form.is_valid():
        try:
            message = _act(union, [member.pk for member in members], form, request)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        else:
            messages.success(request, format_html(DONE, message, request.user.pk))
            return redirect("members:view", members[0].pk) if len(members) == 1 else redirect("members:list")
    context = {
        "form": form,
        "members": members[:SHOWN],
        "ids": [member.pk for member in members],
        "count": len(members),
    }
    return render(request, "members/retention.html", context, status=422 if form.errors else 200)


def _likely(members: list[Member]) -> str:
    retained = all(member.standing == StandingState.RETAINED for member in members)
    return "resume" if retained else "retain"


def _act(union: Union, ids: list[int], form: RetentionForm, request: Request) -> str:
    values = form.cleaned_data
    if values["way"] == "retain":
        count = retain(union, ids, reason=values["reason"], on=values["on"], by=request.user)
        return f"已保留 {count} 名会员的会籍。" if count else "会籍没有变化：这些会员已经这样保留会籍。"
    count = resume(union, ids, on=values["on"], by=request.user)
    return f"已恢复 {count} 名会员的会籍。" if count else "会籍没有变化：这些会员没有保留会籍。"

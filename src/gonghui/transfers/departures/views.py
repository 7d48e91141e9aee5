"""「转出」: members move to another union or to none (SPEC 3.6, 3.7)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gonghui.accounts.request import Request
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_ids, unjudged
from gonghui.members.models import Member
from gonghui.transfers import queries
from gonghui.transfers.answers.review import MemberTransfer
from gonghui.transfers.departures import actions
from gonghui.transfers.forms import ReleaseForm
from gonghui.transfers.models import Leaving, Way
from gonghui.transfers.pages import officers_union, show_result
from gonghui.transfers.rules import can_transfer
from gonghui.unions.models import Union
from gonghui.unions.queries import named

WORDS = "会员将转到这家工会，请核对："


@never_cache
@require_http_methods(["GET", "POST"])
def release(request: Request) -> HttpResponse:
    """「转出」: shows the ticked members, asks for union or reason, then releases."""
    union = officers_union(request)
    if not can_transfer(request.user, union):
        raise PermissionDenied
    ids = row_ids(request.POST.getlist("member"))
    if len(ids) > actions.MAX_RELEASED:
        messages.warning(request, f"一次最多转出 {actions.MAX_RELEASED:,} 名会员，请减少勾选后再试。")
        return redirect("members:list")
    members = list(Member.objects.visible_to(request.user).filter(pk__in=ids).order_by("pk"))
    if not members:
        messages.warning(request, "请先在会员列表中勾选要转出的会员，再点“转出”。")
        return redirect("members:list")
    chosen = "way" in request.POST
    form = ReleaseForm(request.POST if chosen else None)
    scans = AttachmentsOfForm(request, MemberTransfer.code, Way.OFFER)
    candidate = None
    if scans.only:
        unjudged(form)
    elif chosen and form.is_valid():
        values = form.cleaned_data
        try:
            if values["way"] == "offer":
                candidate = find_target(union, values["to"])
                if values["seen"] != candidate.pk:
                    raise Refused("已找到对方工会，列在下面。请核对名称和所属上级，确认无误后再次提交。", field="to")
            outcome = actions.release(
                union,
                [member.pk for member in members],
                to=candidate,
                reason=form.leaves_for,
                note=values["note"],
                document=form.document,
                by=request.user,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        else:
            show_result(request, outcome, _done(candidate, values["way"]))
            return redirect(f"{queries.address_of('out')}&new=1")
    context = {
        "form": form,
        "scans": scans,
        "members": members[:50],
        "ids": [member.pk for member in members],
        "count": len(members),
        "found": candidate,
        "words": WORDS,
    }
    return render(request, "transfers/release.html", context, status=422 if form.errors else 200)


def _done(candidate: Union | None, way: str) -> str:
    """What is said of how many, in which ``{}`` is their number."""
    if candidate:
        return f"已把 {{}} 名会员转给{candidate.name}，等待对方接收。"
    if way == Leaving.WITHDRAWN:
        return "{} 名会员已退会。"
    return "{} 名会员已除名，已报上级工会备案。" if way == Leaving.EXPELLED else "{} 名会员已转出。"


@require_GET
def target(request: Request) -> HttpResponse:
    """Shows the typed union before submission (htmx)."""
    union, text = officers_union(request), request.GET.get("to", "")[:100]
    candidate, problem = None, ""
    try:
        candidate = find_target(union, text) if text.strip() else None
    except Refused as refused:
        problem = refused.sentence
    return render(request, "unions/found.html", {"found": candidate, "problem": problem, "words": WORDS})


def find_target(union: Union, text: str) -> Union:
    target = named(text)
    if target is None:
        raise Refused(
            "没有找到这家工会。请填写对方的工会编号、工会全称、单位全称或统一社会信用代码；已撤销的和未审核通过的工会不能接收会员。",
            field="to",
        )
    if target.pk == union.pk:
        raise Refused("会员已经在本工会，请填写另一家工会。", field="to")
    return target

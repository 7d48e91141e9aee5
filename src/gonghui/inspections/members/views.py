"""「会员年检」: the officer's page with banner, orange button and pre-check; the members of a finding; the kept list."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.inspections import queries
from gonghui.inspections.completion.views import superiors_page
from gonghui.inspections.confirmations import actions
from gonghui.inspections.confirmations.views import EARLIER_SHOWN
from gonghui.inspections.members import check
from gonghui.inspections.models import Confirmation, Subject, Window
from gonghui.inspections.rules import can_confirm
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate, paginate_list
from gonghui.members.collected import gaps_in
from gonghui.members.models import Member
from gonghui.members.queries import Filters
from gonghui.unions.models import Union, UnionState
from gonghui.unions.union_details import above_staff

UNTICKED = Refused("请核对会员信息，然后勾选「会员信息已核对无误」。", field="checked")


@never_cache
@require_http_methods(["GET", "POST"])
def members(request: Request) -> HttpResponse:
    """The officer's page and 「已完成更新」; for a superior the completion of the members' window."""
    union = own_union(request)
    if not union.is_grassroots:
        return superiors_page(request, Subject.MEMBERS)
    if union.state != UnionState.APPROVED:
        return render(request, "inspections/not_yet.html", {"union": union, "subject": Subject.MEMBERS})
    if request.method == "POST":
        return _confirm(request, union)
    return _page(request, union)


def _confirm(request: Request, union: Union) -> HttpResponse:
    window = get_object_or_404(Window.objects.visible_to(request.user), pk=row_id(request.POST.get("window")))
    if window.subject != Subject.MEMBERS:
        raise Http404
    if not request.POST.get("checked"):
        return _page(request, union, UNTICKED, status=422)
    try:
        actions.confirm_inspection(union, window=window, version=request.POST.get("version", ""), by=request.user)
    except Refused as refusal:
        return _page(request, union, refusal, status=409)
    messages.success(request, f"已完成{window}，谢谢。")
    return redirect("inspections:members")


def _page(request: Request, union: Union, refused: Refused | None = None, *, status: int = 200) -> HttpResponse:
    window = queries.open_window(union, Subject.MEMBERS)
    earlier = Confirmation.objects.filter(union=union, window__subject=Subject.MEMBERS)
    confirmations = list(
        earlier.select_related("window", "confirmed_by", "reopened_by__union").order_by("-pk")[:EARLIER_SHOWN]
    )
    this_year = [confirmation for confirmation in confirmations if window and confirmation.window_id == window.pk]
    version = check.version_of_members(union)
    context = {
        "union": union,
        "window": window,
        "coming": None if window else queries.coming(union, Subject.MEMBERS),
        "confirmation": next((confirmation for confirmation in this_year if not confirmation.reopened_at), None),
        "reopened": next(iter(this_year), None),
        "confirmations": confirmations,
        "findings": check.findings(union, version) if union.member_count else (),
        "gaps": [
            (field.label, count, f"{reverse('members:list')}?q={Filters(missing=field.name).token(request.user)}")
            for field, count in gaps_in(union)
        ],
        "above_staff": above_staff(union.working_count, union.staff_count),
        "version": version,
        "refused": refused,
        "may_confirm": can_confirm(request.user, union),
    }
    return render(request, "inspections/members.html", context, status=status)


@never_cache
@require_GET
def doubtful(request: Request, key: str) -> HttpResponse:
    """The members of one finding, each with the link to correct it."""
    union = own_union(request)
    if not union.is_grassroots or key not in check.KINDS:
        raise Http404
    finding = next(doubt for doubt in check.findings(union) if doubt.key == key)
    page = paginate(request, Member.objects.filter(union=union, pk__in=finding.ids), order=("id",), size=20)
    context = {"finding": finding, "page": page, "may_edit": can_confirm(request.user, union)}
    return render(request, "inspections/doubtful.html", context)


@never_cache
@require_GET
def member_list(request: Request, pk: int) -> HttpResponse:
    """The members as they were when it was confirmed."""
    confirmation = _confirmation(request, pk)
    page = paginate_list(request, check.opened_list(confirmation.member_list), size=20)
    return render(request, "inspections/member_list.html", {"confirmation": confirmation, "page": page})


@require_POST
def export_members(request: Request, pk: int) -> HttpResponseBase:
    """The same as a workbook; recorded."""
    confirmation = _confirmation(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.xlsx"
        actions.export_confirmed_members(confirmation, path, by=request.user)
        name = f"{confirmation.window}会员名单_{localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _confirmation(request: Request, pk: int) -> Confirmation:
    visible = Confirmation.objects.visible_to(request.user).filter(window__subject=Subject.MEMBERS)
    return get_object_or_404(visible.select_related("union", "window", "member_list"), pk=pk)

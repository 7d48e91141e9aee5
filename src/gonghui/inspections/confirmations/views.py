"""「组织年检」: the officer's page and confirmation; for superiors the completion level by level, lists, 「催办」, export."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.codelists.queries import labels
from gonghui.inspections import queries
from gonghui.inspections.completion.views import superiors_page
from gonghui.inspections.confirmations import actions
from gonghui.inspections.confirmations.findings import findings
from gonghui.inspections.forms import ReasonForm
from gonghui.inspections.models import Confirmation, CoveredList, Subject, Window
from gonghui.inspections.rules import can_confirm, can_look_on, can_reopen
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate_list
from gonghui.members.codes import DocumentType
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.queries import open_review
from gonghui.unions import union_details
from gonghui.unions.models import Union, UnionState
from gonghui.unions.queries import coverage_of

UNTICKED = Refused("请核对下面的资料，然后勾选「以上信息已核对无误」。", field="checked")

EARLIER_SHOWN = 20


@require_GET
def home(request: Request) -> HttpResponse:
    """The officer's page; for a superior the completion of the window that matters now."""
    union = own_union(request)
    if union.is_grassroots:
        return _union_page(request, union)
    return superiors_page(request, Subject.ORGANISATIONS)


def _union_page(request: Request, union: Union) -> HttpResponse:
    """「基层工会资料查看」 with the banner, the yellow button, what looks out of date, and the years before."""
    if union.state != UnionState.APPROVED:
        return render(request, "inspections/not_yet.html", {"union": union, "subject": Subject.ORGANISATIONS})
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    window = queries.open_window(union)
    earlier = Confirmation.objects.filter(union=union, window__subject=Subject.ORGANISATIONS).select_related(
        "window", "confirmed_by", "reopened_by"
    )
    confirmations = list(earlier.order_by("-pk")[:EARLIER_SHOWN])
    this_year = [confirmation for confirmation in confirmations if window and confirmation.window_id == window.pk]
    context = {
        "union": union,
        "window": window,
        "coming": None if window else queries.coming(union),
        "confirmation": next((confirmation for confirmation in this_year if not confirmation.reopened_at), None),
        "reopened": next(iter(this_year), None),
        "confirmations": confirmations,
        "review": open_review(union),
        "findings": findings(union),
        "facts": union_details.facts(union_details.current(union, collected().names), union.superior, union),
        "may_confirm": can_confirm(request.user, union),
    }
    return render(request, "inspections/union.html", context)


@require_http_methods(["GET", "POST"])
def confirm(request: Request) -> HttpResponse:
    """「已完成年检信息更新」: shows once more what is confirmed, and wants the tick 「以上信息已核对无误」."""
    union = own_union(request)
    if not union.is_grassroots:
        raise Http404
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    if request.method == "POST":
        windows = Window.objects.visible_to(request.user).filter(subject=Subject.ORGANISATIONS)
        window = get_object_or_404(windows, pk=row_id(request.POST.get("window")))
        if not request.POST.get("checked"):
            return _confirm_page(request, union, window, UNTICKED)
        try:
            actions.confirm_inspection(union, window=window, version=request.POST.get("version", ""), by=request.user)
        except Refused as refusal:
            return _confirm_page(request, union, window, refusal, status=409)
        messages.success(request, f"已完成{window}，谢谢。")
        return redirect("inspections:home")
    current = queries.open_window(union) if union.state == UnionState.APPROVED else None
    if current is None or queries.standing(current, union):
        return redirect("inspections:home")
    return _confirm_page(request, union, current)


def _confirm_page(
    request: Request, union: Union, window: Window, refused: Refused | None = None, *, status: int | None = None
) -> HttpResponse:
    packed = union_details.current(union, collected().names)
    context = {
        "union": union,
        "window": window,
        "facts": union_details.facts(packed, union.superior, union),
        "coverage": coverage_of(union) if union.is_covering else None,
        "doubts": [finding for finding in findings(union) if finding.level != "ok"],
        "version": actions.version_of(union),
        "refused": refused,
    }
    return render(request, "inspections/confirm.html", context, status=status or (422 if refused else 200))


@require_GET
def confirmation(request: Request, pk: int) -> HttpResponse:
    """The copy of what was confirmed, with who and when; 管理员 above can re-open it."""
    return _confirmation_page(request, _confirmation(request, pk), ReasonForm(label="重新打开的原因"))


@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    """Let the union confirm again."""
    confirmation = _confirmation(request, pk)
    form = ReasonForm(request.POST, label="重新打开的原因")
    if form.is_valid():
        try:
            actions.reopen_confirmation(confirmation, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return _confirmation_page(request, _confirmation(request, pk), form, status=409)
        messages.success(request, f"已重新打开{confirmation.union}的年检，并通知了经办人。")
        return redirect("inspections:confirmation", pk)
    return _confirmation_page(request, confirmation, form, status=422)


def _confirmation(request: Request, pk: int) -> Confirmation:
    visible = Confirmation.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("union__superior", "window", "confirmed_by", "reopened_by__union"), pk=pk
    )


def _confirmation_page(
    request: Request, confirmation: Confirmation, form: ReasonForm, *, status: int = 200
) -> HttpResponse:
    may_reopen = can_reopen(request.user, confirmation) and not confirmation.reopened_at and confirmation.window.is_open
    context = {
        "confirmation": confirmation,
        "facts": _facts(confirmation),
        "members": confirmation.window.subject == Subject.MEMBERS,
        "form": form if may_reopen or form.errors else None,
        "superior": can_look_on(request.user),
    }
    return render(request, "inspections/confirmation.html", context, status=status)


@require_GET
def covered_list(request: Request, pk: int) -> HttpResponse:
    """The 涵盖单位 as they were when it was confirmed."""
    kept = get_object_or_404(CoveredList, confirmation=_confirmation(request, pk))
    page = paginate_list(request, kept.employers, size=20)
    return render(request, "inspections/covered_list.html", {"confirmation": kept.confirmation, "page": page})


def _facts(confirmation: Confirmation) -> list[tuple[str, Any]]:
    """What was confirmed, as lines: the union_details, or the members' figures."""
    if confirmation.window.subject == Subject.MEMBERS:
        types = [
            (label, confirmation.data.get(f"document:{value}", 0)) for value, label in labels(DocumentType).items()
        ]
        lines = [("会员人数", "total"), ("男", "male"), ("女", "female"), ("已办会员卡", "card")]
        return [
            *((label, confirmation.data.get(key, 0)) for label, key in lines),
            *((label, count) for label, count in types if count),
        ]
    words = union_details.shown(confirmation.data, confirmation.data["superior_path"], confirmation.union)
    head = [("工会编号", confirmation.data["number"]), ("会员人数", confirmation.data["member_count"])]
    if coverage := confirmation.data.get("coverage"):
        head.append(("涵盖单位", coverage))
    return [
        *head,
        *((union_details.LABELS[key], words[key]) for key in union_details.keys_of(confirmation.data)),
    ]

"""「会员管理」: the list, one member, the form, the export. Every page is never_cache: it shows personal data."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.codelists.queries import label
from gonghui.exports.actions import ask as ask_export
from gonghui.exports.kinds import AT_ONCE
from gonghui.kit.documents import check_document, mask_number
from gonghui.kit.errors import Refused
from gonghui.kit.forms import refused_into, row_id, row_ids, unjudged
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.members.codes import DocumentType, Sex
from gonghui.members.collected import MANUAL, collected
from gonghui.members.corrections.actions import withdraw_correction
from gonghui.members.corrections.review import CorrectionKind
from gonghui.members.fields import LABELS
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.queries import (
    MAX_TICKED,
    WRONG,
    Filters,
    countable,
    document_keys,
    known_total,
    listed_members,
    nearest_unions,
    ticked_members,
)
from gonghui.members.register import actions
from gonghui.members.register.export import MembersExport
from gonghui.members.register.forms import TICKS, ExportForm, MemberFilter, MemberForm, conditions, values_of
from gonghui.members.register.history import changes_of, corrections_of, newest_correction, proposed_again
from gonghui.members.register.rows import facts_of, former_numbers, member_row, member_rows
from gonghui.members.rules import (
    can_add_members,
    can_edit_member,
    can_export_sensitive,
    can_reveal_members,
    can_see_looks,
)
from gonghui.members.validation import type_question, validate_member
from gonghui.policies.queries import of_union
from gonghui.unions.models import Union, UnionState

SORTS = {"joined": ("id",), "name": ("pinyin", "id")}
"""Of one union's members."""
SORTS_BELOW = {"union": ("union_id", "id"), "name": ("union_id", "pinyin", "id")}
"""Of many unions' members, whom the indexes keep together by union."""


@never_cache
@require_http_methods(["GET", "POST"])
def list_members(request: Request) -> HttpResponse:
    """The list (SPEC 3.1). Filters are posted and returned sealed in the address, see `queries.Filters`."""
    posted = MemberFilter(request.POST, user=request.user) if request.method == "POST" else None
    if posted and posted.is_valid():
        return redirect(posted.filters().address(request))
    union = request.user.union
    if union is None or (union.is_grassroots and union.state != UnionState.APPROVED):
        return render(request, "members/not_yet.html")
    filters, rows, only = _listed(request, WRONG if posted else None)
    alone = only is not None or union.is_grassroots
    sorting = sorting_of(request, SORTS, "joined") if alone else sorting_of(request, SORTS_BELOW, "union")
    page = paginate(
        request,
        rows if alone else rows.select_related("union"),
        order=sorting.order,
        total=known_total(request.user, filters, only),
        narrow=nearest_unions(request.user, filters, only, descending=sorting.descending),
        countable=countable(filters, one_union=alone),
    )
    full_page = not request.htmx or request.htmx.history_restore_request
    return render(
        request,
        "members/list.html" if full_page else "members/list.html#table",
        {
            **(powers := _powers(request)),
            "page": page,
            "rows": member_rows(request, page.rows, powers),
            "filters": filters,
            "only": only,
            "form": (form := posted or MemberFilter(initial=asdict(filters) | {"document": ""}, user=request.user)),
            "chips": _chips(request, filters, form),
            "out_of_scope": filters.superior and filters.superior not in form.superiors,
            "searched_document": mask_number(filters.document),
            "document_wrong": filters.document and not document_keys(filters.document),
            "most": MAX_TICKED,
            "sorting": sorting,
            "by_union": not alone,
        },
        status=422 if filters.wrong else 200,
    )


def _chips(request: Request, filters: Filters, form: MemberFilter) -> list[tuple[str, str]]:
    """Returns the active conditions, each with the address of the list without it."""
    return [
        (f"{label}：{words}", filters.without(name).address(request))
        for name, (label, words) in conditions(filters, form).items()
    ]


def _listed(request: Request, filters: Filters | None = None) -> tuple[Filters, MemberQuerySet, Union | None]:
    """Returns the filters of the address, the rows, and the one union to which the list is limited."""
    only = None
    if union_id := request.GET.get("union"):
        below = Union.objects.visible_to(request.user).grassroots()
        only = get_object_or_404(below, pk=row_id(union_id))
    filters = filters or Filters.read(request.GET.get("q", ""), request.user)
    return filters, listed_members(request.user, filters, only), only


@never_cache
@require_GET
def fit(request: Request) -> JsonResponse:
    """Returns the ids of the filtered members, for 「全选」 over all pages; the first MAX_TICKED of them."""
    if not can_add_members(request.user, own_union(request)):
        raise PermissionDenied
    _, rows, _ = _listed(request)
    return JsonResponse({"ids": list(rows.order_by("id").values_list("pk", flat=True)[:MAX_TICKED])})


def _powers(request: Request) -> dict[str, bool]:
    """Returns what the user may do, for the templates of a member."""
    union = own_union(request)
    may_add = can_add_members(request.user, union)
    return {
        "can_add": may_add,
        "can_edit": may_add,
        "can_reveal": can_reveal_members(request.user),
        "can_see_looks": can_see_looks(request.user),
        "superior": not union.is_grassroots,
    }


def _member(request: Request, pk: int) -> Member:
    return get_object_or_404(Member.objects.visible_to(request.user).select_related("union"), pk=pk)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """One member: the facts, masked, and the memberships."""
    return _member_page(request, _member(request, pk))


def _member_page(request: Request, member: Member, shown: dict[str, str] | None = None) -> HttpResponse:
    memberships = member.memberships.select_related("union").order_by("-id")
    context = {
        **_powers(request),
        "member": member,
        "memberships": memberships,
        "shown": shown,
        "facts": facts_of(member, collected().fields, full=bool(shown)),
        "former": former_numbers(member),
        "correction": newest_correction(member) if member.correction else None,
    }
    return render(request, "members/view.html", context)


def _part(request: Request, member: Member, shown: dict[str, str] | None) -> HttpResponse:
    """Renders the part that made the request: the row of the list, or the facts of the member's page."""
    powers = _powers(request)
    if (request.htmx.target or "").startswith("member-"):
        return HttpResponse(member_row(request, member, powers, shown))
    facts = facts_of(member, collected().fields, full=bool(shown))
    return render(
        request,
        "members/facts.html",
        {**powers, "member": member, "shown": shown, "facts": facts, "former": former_numbers(member)},
    )


@never_cache
@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """Shows number, mobile and address in full, for a minute (until the next page, without scripts)."""
    member = _member(request, pk)
    shown = actions.reveal_member(member, by=request.user)
    return _part(request, member, shown) if request.htmx else _member_page(request, member, shown)


@never_cache
@require_GET
def masked(request: Request, pk: int) -> HttpResponse:
    """Shows the same part masked again."""
    member = _member(request, pk)
    return _part(request, member, None) if request.htmx else redirect("members:view", pk)


@never_cache
@require_GET
def versions(request: Request, pk: int) -> HttpResponse:
    """The page of changes: who changed what, and when (SPEC 3.8)."""
    member = _member(request, pk)
    context = {**_powers(request), "member": member, "changes": changes_of(member), "asked": corrections_of(member)}
    return render(request, "members/versions.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """「新增会员」 (SPEC 3.3)."""
    union = request.user.union
    if union is None or not can_add_members(request.user, union):
        raise PermissionDenied
    form = MemberForm(request.POST or None, collected=collected())
    if form.is_valid() and form.values:
        try:
            ticks = {name: form.cleaned_data[name] for name in TICKS}
            member = actions.add_member(union, form.values, by=request.user, **ticks)
        except Refused as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            message = format_html(
                '已新增会员{}，会员编号 {}。<a href="{}">继续新增</a>',
                member.name,
                member.number,
                reverse("members:add"),
            )
            messages.success(request, message)
            _tell_type(request, form)
            return redirect("members:view", member.pk)
    return _form_page(request, form, None)


def _tell_type(request: Request, form: MemberForm) -> None:
    """Adds a message when the number proved another type than the chosen one."""
    if form.values and form.values.document_type != form.cleaned_data["document_type"]:
        proven = label(DocumentType, form.values.document_type)
        messages.info(request, f"证件号码是{proven}的号码，证件类型已按“{proven}”登记。")


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「编辑」 (SPEC 3.8). The form shows the values in full, so opening it is recorded as a disclosure."""
    member = _member(request, pk)
    if not can_edit_member(request.user, member):
        raise PermissionDenied
    if request.method == "GET":
        actions.reveal_member(member, by=request.user, purpose="编辑")
        again = proposed_again(member) if "again" in request.GET else {}
        asked = collected()
        initial = {**values_of(member), **again, "version": actions.version_of(member, asked)}
        form = MemberForm(initial=initial, collected=asked, member=member)
        return _form_page(request, form, member, _scans(request, member))
    form, scans = MemberForm(request.POST, collected=collected(), member=member), _scans(request, member)
    if scans and scans.only:
        unjudged(form)
    elif form.is_valid() and form.values:
        try:
            cleaned = form.cleaned_data
            edited = actions.edit_member(
                member,
                form.values,
                version=cleaned["version"],
                by=request.user,
                type_confirmed=cleaned["type_confirmed"],
            )
        except Refused as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, _edited(edited))
            _tell_type(request, form)
            return redirect("members:view", pk)
    return _form_page(request, form, member, scans)


def _edited(edited: actions.Edited) -> str:
    if edited.for_review:
        names = "、".join(LABELS[field] for field in edited.for_review)
        saved = "其他修改已保存，立即生效。" if edited.at_once else ""
        return f"这名会员已办会员卡，{names}的修改已提交上级工会审核，通过后生效。{saved}"
    return "修改已保存，立即生效。" if edited.at_once else "资料没有变化，没有需要保存的修改。"


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraws the correction that the superior has not reviewed yet."""
    member = _member(request, pk)
    withdraw_correction(member, by=request.user)
    messages.success(request, "已撤回修改申请，原来的资料不变。")
    return redirect("members:view", pk)


def _scans(request: Request, member: Member) -> AttachmentsOfForm | None:
    """Returns the scans for a change of a member with a card, which the superior reviews."""
    return AttachmentsOfForm(request, CorrectionKind.code, str(member.pk)) if member.has_card else None


def _form_page(
    request: Request, form: MemberForm, member: Member | None, scans: AttachmentsOfForm | None = None
) -> HttpResponse:
    context = {"form": form, "member": member, "scans": scans}
    return render(request, "members/form.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
def check(request: Request) -> HttpResponse:
    """Returns what the typed document number contains, or what is wrong with it, while the form is filled in."""
    typed = {name: request.POST.get(name, "")[:100] for name in ("document_type", "document_number")}
    context: dict[str, Any] = {"problems": []}
    if typed["document_number"]:
        context["problems"] = [problem for problem in validate_member(typed)[1] if problem[0] in typed]
    if typed["document_number"] and not context["problems"]:
        document = check_document(typed["document_type"], typed["document_number"])
        if document.doc_type != typed["document_type"]:
            context["proves"] = label(DocumentType, document.doc_type)
        context |= {"told": document.born_on, "question": type_question(document.doc_type, document.number)}
        sex = {"M": Sex.MALE, "F": Sex.FEMALE}.get(document.sex or "")
        form = MemberForm(initial={"sex": sex, "born_on": document.born_on}, collected=MANUAL)
        context["fields"] = [form[name].as_widget(attrs={"hx-swap-oob": "true"}) for name in ("sex", "born_on")]
    return render(request, "members/told.html", context)


def _sensitive(request: Request) -> list[str]:
    """The labels of the sensitive columns that the user may export; none while the city collects none."""
    fields = collected().fields if can_export_sensitive(request.user) else ()
    return [field.label for field in fields if field.sensitive]


@never_cache
@require_http_methods(["GET", "POST"])
def export(request: Request) -> HttpResponseBase:
    """「导出」 and 「导出所选」: asks whether to include full numbers, and what for.

    It contains the members of the list, or the ticked members, which the current filters do not limit. A short masked list
    is sent at once, any other leaves by `exports`.
    """
    union = request.user.union
    if union is None:
        raise PermissionDenied
    filters, rows, only = _listed(request)
    filters.require()
    ticked = row_ids(request.POST.getlist("member"))
    if ticked:
        rows = ticked_members(request.user, ticked)
    asked = request.method == "POST" and not (ticked and "numbers" not in request.POST)
    may_reveal, sensitive = can_reveal_members(request.user), _sensitive(request)
    form = ExportForm(request.POST if asked else None, full=may_reveal, sensitive=sensitive)
    if form.is_valid():
        if form.full or form.sensitive_too or rows.order_by()[: AT_ONCE + 1].count() > AT_ONCE:
            what = {
                "q": filters.token(request.user), "union": only.pk if only else None, "ticked": ticked,
                "full": form.full, "sensitive": form.sensitive_too,
            }  # fmt: skip
            with refused_into(form):
                export = ask_export(
                    MembersExport.key, what, purpose=form.cleaned_data.get("purpose", ""), by=request.user
                )
                return redirect("exports:export", export.pk)
        else:
            return _sent(rows, request)
    context = {
        "form": form,
        "filters": filters,
        "only": only,
        "alone": of_union("export_alone_rows", union) if may_reveal else None,
        "ticked": list(rows.values_list("pk", flat=True)) if ticked else (),
    }
    return render(request, "members/export.html", context, status=422 if form.errors else 200)


def _sent(rows: MemberQuerySet, request: Request) -> FileResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.xlsx"
        actions.export_members(rows.order_by("union_id", "id"), path, by=request.user)
        name = f"会员名单_{timezone.localdate():%Y%m%d}.xlsx"
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)

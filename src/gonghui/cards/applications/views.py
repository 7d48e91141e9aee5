"""「会员服务卡管理」: the batches, 「添加办卡会员」, a batch, agreed names. Every page is never_cache: it shows personal data."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.cards import codes, queries
from gonghui.cards.applications import actions
from gonghui.cards.applications.names import is_foreign, needs_agreement, rare_characters, suggestions
from gonghui.cards.applications.preflight import examine
from gonghui.cards.forms import AgreeForm, BatchFilter, CodeForm
from gonghui.cards.holders import actions as issuing
from gonghui.cards.models import UNDO_DAYS, AgreedName, Application, Batch, UnionCode
from gonghui.cards.rules import can_apply, can_refuse_members, can_run_desk, can_see_cards, can_see_ledger, can_work_on
from gonghui.cards.states import ApplicationState
from gonghui.kit.documents import mask_number
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, refused_into, row_ids
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.members.models import Member
from gonghui.members.queries import WRONG, Filters, document_keys, ticked_members
from gonghui.members.register.forms import FilterForm
from gonghui.unions.models import Union
from gonghui.unions.pages import paginate_named

_NAMED = 5
TICK = "applicant"
"""The name of the checkboxes; each selects a member."""


def context_of(request: Request, **more: Any) -> dict[str, Any]:
    """Returns the context of a page of the cards, with the user's tabs."""
    return {"has_ledger": can_see_ledger(request.user), "has_desk": can_run_desk(request.user), **more}


@never_cache
@require_GET
def list_batches(request: Request) -> HttpResponse:
    """The batches: 批次信息, 人数, 创建时间, 状态, 操作 (SPEC 4.1); a superior sees those of all unions below."""
    union = union_of(request)
    filters = BatchFilter(request.GET)
    joined = "union__superior__superior" if union.level == 1 else "union"
    rows = Batch.objects.visible_to(request.user).select_related(joined)
    sorting = sorting_of(request, {"made": ("id",)}, "-made")
    page = paginate_named(request, filters, rows, order=sorting.order, size=10)
    counts = queries.counts_by_state(page.rows)
    context = context_of(request) | {
        "tab": "batches",
        "page": page,
        "sorting": sorting,
        "rows": [(batch, counts[batch.pk]) for batch in page.rows],
        "filters": filters,
        "filtered": filters.narrows,
        "superior": not union.is_grassroots,
        "city": union.level == 1,
        "may": can_apply(request.user, union),
    }
    return render(request, "cards/list.html", context, status=filters.status)


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: Request) -> HttpResponse:
    """「添加办卡会员」 (SPEC 4.2). Filters are posted and return sealed in the address."""
    if request.method == "POST":
        _officer(request)
        form = FilterForm(request.POST)
        return redirect(form.filters().address(request)) if form.is_valid() else _add_page(request, form=form)
    return _add_page(request)


def _add_page(
    request: Request,
    *,
    refused: Refused | None = None,
    ticked: Sequence[int] = (),
    form: FilterForm | None = None,
) -> HttpResponse:
    """Renders the page. ``form``: wrong filters."""
    union = _officer(request)
    code = UnionCode.objects.filter(union=union).first()
    if code is None:
        messages.info(request, actions.NO_CODE)
        return redirect("cards:code")
    show = request.GET.get("show", "")
    wrong = form or show not in ("", queries.UNDER_WAY)
    filters = WRONG if wrong else Filters.read(request.GET.get("q", ""), request.user)
    page = paginate(request, queries.candidates(request.user, filters, show), order=("id",))
    checked = examine(page.rows)
    full_page = not request.htmx or request.htmx.history_restore_request
    context = {
        "page": page,
        "rows": [checked[member.pk] for member in page.rows],
        "filters": filters,
        "show": show,
        "under_way": queries.UNDER_WAY,
        "form": form or FilterForm(initial={"name": filters.name, "number": filters.number}),
        "searched_document": mask_number(filters.document),
        "document_wrong": filters.document and not document_keys(filters.document),
        "code": code,
        "nczy": _nczy(union),
        "union": union,
        "refused": refused,
        "ticked": set(ticked),
    }
    name = "cards/add.html" if full_page else "cards/add.html#table"
    return render(request, name, context, status=409 if refused else 422 if filters.wrong else 200)


def _nczy(union: Union) -> str:
    try:
        return codes.nczy_code(union)
    except Refused:
        return ""


@never_cache
@require_GET
def fit(request: Request) -> JsonResponse:
    """Returns the ids of all filtered members who can be ticked, for 「全选」 over all pages; at most one batch."""
    _officer(request)
    filters = Filters.read(request.GET.get("q", ""), request.user)
    rows = queries.candidates(request.user, filters).order_by("pk")
    checked = examine(list(rows[: actions.MAX_BATCH_MEMBERS]))
    return JsonResponse({"ids": [pk for pk, result in checked.items() if result.ok]})


@never_cache
@require_POST
def pick(request: Request) -> HttpResponse:
    """「申请办卡」 of the member list: the ticked members whose card can be made, to be confirmed as one batch."""
    union = _officer(request)
    if not UnionCode.objects.filter(union=union).exists():
        messages.info(request, actions.NO_CODE)
        return redirect("cards:code")
    checked = examine(list(ticked_members(request.user, row_ids(request.POST.getlist("member"))))).values()
    reasons = Counter(result.problems[0].text for result in checked if not result.ok).most_common()
    if not (fit := [result.member.pk for result in checked if result.ok]):
        sentence = "；".join(reason for reason, _ in reasons[:_NAMED])
        raise Refused(f"勾选的会员中没有可以办卡的：{sentence}。请重新勾选。")
    groups = actions.preview_batches(union, fit, by=request.user)
    context = {"groups": groups, "count": len(fit), "left_out": len(checked) - len(fit), "from_list": True}
    other_count = sum(number for _, number in reasons[_NAMED:])
    context["reasons"] = [*reasons[:_NAMED], *([("其他原因", other_count)] if other_count else [])]
    return render(request, "cards/confirm.html", context)


@require_POST
def apply(request: Request) -> HttpResponse:
    """「申请办卡」: first shows the members, then creates the batch. After a refusal the ticks remain."""
    union = _officer(request)
    ids = row_ids(request.POST.getlist(TICK))
    try:
        if "confirmed" not in request.POST:
            groups = actions.preview_batches(union, ids, by=request.user)
            return render(request, "cards/confirm.html", {"groups": groups, "count": sum(map(len, groups))})
        batches = actions.submit_batches(union, ids, by=request.user)
    except Refused as refusal:
        return _add_page(request, refused=refusal, ticked=ids)
    return submitted(request, batches)


def submitted(request: Request, batches: Sequence[Batch]) -> HttpResponse:
    """Shows the message and redirects to the submitted batch."""
    people = sum(batch.count for batch in batches)
    message = f"已提交{batches[0].get_purpose_display()}申请 {people} 人，等待上级工会审核。"
    if len(batches) > 1:
        message += f"其中外籍人士 {batches[1].count} 人需单独提交，已自动列为另一个批次。"
    messages.success(request, message)
    if len(batches) > 1:
        return redirect(f"{reverse('cards:list')}?new=1")
    return redirect(f"{reverse('cards:batch', args=[batches[0].pk])}?new=1")


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: Request) -> HttpResponse:
    """「9位工会组织机构代码」: 「修改」, 「保存」, and the virtual one for a union without one."""
    union = _officer(request)
    now = UnionCode.objects.filter(union=union).first()
    if request.method == "GET":
        form = CodeForm(initial={"code": now.code if now else codes.suggested_code(union)})
    elif "draw" in request.POST:
        drawn = codes.draw_virtual_code(union, by=request.user)
        form = CodeForm(initial={"code": drawn})
        messages.info(request, f"系统已生成虚拟组织机构代码 {drawn}，请点击“保存”。")
    else:
        form = CodeForm(request.POST)
        if form.is_valid():
            with refused_into(form):
                codes.save_code(union, form.cleaned_data["code"], by=request.user)
                messages.success(request, "组织机构代码已保存。")
                return redirect("cards:add")
    context = {"form": form, "now": now, "union": union, "nczy": _nczy(union)}
    return render(request, "cards/code.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def agree(request: Request, pk: int) -> HttpResponse:
    """「请填写办卡约定姓名」 (SPEC 4.3): a page, and with scripts a dialog above the list."""
    union = _officer(request)
    member = get_object_or_404(Member.objects.filter(union=union), pk=pk)
    back = request.GET.get("back", "")
    form = AgreeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            message = _agree(request, member, form.cleaned_data["agreed"])
            messages.success(request, message)
            # Takes only our own list's query, so the redirect leads to no other page.
            return redirect(f"{reverse('cards:add')}?{back}" if back else reverse("cards:add"))
    agreed_name = AgreedName.objects.filter(member=member, for_name=member.name).first()
    if request.method == "GET" and agreed_name:
        form = AgreeForm(initial={"agreed": agreed_name.name})
    context = {
        "form": form,
        "member": member,
        "foreign": is_foreign(member.document_type),
        "rare": rare_characters(member.name),
        "offers": suggestions(member.name, member.document_type),
        "needed": needs_agreement(member.name, member.document_type),
        "known": agreed_name,
        "back": back,
    }
    name = "cards/agree.html#dialog" if request.htmx else "cards/agree.html"
    return render(request, name, context, status=422 if form.errors and not request.htmx else 200)


def _agree(request: Request, member: Member, text: str) -> str:
    """Runs 「保存」 or 「取消特殊」. Returns the message."""
    if "drop" in request.POST:
        actions.disagree(member, by=request.user)
        return f"已取消，{member.name}的卡照原名制作。"
    actions.agree_name(member, text, by=request.user)
    return f"已保存{member.name}的约定姓名。"


@never_cache
@require_GET
def batch(request: Request, pk: int) -> HttpResponse:
    """One batch: its steps, and its members."""
    return batch_page(request, _batch(request, pk))


def batch_page(request: Request, batch: Batch, *, refused: Refused | None = None, opinion: str = "") -> HttpResponse:
    """Renders the batch. ``refused``: the refusal of an action on the ticked members."""
    rows = Application.objects.filter(batch=batch).select_related("member", "card")
    filters = StateFilter(request.GET, ApplicationState.choices)
    counts = queries.counts_by_state([batch])[batch.pk]
    may_work, deciding = can_work_on(request.user, batch), can_refuse_members(request.user, batch)
    present = {code for code, *_ in counts}
    acts = {
        "withdraw": may_work and bool(present & {"pending", "approved"}),
        "issue": may_work and "made" in present,
        "undo": may_work and "issued" in present,
        "close": may_work and "failed" in present,
        "refuse": deciding and "pending" in present,
    }
    context = context_of(request) | {
        "batch": batch,
        "page": paginate(request, filters.narrow(rows), order=("id",), size=20),
        "counts": counts,
        "filters": filters,
        "state": filters.chosen,
        "acts": acts,
        "tickable": any(acts.values()),
        "progress": queries.progress_of(batch),
        "days": queries.days_in_state(batch),
        "stuck": queries.is_stuck(batch),
        "waits_for": queries.waits_for(batch),
        "superior": not own_union(request).is_grassroots,
        "refused": refused,
        "opinion": opinion,
        "undo_days": UNDO_DAYS,
        "reviewable": deciding,
    }
    return render(request, "cards/batch.html", context, status=409 if refused else filters.status)


ACTS: dict[str, tuple[Callable[..., int], str]] = {
    "withdraw": (actions.withdraw_members, "已撤回 {} 名会员，批次中的其他会员继续办理。"),
    "close": (actions.close_members, "已终止 {} 名会员的办理，改正资料后可以重新申请。"),
    "undo": (issuing.undo_issue, "已撤销 {} 名会员的发放登记。"),
}


@require_POST
def act(request: Request, pk: int) -> HttpResponse:
    """Withdraws, refuses, hands out, undoes the handing out, or closes: the ticked members of a batch."""
    batch = _batch(request, pk)
    verb, ids = request.POST.get("act", ""), row_ids(request.POST.getlist("application"))
    opinion = request.POST.get("opinion", "")
    try:
        if verb in ACTS:
            perform, message = ACTS[verb]
            done = perform(batch, ids, by=request.user)
        elif verb in ("issue", "issue_all"):
            done = issuing.issue_cards(batch, None if verb == "issue_all" else ids, by=request.user)
            message = "已登记 {} 名会员的卡已发放。"
        elif verb == "refuse":
            done = actions.refuse_members(batch, ids, opinion=opinion, by=request.user)
            message = "已退回 {} 名会员，批次中的其他会员可以继续审核。"
        else:
            raise Http404
    except Refused as refusal:
        return batch_page(request, _batch(request, pk), refused=refusal, opinion=opinion)
    messages.success(request, message.format(done))
    return redirect("cards:batch", pk)


@never_cache
@require_GET
def sign_off(request: Request, pk: int) -> HttpResponse:
    """The printed list on which members sign for their cards."""
    batch = _batch(request, pk)
    if not batch.makes_cards:
        raise Http404
    ready = (ApplicationState.MADE, ApplicationState.ISSUED)
    rows = Application.objects.filter(batch=batch, state__in=ready).select_related("member", "card").order_by("pk")
    return render(request, "cards/sign_off.html", {"batch": batch, "rows": rows[: actions.MAX_BATCH_MEMBERS]})


def union_of(request: Request) -> Union:
    """Returns the user's union. Raises Http404 for users who may not see cards."""
    union = own_union(request)
    if not can_see_cards(request.user):
        raise Http404
    return union


def _officer(request: Request) -> Union:
    union = union_of(request)
    if not union.is_grassroots:
        raise Http404
    if not can_apply(request.user, union):
        raise PermissionDenied
    return Union.objects.select_related("superior", "level2", "level3", "employer").get(pk=union.pk)


def _batch(request: Request, pk: int) -> Batch:
    union_of(request)
    rows = Batch.objects.visible_to(request.user).select_related("union__superior__superior", "review", "created_by")
    return get_object_or_404(rows, pk=pk)

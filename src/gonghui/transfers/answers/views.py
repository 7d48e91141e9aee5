"""「会员转出审核」 and 「会员转入」: the lists, one transfer, and the acts on several ones (SPEC 3.6)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.attachments.actions import keep_again
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.transfers import queries
from gonghui.transfers.answers import actions as decisions
from gonghui.transfers.bulk_result import BulkResult
from gonghui.transfers.departures import actions
from gonghui.transfers.models import UNDO_DAYS, Transfer, Way
from gonghui.transfers.pages import officers_union, show_result
from gonghui.transfers.requests.export import standing
from gonghui.transfers.rules import can_answer, can_ask_again, can_take_back, can_transfer
from gonghui.unions.models import Union

RELATED = ("member", "origin__superior", "target", "asked_by", "decided_by", "review")

ACTS: dict[str, tuple[Callable[..., BulkResult], str]] = {
    "withdraw": (actions.withdraw, "已撤回 {} 名会员的转移。"),
    "remind": (actions.remind, "已催办 {} 名会员的转移，对方会收到通知。"),
    "undo": (actions.undo, "已撤销 {} 名会员的转出，会员已回到本工会。"),
}


@never_cache
@require_GET
def list_transfers(request: Request) -> HttpResponseBase:
    """「会员转出审核」: pending requests, departures, answered requests."""
    officers_union(request)
    if request.GET.get("tab") in queries.IN:  # the earlier address, which old notices link to
        return redirect(queries.address_of(request.GET["tab"]), permanent=True)
    return _listed(request, "会员转出审核", queries.OUT)


@never_cache
@require_GET
def incoming(request: Request) -> HttpResponse:
    """「会员转入」: offers, own requests, accepted offers."""
    return _listed(request, "会员转入", queries.IN)


def _listed(request: Request, title: str, tabs: Mapping[str, str]) -> HttpResponse:
    union, tab = officers_union(request), request.GET.get("tab", next(iter(tabs)))
    if tab not in tabs:
        raise Http404
    sorting = sorting_of(request, {"asked": ("id",)}, "-asked")
    rows = queries.listed(request.user, tab).select_related(*RELATED)
    page = paginate(request, rows, order=sorting.order, size=20)
    context = {
        "sorting": sorting,
        "title": title,
        "page": page,
        "tab": tab,
        "tabs": queries.tabs_of(request.user, tabs),
        "incoming": tab in queries.IN,
        "answered": tab in ("done", "received"),
        "may": can_transfer(request.user, union),
        "rows": [shown(request, row) for row in page.rows],
        "undo_days": UNDO_DAYS,
    }
    return render(request, "transfers/list.html", context)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """Shows one transfer: member, unions, present holder with deadline, result."""
    officers_union(request)
    rows = Transfer.objects.visible_to(request.user).select_related(*RELATED)
    transfer = get_object_or_404(rows, pk=pk)
    comes_in = transfer.target_id == request.user.union_id
    context = {"one": shown(request, transfer), "comes_in": comes_in, "attached": queries.attached(transfer)}
    return render(request, "transfers/view.html", context)


@require_POST
def act(request: Request) -> HttpResponse:
    """Agrees, refuses, withdraws, reminds or undoes: for the ticked transfers, or the one of the page."""
    officers_union(request)
    verb = request.POST.get("act", "")
    ids = [pk for text in request.POST.getlist("transfer")[: actions.MAX_RELEASED] if (pk := row_id(text))]
    if verb in ("agree", "refuse"):
        agree = verb == "agree"
        outcome = decisions.answer(ids, agree=agree, opinion=request.POST.get("opinion", ""), by=request.user)
        message = "已同意 {} 名会员转移。" if agree else "已退回 {} 名会员的转移，对方会看到原因。"
    elif verb == "again":
        return _again(request, get_object_or_404(Transfer.objects.visible_to(request.user), pk=ids[0] if ids else 0))
    elif verb in ACTS:
        perform, message = ACTS[verb]
        outcome = perform(ids, by=request.user)
    else:
        raise Http404
    show_result(request, outcome, message)
    transfer_id = row_id(request.POST.get("one", ""))
    tab = request.POST.get("tab", "")
    tab = tab if tab in {**queries.IN, **queries.OUT} else "waiting"
    return redirect("transfers:view", transfer_id) if transfer_id else redirect(queries.address_of(tab))


def _again(request: Request, transfer: Transfer) -> HttpResponse:
    """Requests the same again: puts the attachments of the ended transfer into the form, where each can be removed."""
    if transfer.attachments is None or not can_ask_again(request.user, transfer):
        raise Refused("只有没有转成、且由本工会提出并附有扫描件的申请，可以带附件再次提出。")
    keep_again(transfer.attachments, by=request.user)
    if transfer.way == Way.REQUEST:
        messages.success(request, "已带上上次的附件。请重新填写这名会员的姓名和证件号码，再提交。")
        return redirect("transfers:bring_in")
    messages.success(request, "已带上上次的附件。请勾选这名会员，再点“转出”。")
    return redirect("members:list")


def shown(request: Request, transfer: Transfer) -> dict[str, Any]:
    """Returns the values of a transfer that the viewer's union may see, with the acts that are possible now."""
    union, user = own_union(request), request.user
    officer = can_transfer(user, union)
    took = officer and can_take_back(user, transfer)
    return {
        "transfer": transfer,
        "origin": (transfer.origin.name if transfer.origin else "（无工会）") if transfer.tells_origin(union) else "",
        "target": transfer.target.name if transfer.target else "",
        "holder": _holder(transfer, union) if transfer.is_waiting else "",
        "answerable": officer and transfer.is_waiting and can_answer(user, transfer),
        "withdrawable": took and transfer.is_waiting,
        "remindable": took and transfer.is_waiting and not transfer.reminded_today,
        "undoable": took and transfer.undo_until is not None and transfer.undo_until >= localdate(),
        "repeatable": officer and can_ask_again(user, transfer),
        "standing": standing(transfer),
        "decider": str(transfer.decided_by) if transfer.decided_by and transfer.tells_origin(union) else "",
    }


def _holder(transfer: Transfer, union: Union) -> str:
    """Returns who must answer, as far as the union may know it."""
    if transfer.review_id:
        superior = transfer.origin and transfer.origin.superior
        return superior.name if superior and transfer.tells_origin(union) else "转出工会的上级工会"
    if transfer.holder_id == union.pk:
        return "本工会"
    return transfer.target.name if transfer.way == "offer" and transfer.target else "转出工会"

"""「除名备案」: the expulsions below a superior, one of them, and 「已备案」 (SPEC 3.10)."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.kit.forms import StateFilter, row_ids
from gonghui.kit.paging import paginate
from gonghui.transfers.expulsions import actions
from gonghui.transfers.models import Transfer
from gonghui.transfers.pages import show_result
from gonghui.transfers.queries import attached, expulsions, unacknowledged
from gonghui.transfers.rules import can_acknowledge, can_see_expulsions

RELATED = ("member", "origin__superior", "asked_by", "acknowledged_by")
STATES = {"waiting": "待备案", "acknowledged": "已备案", "undone": "已撤销"}


class ExpulsionFilter(StateFilter):
    """By what has become of the report."""

    def narrowed(self, rows, values):  # type: ignore[no-untyped-def] # as in StateFilter
        match values["state"]:
            case "waiting":
                return unacknowledged(rows)
            case "acknowledged":
                return rows.filter(acknowledged_at__isnull=False)
            case "undone":
                return rows.filter(state="undone")
        return rows


@never_cache
@require_GET
def list_expulsions(request: Request) -> HttpResponse:
    """The newest first, those of all unions below."""
    _require_superior(request)
    form = ExpulsionFilter(request.GET, list(STATES.items()))
    page = paginate(request, form.narrow(expulsions(request.user)).select_related(*RELATED), order=("-id",), size=20)
    actions.record_disclosure(page.rows, by=request.user)
    rows = [{"transfer": row, "state": state_of(row), "label": STATES[state_of(row)],
             "may": _acknowledgeable(request, row)} for row in page.rows]  # fmt: skip
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "states": STATES.items(),
        "may": any(row["may"] for row in rows),
    }
    return render(request, "transfers/expulsions.html", context, status=form.status)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """One expulsion with its scans."""
    _require_superior(request)
    transfer = get_object_or_404(expulsions(request.user).select_related(*RELATED), pk=pk)
    actions.record_disclosure([transfer], by=request.user)
    context = {
        "transfer": transfer,
        "state": state_of(transfer),
        "label": STATES[state_of(transfer)],
        "attached": attached(transfer),
        "may": _acknowledgeable(request, transfer),
    }
    return render(request, "transfers/expulsion.html", context)


@require_POST
def acknowledge(request: Request) -> HttpResponse:
    """「已备案」 of those ticked."""
    _require_superior(request)
    outcome = actions.acknowledge(row_ids(request.POST.getlist("expulsion")), by=request.user)
    show_result(request, outcome, "已备案 {} 名会员的除名，工会会收到通知。")
    return redirect("transfers:expulsions")


def state_of(transfer: Transfer) -> str:
    """What has become of the report: a key of STATES."""
    if transfer.acknowledged_at:
        return "acknowledged"
    return "undone" if transfer.state == "undone" else "waiting"


def _acknowledgeable(request: Request, transfer: Transfer) -> bool:
    return state_of(transfer) == "waiting" and can_acknowledge(request.user, transfer)


def _require_superior(request: Request) -> None:
    own_union(request)
    if not can_see_expulsions(request.user):
        raise Http404

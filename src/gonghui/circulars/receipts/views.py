"""「工作通知」 for who gets them, and which unions have read one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.circulars import queries
from gonghui.circulars.forms import ReceiptFilter, ReceivedFilter
from gonghui.circulars.models import Circular, CircularState, Receipt
from gonghui.circulars.receipts import actions
from gonghui.kit.paging import paginate
from gonghui.unions.levels import UnionKind
from gonghui.unions.pages import paginate_named


@require_GET
def received(request: Request) -> HttpResponse:
    """What was sent to the user's union, the newest first. The city gets none: its list is that of what it has sent."""
    if own_union(request).kind == UnionKind.CITY:
        return redirect("circulars:sent")
    filters = ReceivedFilter(request.GET)
    rows = filters.narrow(queries.received(request.user).select_related("circular__publisher", "confirmed_by"))
    page = paginate(request, rows, order=("-id",), size=20)
    return render(request, "circulars/received.html", {"page": page, "filters": filters}, status=filters.status)


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    """「签收」."""
    rows = Receipt.objects.filter(union=own_union(request)).select_related("circular")
    receipt = get_object_or_404(rows, circular=pk)
    actions.confirm(receipt.circular, by=request.user)
    messages.success(request, f"已签收《{receipt.circular}》。")
    return redirect("circulars:circular", pk=pk)


@require_GET
def receipts(request: Request, pk: int) -> HttpResponse:
    """Who has read and confirmed it, of the unions in the user's scope; by branch above, by union below."""
    node = own_union(request)
    circulars = Circular.objects.visible_to(request.user).exclude(state=CircularState.DRAFT)
    if node.is_grassroots:
        circulars = circulars.none()
    circular = get_object_or_404(circulars.select_related("publisher"), pk=pk)
    rows = Receipt.objects.visible_to(request.user).filter(circular=circular)
    filters = ReceiptFilter(request.GET, circular=circular, node=node)
    shown = rows.select_related("circular", "union__superior__superior", "read_by", "confirmed_by")
    page = paginate_named(request, filters, shown, order=("union_id",), size=20)
    context = {
        "circular": circular,
        "reading": queries.reading(rows),
        "branches": queries.readings_by_branch(rows, node),
        "page": page,
        "filters": filters,
    }
    return render(request, "circulars/receipts.html", context, status=filters.status)

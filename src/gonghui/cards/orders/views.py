"""The city's card desk: waiting batches, orders, their files and results. 404 for other users."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.cards import queries
from gonghui.cards.applications.views import context_of
from gonghui.cards.forms import ResultForm
from gonghui.cards.makers import maker_of
from gonghui.cards.models import Application, Line, Order
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.orders.disclosure import disclose, export_of
from gonghui.cards.orders.sample import sample_results
from gonghui.cards.rules import can_run_desk
from gonghui.cards.states import LineState, OrderState
from gonghui.exports.models import ExportState as DisclosureState
from gonghui.exports.own_files import is_there
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, row_ids
from gonghui.kit.paging import paginate
from gonghui.kit.sorting import sorting_of
from gonghui.kit.uploads import too_large
from gonghui.policies.queries import of_union


@never_cache
@require_GET
def desk(request: Request) -> HttpResponse:
    """Approved batches that wait, by purpose and kind; and the orders."""
    _require_desk(request)
    sorting = sorting_of(request, {"made": ("id",)}, "-made")
    groups, newer = queries.waiting_groups()
    page = paginate(request, Order.objects.select_related("created_by"), order=sorting.order)
    context = context_of(
        request,
        tab="desk",
        sorting=sorting,
        groups=groups,
        newer=newer,
        shown=queries.MAX_BATCHES,
        page=page,
        rows=queries.line_counts(page.rows),
    )
    return render(request, "cards/desk.html", context)


@require_POST
def gather(request: Request) -> HttpResponse:
    """「生成制卡订单」 of the ticked batches."""
    _require_desk(request)
    order = orders.gather(
        request.POST.get("purpose", ""),
        foreign=request.POST.get("foreign") == "1",
        batches=row_ids(request.POST.getlist("batch")),
        by=request.user,
    )
    messages.success(request, f"已生成制卡订单 {order.number}，共 {order.count} 人。文件生成之后即可导出。")
    return redirect("cards:order", order.pk)


@never_cache
@require_GET
def order(request: Request, pk: int) -> HttpResponse:
    """One order: its file, the received results, and the failed members."""
    return _order_page(request, _order(request, pk))


def _order_page(request: Request, order: Order, form: ResultForm | None = None) -> HttpResponse:
    ((_, counts),) = queries.line_counts([order])
    lines = Line.objects.filter(order=order).select_related("application__member", "application__batch__union")
    usual = LineState.FAILED if counts["failed"] else LineState.LEFT_OUT if counts["left_out"] else ""
    filters = StateFilter({"state": request.GET.get("state") or usual}, LineState.choices)
    disclosure = export_of(order, request.user)
    alone = of_union("export_alone_rows", own_union(request))
    received = list(order.results.select_related("read_by").order_by("-pk")[:50])
    context = context_of(
        request,
        order=order,
        counts=[(code, _label(order, code), counts[code]) for code in LineState.values],
        waiting=counts["awaited"],
        retryable=Application.objects.failed_in(order).count(),
        filters=filters,
        state=filters.chosen,
        page=paginate(request, filters.narrow(lines), order=("id",), size=20),
        results=received,
        working=order.is_building or any(result.is_reading for result in received),
        form=form or ResultForm(maker=maker_of(order.maker)),
        maker=maker_of(order.maker),
        uploadable=order.state in (OrderState.EXPORTED, OrderState.DONE),
        disclosure=disclosure,
        may_disclose=disclosure is not None and is_there(disclosure),
        alone=alone,
        many=order.sent > alone,
        demo=settings.ENVIRONMENT.demo and order.state == OrderState.EXPORTED,
    )
    name = "cards/order.html#order" if request.htmx else "cards/order.html"
    return render(request, name, context, status=422 if form and form.errors else filters.status)


def _label(order: Order, code: str) -> str:
    """Returns the label of a line's state: in a cancelled order no line waits for a result."""
    cancelled = order.state == OrderState.CANCELLED and code == LineState.AWAITED
    return str(order.get_state_display() if cancelled else LineState(code).label)


@require_POST
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出制卡文件」: streams the built parts; the same bytes each time. Of many, a second person is asked first."""
    order = _order(request, pk)
    disclosure = disclose(order, by=request.user)
    if disclosure.state == DisclosureState.PENDING:
        return redirect("exports:export", disclosure.pk)
    order = orders.export_order(order, by=request.user)
    maker = maker_of(order.maker)
    response = StreamingHttpResponse(order.parts.contents(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="ZK{order.number}.{maker.extension}"'
    response["Content-Length"] = str(order.size)
    return response


@require_POST
def upload(request: Request, pk: int) -> HttpResponse:
    """「读入制卡结果」."""
    order = _order(request, pk)
    form = ResultForm(request.POST, request.FILES, maker=maker_of(order.maker), too_large=too_large(request))
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            result = results.upload_results(order, file, by=request.user)
        except Refused as refusal:
            form.add_error("file", refusal.sentence)
        else:
            messages.success(
                request, f"“{result.filename}”检查无误，共 {result.lines} 行，已开始读入，进度和结果列在下面。"
            )
            return redirect("cards:order", pk)
    return _order_page(request, order, form)


@require_POST
def act(request: Request, pk: int) -> HttpResponse:
    """「重新制卡」 of the failed members, or 「取消订单」."""
    order = _order(request, pk)
    match request.POST.get("act"):
        case "retry":
            again, unfit = orders.retry(order, by=request.user)
            messages.success(request, f"已生成新的制卡订单 {again.number}，重新制卡 {again.count} 人。")
            for reason in unfit[:5]:
                messages.warning(request, f"没有重新制卡：{reason}。")
            return redirect("cards:order", again.pk)
        case "cancel":
            orders.cancel_order(order, by=request.user)
            messages.success(request, f"订单 {order.number} 已取消，其中的会员等待汇总到别的订单。")
            return redirect("cards:desk")
    raise Http404


@require_POST
def sample(request: Request, pk: int) -> HttpResponse:
    """Only in the demo: a sample result file for the lines that still wait, with a failure now and then."""
    order = _order(request, pk)
    if not settings.ENVIRONMENT.demo or order.state != OrderState.EXPORTED:
        raise Http404
    extension = maker_of(order.maker).extension
    response = HttpResponse(sample_results(order), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="JG{order.number}-{localdate():%m%d}.{extension}"'
    return response


def _require_desk(request: Request) -> None:
    if not can_run_desk(request.user):
        raise Http404


def _order(request: Request, pk: int) -> Order:
    _require_desk(request)
    rows = Order.objects.visible_to(request.user).select_related("created_by", "exported_by")
    return get_object_or_404(rows, pk=pk)

"""「工作通知」 for who sends: the list, the draft, and what became of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.circulars import actions, queries
from gonghui.circulars.deliveries import actions as deliveries
from gonghui.circulars.forms import CircularForm, RecallForm
from gonghui.circulars.models import Circular, CircularState, Receipt
from gonghui.circulars.receipts.actions import mark_read
from gonghui.circulars.rules import can_confirm, can_send
from gonghui.kit.forms import refused_into, row_id
from gonghui.kit.paging import paginate
from gonghui.unions.models import Union


@require_GET
def sent(request: Request) -> HttpResponse:
    """「发出的」: those of the user's own union, the newest first, with how many have read them."""
    union = _superior(request)
    rows = Circular.objects.filter(publisher=union).exclude(state=CircularState.DISCARDED).select_related("saved_by")
    page = paginate(request, rows, order=("-id",), size=20)
    found = queries.readings(page.rows)
    for circular in page.rows:
        circular.reading = found.get(circular.pk, queries.Reading())
    return render(request, "circulars/sent.html", {"page": page, "may_send": can_send(request.user, union)})


@require_http_methods(["GET", "POST"])
def create(request: Request) -> HttpResponse:
    """「起草通知」."""
    union = _sender(request)
    return _draft(request, CircularForm(request.POST or None, publisher=union), union, None)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    """「修改草稿」."""
    union = _sender(request)
    drafts = Circular.objects.filter(publisher=union, state=CircularState.DRAFT)
    draft = get_object_or_404(drafts.prefetch_related("branches"), pk=pk)
    return _draft(request, CircularForm(request.POST or None, publisher=union, draft=draft), union, draft)


def _draft(request: Request, form: CircularForm, union: Union, draft: Circular | None) -> HttpResponse:
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        with refused_into(form):
            saved = actions.save_draft(union, form.text, draft=draft, version=version, by=request.user)
            return redirect("circulars:circular", pk=saved.pk)
    context = {"form": form, "draft": draft}
    return render(request, "circulars/form.html", context, status=422 if form.errors else 200)


@require_GET
def circular(request: Request, pk: int) -> HttpResponse:
    """The text, for who got it and who sent it; a draft with what sending would do. The first look of a union is noted."""
    rows = Circular.objects.visible_to(request.user).select_related("publisher", "sent_by", "saved_by", "recalled_by")
    found = get_object_or_404(rows, pk=pk)
    union = own_union(request)
    receipt = Receipt.objects.filter(circular=found, union=union).select_related("union").first()
    if receipt and not receipt.read_at:
        mark_read(receipt, by=request.user)
        receipt = Receipt.objects.select_related("read_by", "confirmed_by").get(pk=receipt.pk)
    own = found.publisher_id == union.pk
    context: dict[str, Any] = {
        "circular": found,
        "receipt": receipt,
        "own": own,
        "may_send": can_send(request.user, found.publisher),
        "may_confirm": receipt and found.confirm and not receipt.confirmed_at and can_confirm(request.user, union),
        "branches": list(found.branches.order_by("kind", "code")),
    }
    if found.state == CircularState.DRAFT:
        branches = [branch.pk for branch in context["branches"]]
        context["count"] = queries.addressed(found.publisher, found.depth, branches).count()
    elif own or not union.is_grassroots:
        context["reading"] = queries.reading(Receipt.objects.visible_to(request.user).filter(circular=found))
    if own:
        context["running"], context["interrupted"] = queries.running(found), deliveries.interrupted(found)
    template = "circulars/circular.html#progress" if request.htmx else "circulars/circular.html"
    return render(request, template, context)


@require_POST
def act(request: Request, pk: int) -> HttpResponse:
    """「发送」 and 「作废」 of a draft, 「催办」 and 「继续发送」 of what was sent."""
    found = get_object_or_404(Circular.objects.filter(publisher=own_union(request)), pk=pk)
    version = row_id(request.POST.get("version")) or 0
    match request.POST.get("do"):
        case "send":
            total = actions.send(found, version=version, by=request.user).total
            messages.success(request, f"已开始发送，共 {total:,} 家工会。")
        case "discard":
            actions.discard(found, version=version, by=request.user)
            messages.success(request, f"草稿《{found}》已作废。")
            return redirect("circulars:sent")
        case "remind":
            left = deliveries.remind(found, by=request.user)
            messages.success(request, f"已开始催办 {left:,} 家工会。")
        case "resume":
            deliveries.resume(found, by=request.user)
            messages.success(request, "已继续发送。")
        case _:
            raise Http404
    return redirect("circulars:circular", pk=pk)


@require_http_methods(["GET", "POST"])
def recall(request: Request, pk: int) -> HttpResponse:
    """「收回」 with a reason."""
    union = _sender(request)
    found = get_object_or_404(Circular.objects.filter(publisher=union, state=CircularState.SENT), pk=pk)
    form = RecallForm(request.POST or None)
    if form.is_valid():
        with refused_into(form):
            actions.recall(found, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"已收回《{found}》。")
            return redirect("circulars:circular", pk=pk)
    context = {"circular": found, "form": form}
    return render(request, "circulars/recall.html", context, status=422 if form.errors else 200)


def _superior(request: Request) -> Union:
    """The user's union. Raises Http404 for a grassroots one."""
    union = own_union(request)
    if union.is_grassroots:
        raise Http404
    return union


def _sender(request: Request) -> Union:
    union = _superior(request)
    if not can_send(request.user, union):
        raise Http404
    return union

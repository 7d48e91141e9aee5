"""「会员转出审核」, 「会员转入」, 「从其他工会转入会员到本工会」 and 「转出」. For grassroots unions; to others the pages are not there."""

import tempfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.imports.forms import UploadForm
from gonghui.kit.choices import Some
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, row_id, row_ids
from gonghui.kit.paging import paginate, paginate_list
from gonghui.kit.uploads import too_large
from gonghui.members.models import Member
from gonghui.transfers import queries
from gonghui.transfers.answers import actions as decisions
from gonghui.transfers.departures import actions
from gonghui.transfers.forms import LookUpForm, ReleaseForm
from gonghui.transfers.models import UNDO_DAYS, Tally, Transfer, Upload
from gonghui.transfers.outcomes import Outcome
from gonghui.transfers.requests import actions as requests
from gonghui.transfers.requests.export import export_results, standing
from gonghui.transfers.requests.sheet import MAX_ROWS, NOTICES, TEMPLATE_NAME
from gonghui.transfers.requests.sheet import template as empty_workbook
from gonghui.transfers.rules import can_answer, can_see_transfers, can_take_back, can_transfer
from gonghui.unions.models import Union
from gonghui.unions.queries import named

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS = "会员将转到这家工会，请核对："
RELATED = ("member", "origin__superior", "target", "asked_by", "decided_by", "review")

ACTS: dict[str, tuple[Callable[..., Outcome], str]] = {
    "withdraw": (actions.withdraw, "已撤回 {} 名会员的转移。"),
    "remind": (actions.remind, "已催办 {} 名会员的转移，对方会收到通知。"),
    "undo": (actions.undo, "已撤销 {} 名会员的转出，会员已回到本工会。"),
}
TOLD = Some(
    {
        Tally.REQUESTED: "已提交{}的转入申请，等待转出工会审核。",
        Tally.JOINED: "{}原来不属于任何工会，已转入本工会。",
        Tally.OURS: "{}已是本工会会员，不需要转入。",
        Tally.ASKED: "{}的转入申请正在审核，不需要重复提交。",
        Tally.OFFERED: "{}已由对方工会转来，请在“待接收转入”中接收。",
    },
    others="The others are refusals, told beside the form.",
)


@never_cache
@require_GET
def list_transfers(request: Request) -> HttpResponseBase:
    """「会员转出审核」: what waits for us, what we let go, what we have answered."""
    _union(request)
    if request.GET.get("tab") in queries.IN:  # where it stood before, and notices still lead to
        return redirect(queries.address_of(request.GET["tab"]), permanent=True)
    return _listed(request, "会员转出审核", queries.OUT)


@never_cache
@require_GET
def incoming(request: Request) -> HttpResponse:
    """「会员转入」: what others offer us, what we asked for, what we have taken."""
    return _listed(request, "会员转入", queries.IN)


def _listed(request: Request, title: str, tabs: Mapping[str, str]) -> HttpResponse:
    union, tab = _union(request), request.GET.get("tab", next(iter(tabs)))
    if tab not in tabs:
        raise Http404
    page = paginate(request, queries.listed(request.user, tab).select_related(*RELATED), order=("-id",), size=20)
    context = {
        "title": title,
        "page": page,
        "tab": tab,
        "tabs": queries.tabs_of(request.user, tabs),
        "incoming": tab in queries.IN,
        "answered": tab in ("done", "received"),
        "may": can_transfer(request.user, union),
        "rows": [_dressed(request, one) for one in page.rows],
        "undo_days": UNDO_DAYS,
    }
    return render(request, "transfers/list.html", context)


@never_cache
@require_GET
def view(request: Request, pk: int) -> HttpResponse:
    """One transfer: who, from where to where, who holds it until when, and what became of it."""
    _union(request)
    rows = Transfer.objects.visible_to(request.user).select_related(*RELATED)
    one = get_object_or_404(rows, pk=pk)
    comes_in = one.target_id == request.user.union_id
    return render(request, "transfers/view.html", {"one": _dressed(request, one), "comes_in": comes_in})


@require_POST
def act(request: Request) -> HttpResponse:
    """Agree, refuse, take back, remind, undo: the ticked ones, or the one whose page it was."""
    _union(request)
    wanted = request.POST.get("act", "")
    ids = [pk for text in request.POST.getlist("transfer")[: actions.MOST] if (pk := row_id(text))]
    if wanted in ("agree", "refuse"):
        agree = wanted == "agree"
        outcome = decisions.answer(ids, agree=agree, opinion=request.POST.get("opinion", ""), by=request.user)
        told = "已同意 {} 名会员转移。" if agree else "已退回 {} 名会员的转移，对方会看到原因。"
    elif wanted in ACTS:
        perform, told = ACTS[wanted]
        outcome = perform(ids, by=request.user)
    else:
        raise Http404
    _tell(request, outcome, told)
    one = row_id(request.POST.get("one", ""))
    tab = request.POST.get("tab", "")
    tab = tab if tab in {**queries.IN, **queries.OUT} else "waiting"
    return redirect("transfers:view", one) if one else redirect(queries.address_of(tab))


@never_cache
@require_http_methods(["GET", "POST"])
def bring_in(request: Request) -> HttpResponse:
    """「从其他工会转入会员到本工会」: the template, the notices, the file and 「转入」, one by one, and the history."""
    union = _union(request)
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, too_large=too_large(request))
        if form.is_valid():
            try:
                sent = requests.upload_people(union, form.cleaned_data["file"], by=request.user)
            except Refused as refused:
                form.add_error("file", refused.sentence)
            else:
                tell = messages.warning if sent.rows_left else messages.success
                tell(request, f"“{sent.filename}”共 {sent.rows_total} 行：{sent.summary}。{sent.note}")
                return redirect("transfers:upload", sent.pk)
    return _bring_in_page(request, form, LookUpForm(auto_id="one_%s"))


@never_cache
@require_POST
def bring_in_one(request: Request) -> HttpResponse:
    """The same for one person."""
    union = _union(request)
    form = LookUpForm(request.POST, auto_id="one_%s")
    if form.is_valid():
        try:
            answer = requests.request_member(union, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if told := TOLD.get(answer.tally, ""):
                messages.success(request, told.format(form.cleaned_data["name"]))
                transfer = answer.transfer
                return redirect("transfers:view", transfer.pk) if transfer else redirect("transfers:bring_in")
            form.add_error(None, f"{answer.remark}。")
    return _bring_in_page(request, UploadForm(), form)


def _bring_in_page(request: Request, form: UploadForm, single: LookUpForm) -> HttpResponse:
    context = {
        "form": form,
        "single": single,
        "may": can_transfer(request.user, own_union(request)),
        "notices": NOTICES,
        "max_rows": MAX_ROWS,
        "page": paginate(
            request,
            Upload.objects.visible_to(request.user).defer("rows_sealed").select_related("sent_by"),
            order=("-id",),
        ),
    }
    wrong = form.errors or single.errors
    return render(request, "transfers/bring_in.html", context, status=422 if wrong else 200)


@login_not_required
@require_GET
def template(request: HttpRequest) -> FileResponse:
    """The empty workbook; it holds nothing of anybody's."""
    return FileResponse(BytesIO(empty_workbook()), as_attachment=True, filename=TEMPLATE_NAME, content_type=XLSX)


@never_cache
@require_GET
def upload(request: Request, pk: int) -> HttpResponse:
    """What became of each row, and where its request stands now."""
    sent = _upload(request, pk)
    filters = StateFilter(request.GET, Tally.choices)
    only = filters.chosen
    lines = [line for line in sent.lines if line[3] == only or not (only or filters.errors)]
    page = paginate_list(request, lines, size=50)
    transfers = Transfer.objects.in_bulk([line[-1] for line in page.rows if line[-1]])
    rows = [
        {
            "row": row,
            "name": name,
            "number": number,
            "tally": tally,
            "label": Tally(tally).label,
            "remark": remark,
            "transfer": transfers.get(transfer),
            "standing": standing(transfers.get(transfer)),
        }
        for row, name, number, tally, remark, transfer in page.rows
    ]
    chips = [(code, Tally(code).label, count) for code, count in sorted(sent.counts.items(), key=lambda item: -item[1])]
    context = {"upload": sent, "page": page, "rows": rows, "chips": chips, "only": only, "filters": filters}
    return render(request, "transfers/upload.html", context, status=filters.status)


@require_POST
def export(request: Request, pk: int) -> HttpResponseBase:
    """「导出结果」."""
    sent = _upload(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.xlsx"
        export_results(sent, path, by=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"转入结果-{Path(sent.filename).stem}.xlsx")


@never_cache
@require_http_methods(["GET", "POST"])
def release(request: Request) -> HttpResponse:
    """「转出」: the members ticked in the list, then where to or why, then done."""
    union = _union(request)
    if not can_transfer(request.user, union):
        raise PermissionDenied
    ids = row_ids(request.POST.getlist("member"))[: actions.MOST + 1]
    members = list(Member.objects.visible_to(request.user).filter(pk__in=ids).order_by("pk"))
    if not members:
        messages.warning(request, "请先在会员列表中勾选要转出的会员，再点“转出”。")
        return redirect("members:list")
    chosen = "way" in request.POST
    form = ReleaseForm(request.POST if chosen else None)
    found = None
    if chosen and form.is_valid():
        values = form.cleaned_data
        try:
            if values["way"] == "offer":
                found = _found(union, values["to"])
                if values["seen"] != found.pk:
                    raise Refused("已找到对方工会，列在下面。请核对名称和所属上级，确认无误后再次提交。", field="to")
            outcome = actions.release(
                union,
                [one.pk for one in members],
                to=found,
                reason=values["reason"],
                note=values["note"],
                by=request.user,
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        else:
            told = "已把 {} 名会员转给" + found.name + "，等待对方接收。" if found else "{} 名会员已转出。"
            _tell(request, outcome, told)
            return redirect(f"{queries.address_of('out')}&new=1")
    context = {
        "form": form,
        "members": members[:50],
        "ids": [one.pk for one in members],
        "count": len(members),
        "found": found,
        "words": WORDS,
    }
    return render(request, "transfers/release.html", context, status=422 if form.errors else 200)


@require_GET
def target(request: Request) -> HttpResponse:
    """The union that was typed, for a look before it is sent (htmx)."""
    union, text = _union(request), request.GET.get("to", "")[:100]
    found, problem = None, ""
    try:
        found = _found(union, text) if text.strip() else None
    except Refused as refused:
        problem = refused.sentence
    return render(request, "unions/found.html", {"found": found, "problem": problem, "words": WORDS})


def _found(union: Union, text: str) -> Union:
    found = named(text)
    if found is None:
        raise Refused(
            "没有找到这家工会。请填写对方的工会编号、工会全称、单位全称或统一社会信用代码；已撤销的和未审核通过的工会不能接收会员。",
            field="to",
        )
    if found.pk == union.pk:
        raise Refused("会员已经在本工会，请填写另一家工会。", field="to")
    return found


def _union(request: Request) -> Union:
    union = own_union(request)
    if not can_see_transfers(request.user):
        raise Http404
    return union


def _upload(request: Request, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.visible_to(request.user).select_related("union", "sent_by"), pk=pk)


def _tell(request: Request, outcome: Outcome, told: str) -> None:
    if outcome.done:
        messages.success(request, told.format(len(outcome.done)))
    for remark in outcome.remarks():
        messages.warning(request, remark)


def _dressed(request: Request, one: Transfer) -> dict[str, Any]:
    """A transfer as the union of who looks may see it, and what may be done with it now."""
    union, user = own_union(request), request.user
    officer = can_transfer(user, union)
    took = officer and can_take_back(user, one)
    return {
        "transfer": one,
        "origin": (one.origin.name if one.origin else "（无工会）") if one.tells_origin(union) else "",
        "target": one.target.name if one.target else "",
        "holder": _holder(one, union) if one.is_waiting else "",
        "answerable": officer and one.is_waiting and can_answer(user, one),
        "withdrawable": took and one.is_waiting,
        "remindable": took and one.is_waiting and not one.reminded_today,
        "undoable": took and one.undo_until is not None and one.undo_until >= localdate(),
        "standing": standing(one),
        "decider": str(one.decided_by) if one.decided_by and one.tells_origin(union) else "",
    }


def _holder(one: Transfer, union: Union) -> str:
    """Who has to answer, as the union may know it."""
    if one.review_id:
        superior = one.origin and one.origin.superior
        return superior.name if superior and one.tells_origin(union) else "转出工会的上级工会"
    if one.holder_id == union.pk:
        return "本工会"
    return one.target.name if one.way == "offer" and one.target else "转出工会"

"""「从其他工会转入会员到本工会」: requests by workbook or one by one, and the results of an upload (SPEC 3.6)."""

import tempfile
from io import BytesIO
from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.request import Request, own_union
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.imports.forms import XLSX, UploadForm
from gonghui.kit.choices import Some
from gonghui.kit.errors import Refused
from gonghui.kit.forms import StateFilter, unjudged
from gonghui.kit.paging import paginate, paginate_list
from gonghui.kit.sorting import sorting_of
from gonghui.kit.uploads import too_large
from gonghui.transfers.answers.review import MemberTransfer
from gonghui.transfers.forms import LookUpForm
from gonghui.transfers.models import Tally, Transfer, Upload, Way
from gonghui.transfers.pages import officers_union
from gonghui.transfers.requests import actions as requests
from gonghui.transfers.requests.export import export_results, standing
from gonghui.transfers.requests.sheet import MAX_ROWS, NOTICES, TEMPLATE_NAME
from gonghui.transfers.requests.sheet import template as empty_workbook
from gonghui.transfers.rules import can_transfer

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
@require_http_methods(["GET", "POST"])
def bring_in(request: Request) -> HttpResponse:
    """Shows 「从其他工会转入会员到本工会」: template, notices, upload, single request, history. Takes an upload."""
    union = officers_union(request)
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
    scans = AttachmentsOfForm(request, MemberTransfer.code, Way.REQUEST)
    return _bring_in_page(request, form, LookUpForm(auto_id="one_%s"), scans)


@never_cache
@require_POST
def bring_in_one(request: Request) -> HttpResponse:
    """Requests one person."""
    union = officers_union(request)
    form, scans = (
        LookUpForm(request.POST, auto_id="one_%s"),
        AttachmentsOfForm(request, MemberTransfer.code, Way.REQUEST),
    )
    if scans.only:
        unjudged(form)
    elif form.is_valid():
        try:
            answer = requests.request_member(union, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            if message := TOLD.get(answer.tally, ""):
                messages.success(request, message.format(form.cleaned_data["name"]))
                transfer = answer.transfer
                return redirect("transfers:view", transfer.pk) if transfer else redirect("transfers:bring_in")
            form.add_error(None, f"{answer.remark}。")
    return _bring_in_page(request, UploadForm(), form, scans)


def _bring_in_page(request: Request, form: UploadForm, single: LookUpForm, scans: AttachmentsOfForm) -> HttpResponse:
    sorting = sorting_of(request, {"sent": ("id",)}, "-sent")
    context = {
        "form": form,
        "single": single,
        "scans": scans,
        "may": can_transfer(request.user, own_union(request)),
        "notices": NOTICES,
        "max_rows": MAX_ROWS,
        "page": paginate(
            request,
            Upload.objects.visible_to(request.user).defer("rows_sealed").select_related("sent_by"),
            order=sorting.order,
        ),
        "sorting": sorting,
    }
    wrong = form.errors or single.errors
    return render(request, "transfers/bring_in.html", context, status=422 if wrong else 200)


@login_not_required
@require_GET
def template(request: HttpRequest) -> FileResponse:
    """Returns the empty workbook; it holds no personal data."""
    return FileResponse(BytesIO(empty_workbook()), as_attachment=True, filename=TEMPLATE_NAME, content_type=XLSX)


@never_cache
@require_GET
def upload(request: Request, pk: int) -> HttpResponse:
    """Shows the result of each row, and the present state of its request."""
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
    """「导出结果」: sends the results as a workbook."""
    sent = _upload(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.xlsx"
        export_results(sent, path, by=request.user)
        return FileResponse(path.open("rb"), as_attachment=True, filename=f"转入结果-{Path(sent.filename).stem}.xlsx")


def _upload(request: Request, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.visible_to(request.user).select_related("union", "sent_by"), pk=pk)

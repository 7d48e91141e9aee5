"""「修改」: the officer of an approved union changes its particulars (SPEC 2.3)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.filings import national
from gonghui.filings.amendment.actions import returned_amendment, save_amendment_draft, submit_amendment
from gonghui.filings.amendment.review import AmendmentKind
from gonghui.filings.filing.form import AmendmentForm, initial_of
from gonghui.filings.models import Amendment
from gonghui.filings.pages import facts_of, not_now, own_grassroots
from gonghui.filings.rules import can_change
from gonghui.kit.forms import refused_into, unjudged
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.models import Step
from gonghui.reviews.queries import open_review
from gonghui.unions import union_details
from gonghui.unions.models import Union


@require_http_methods(["GET", "POST"])
def amend(request: Request) -> HttpResponse:
    """「修改」: shows the form, saves its draft, or submits it."""
    union = own_grassroots(request)
    if not can_change(request.user, union) or open_review(union):
        return not_now(request, union)
    scans = AttachmentsOfForm(request, AmendmentKind.code)
    options: dict[str, Any] = {"asked": collected(), "held": national.held_by(union)}
    form = (
        AmendmentForm(request.POST, **options)
        if request.method == "POST"
        else AmendmentForm(initial=_initial(request, union), **options)
    )
    if scans.only:
        unjudged(form)
    elif "draft" in request.POST:
        save_amendment_draft(union, values=form.typed(), by=request.user)
        messages.success(request, "草稿已保存，可以随时回来继续修改。")
        return redirect("filings:amend")
    elif form.is_valid():
        with refused_into(form):
            submit_amendment(union, values=form.cleaned_data, by=request.user)
            message = f"已提交{union.superior}审核。审核通过之前，原来的资料仍然有效；结果会在这里和邮件中通知您。"
            messages.success(request, message)
            return redirect("filings:own")
    return render(
        request,
        "filings/amend.html",
        {**_amend_context(request, union, form), "scans": scans},
        status=422 if form.errors else 200,
    )


def _amend_context(request: Request, union: Union, form: AmendmentForm) -> dict[str, Any]:
    returned = returned_amendment(union)
    return {
        "form": form,
        "union": union,
        "fixed": facts_of(union, union_details.FIXED),
        "draft": Amendment.objects.filter(union=union, review=None).exists(),
        "returned": returned and Step.objects.filter(review=returned.review).select_related("reviewer").first(),
        "fresh": "fresh" in request.GET,
    }


def _initial(request: Request, union: Union) -> dict[str, Any]:
    """Returns the draft, else the returned amendment, else the live particulars (``?fresh``: always these)."""
    source = None
    if "fresh" not in request.GET:
        source = Amendment.objects.filter(union=union, review=None).first() or returned_amendment(union)
    return initial_of({**union_details.current(union), **(source.values if source else {})}, union)

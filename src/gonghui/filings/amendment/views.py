"""The pages of an approved union's officer: 「修改」 and 「转移」 (SPEC 2.3, 2.4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gonghui.accounts.request import Request
from gonghui.filings.amendment.actions import returned_amendment, save_amendment_draft, submit_amendment
from gonghui.filings.filing.form import AmendmentForm, initial_of
from gonghui.filings.filing.views import own_grassroots
from gonghui.filings.models import Amendment, Relocation
from gonghui.filings.registration.forms import RelocationForm
from gonghui.filings.relocation.actions import submit_relocation, target_entrance
from gonghui.filings.rules import can_change
from gonghui.kit.errors import Refused
from gonghui.reviews.models import Step
from gonghui.reviews.queries import open_review
from gonghui.unions import particulars
from gonghui.unions.hooks import blockers
from gonghui.unions.models import Union


@require_http_methods(["GET", "POST"])
def amend(request: Request) -> HttpResponse:
    """「修改」: the form, its draft, or submitting it."""
    union = own_grassroots(request)
    if not can_change(request.user, union) or open_review(union):
        return _not_now(request, union)
    form = AmendmentForm(request.POST) if request.method == "POST" else AmendmentForm(initial=_initial(request, union))
    if "draft" in request.POST:
        save_amendment_draft(union, values=form.typed(), by=request.user)
        messages.success(request, "草稿已保存，可以随时回来继续修改。")
        return redirect("filings:amend")
    if form.is_valid():
        try:
            submit_amendment(union, values=form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            told = f"已提交{union.superior}审核。审核通过之前，原来的资料仍然有效；结果会在这里和邮件中通知您。"
            messages.success(request, told)
            return redirect("filings:own")
    return render(request, "filings/amend.html", _amend_context(request, union, form), status=_status(form))


def _amend_context(request: Request, union: Union, form: AmendmentForm) -> dict[str, Any]:
    returned = returned_amendment(union)
    return {
        "form": form,
        "union": union,
        "fixed": _facts(union, particulars.FIXED),
        "draft": Amendment.objects.filter(union=union, review=None).exists(),
        "returned": returned and Step.objects.filter(review=returned.review).select_related("reviewer").first(),
        "fresh": "fresh" in request.GET,
    }


def _initial(request: Request, union: Union) -> dict[str, Any]:
    """The draft, else what was returned, else the particulars as they are (``?fresh``: these at once)."""
    source = None
    if "fresh" not in request.GET:
        source = Amendment.objects.filter(union=union, review=None).first() or returned_amendment(union)
    return initial_of({**particulars.live(union), **(source.values if source else {})}, union)


@require_http_methods(["GET", "POST"])
def relocate(request: Request) -> HttpResponse:
    """「转移」: first its kind, then where to and why."""
    union = own_grassroots(request)
    if not can_change(request.user, union) or open_review(union):
        return _not_now(request, union)
    way = request.GET.get("way", "")
    found = blockers(union)
    if way not in Relocation.Way.values or found:
        context = {"union": union, "ways": Relocation.Way, "blockers": found, "facts": _facts(union, ["superior"])}
        return render(request, "filings/relocate_way.html", context, status=409 if request.method == "POST" else 200)
    form = RelocationForm(request.POST or None, entrance=target_entrance(union, way))
    if form.is_valid():
        values = form.cleaned_data
        try:
            submit_relocation(union, way=way, target=values["superior"], reason=values["reason"], by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            told = f"转移申请已提交，等待{union.superior}和{values['superior']}审核，双方都通过后生效。"
            messages.success(request, told)
            return redirect("filings:own")
    context = {"form": form, "union": union, "label": Relocation.Way(way).label, "facts": _facts(union)}
    return render(request, "filings/relocate.html", context, status=_status(form))


def _facts(union: Union, keys: Any = tuple(particulars.LABELS)) -> list[tuple[str, str]]:
    union = Union.objects.select_related("superior__superior", "employer").get(pk=union.pk)
    words = particulars.shown(particulars.live(union), particulars.superior_path(union.superior), union)
    return [(particulars.LABELS[key], words[key]) for key in keys]


def _not_now(request: Request, union: Union) -> HttpResponse:
    """Back to the union's page, with the reason."""
    if review := open_review(union):
        told = f"「{review.title}」有一项申请正在等待审核，办结或撤回后才能提交新的申请。"
    else:
        told = f"本工会的状态是「{union.get_state_display()}」，审核通过的工会才能办理。"
    messages.error(request, told)
    return redirect("filings:own")


def _status(form: AmendmentForm | RelocationForm) -> int:
    return 422 if form.errors else 200

"""The officer's pages of a filing, and each union's own page (SPEC 2.1, 2.2, 5.2)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.models import User
from gonghui.accounts.request import Request, own_union
from gonghui.accounts.rules import can_manage_officers
from gonghui.filings import actions
from gonghui.filings.filing_form import FilingForm
from gonghui.filings.models import Filing
from gonghui.filings.rules import can_file, may_be_filed
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.reviews.actions import withdraw as withdraw_review
from gonghui.reviews.models import Review, Step
from gonghui.unions import particulars
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import RegisteredEmployer, State, Union

MAX_TYPED = 500
"""Of one field of a draft, which need not be right: more than any field may hold."""


@require_GET
def own(request: Request) -> HttpResponse:
    """「组织管理」 of a grassroots union: its page, whatever its state."""
    union = _own_union(request)
    return _union_page(request, union)


@require_GET
def union(request: Request, pk: int) -> HttpResponse:
    """A union's page as its superiors see it, read only."""
    one = get_object_or_404(Union.objects.visible_to(request.user).grassroots(), pk=pk)
    if one.pk == request.user.union_id:
        return redirect("filings:own")
    return _union_page(request, one)


@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    """The form 「基层工会资料上报」 of one entrance: save the draft, or submit."""
    one = _own_union(request)
    draft = Filing.objects.filter(union=one, review=None).first()
    latest = draft or Filing.objects.filter(union=one).order_by("-pk").first()
    entrance = request.POST.get("entrance") or request.GET.get("entrance") or (latest.entrance if latest else "")
    if not may_be_filed(one):
        return redirect("filings:own")
    if entrance not in ENTRANCES:
        return render(request, "filings/entrances.html", {"union": one})
    if request.method == "GET":
        form = FilingForm(entrance=entrance, initial=_initial(one, entrance, draft))
        return _form_page(request, form, entrance, one)
    form = FilingForm(request.POST, entrance=entrance)
    if "draft" in request.POST:
        actions.save_draft(one, entrance=entrance, values=_typed(form), by=request.user)
        messages.success(request, "草稿已保存，可以随时回来继续填写。")
        return redirect(f"{request.path}?entrance={entrance}")
    if form.is_valid():
        try:
            actions.submit_filing(one, entrance=entrance, values=form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"已提交{form.cleaned_data['superior'].name}审核，结果会在这里和邮件中通知您。")
            return redirect("filings:own")
    return _form_page(request, form, entrance, one, status=422)


@require_GET
def superiors(request: Request) -> HttpResponse:
    """The second select of the form, following the first (htmx)."""
    entrance = request.GET.get("entrance", "")
    if entrance not in ENTRANCES:
        raise Http404
    form = FilingForm(entrance=entrance, initial={"level2": row_id(request.GET.get("level2"))})
    return HttpResponse(form["superior"].as_widget())


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take the union's pending request back."""
    review = get_object_or_404(Review.objects.visible_to(request.user), pk=pk, union=request.user.union)
    withdraw_review(review, by=request.user)
    messages.success(request, "已撤回，可以修改后重新提交。")
    return redirect("filings:own")


def _own_union(request: Request) -> Union:
    one = own_union(request)
    if not one.is_grassroots:
        raise Http404
    return one


def _union_page(request: Request, one: Union) -> HttpResponse:
    one = Union.objects.select_related("superior__superior", "employer__registered").get(pk=one.pk)
    filed = Filing.objects.filter(union=one, review__isnull=False).select_related("superior__superior")
    newest = filed.order_by("-pk").first() or Filing()
    packed = particulars.live(one) if one.state in (State.APPROVED, State.DISSOLVED) else newest.values
    reviews = list(
        Review.objects.filter(union=one, kind="filing")
        .select_related("submitted_by")
        .prefetch_related("steps__reviewer", "steps__in_place_of", "steps__superior")
        .order_by("-pk")
    )
    context = {
        "union": one,
        "own": one.pk == request.user.union_id,
        "facts": particulars.facts(packed, one.superior or newest.superior),
        "reviews": reviews,
        "pending": next((review for review in reviews if review.state == "pending"), None),
        "decision": _last_decision(reviews),
        "draft": Filing.objects.filter(union=one, review=None).exists(),
        "may_manage_officers": can_manage_officers(request.user, one),
        "may_file": can_file(request.user, one) and may_be_filed(one),
        "officers": User.objects.filter(union=one, is_active=True).order_by("pk")[:20]
        if one.pk != request.user.union_id
        else [],
    }
    return render(request, "filings/union.html", context)


def _last_decision(reviews: list[Review]) -> Step | None:
    """The newest decided step: 审批意见, 审批人, 审批时间."""
    return next((step for review in reviews for step in review.steps.all() if step.decision), None)


def _form_page(request: Request, form: FilingForm, entrance: str, one: Union, status: int = 200) -> HttpResponse:
    returned = None
    if one.state == State.RETURNED:
        reviews = Review.objects.filter(union=one, kind="filing").prefetch_related("steps__reviewer").order_by("-pk")
        returned = _last_decision(list(reviews[:5]))
    context = {
        "form": form,
        "entrance": entrance,
        "entrance_label": Filing(entrance=entrance).get_entrance_display(),
        "returned": returned,
        "registered": one.employer.registered,
    }
    return render(request, "filings/form.html", context, status=status)


def _typed(form: FilingForm) -> dict[str, Any]:
    """What was typed, right or wrong: what is right is kept cleaned, what is wrong as text, up to MAX_TYPED characters."""
    form.is_valid()
    raw = {name: form.data.get(name, "")[:MAX_TYPED] for name in form.fields}
    return {**raw, **form.cleaned_data}


def _initial(one: Union, entrance: str, draft: Filing | None) -> dict[str, Any]:
    """The form's first content: the draft, else the returned filing, else what the statistical register knows."""
    source = draft or Filing.objects.filter(union=one, review__isnull=False).order_by("-pk").first()
    if source:
        values = particulars.unpack(source.values)
    else:
        values = {"employer_name": one.employer.name, **_from_register(one.employer.registered)}
    if values.get("merged") in (True, False):
        values["merged"] = "true" if values["merged"] else "false"
    superior = Union.objects.filter(pk=row_id(values.get("superior")) or 0, kind=ENTRANCES[entrance][1]).first()
    values["superior"] = superior and superior.pk
    if superior:
        values["level2"] = superior.superior_id
    return values


def _from_register(known: RegisteredEmployer | None) -> dict[str, Any]:
    if known is None:
        return {}
    return {
        "employer_name": known.name,
        "code": known.code,
        "economic_type": known.economic_type,
        "industry": known.industry,
        "address": known.address,
        "staff_count": known.staff_count,
        "superior": known.street_id,
        "name": f"{known.name}工会",
    }

"""The officer's pages of a filing, and each union's own page (SPEC 2.1, 2.2, 5.2)."""

from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gonghui.accounts.models import User
from gonghui.accounts.request import Request
from gonghui.accounts.rules import can_manage_officers
from gonghui.attachments.pages import AttachmentsOfForm
from gonghui.filings.filing import actions
from gonghui.filings.filing.form import FilingForm, initial_of
from gonghui.filings.filing.history import happenings, requests_of
from gonghui.filings.filing.review import FilingKind
from gonghui.filings.models import Amendment, Dissolution, Filing
from gonghui.filings.pages import own_grassroots
from gonghui.filings.queries import particulars_of
from gonghui.filings.rules import can_change, can_file, can_restore, may_be_filed
from gonghui.filings.superior_choice import SuperiorForm
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id, unjudged
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.actions import withdraw as withdraw_review
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, ReviewState, Step
from gonghui.unions import union_details
from gonghui.unions.levels import ENTRANCES
from gonghui.unions.models import RegisteredEmployer, Union, UnionState
from gonghui.unions.queries import coverage_of


@require_GET
def own(request: Request) -> HttpResponse:
    """Shows 「组织管理」 of a grassroots union, in every state of the union."""
    return _union_page(request, own_grassroots(request))


@never_cache
@require_POST
def reveal(request: Request) -> HttpResponse:
    """Shows the page once with 联系电话 in full; records the disclosure."""
    union = own_grassroots(request)
    return _union_page(request, union, phone=actions.reveal_phone(union, by=request.user))


@require_GET
def union(request: Request, pk: int) -> HttpResponse:
    """Shows a union's page to its superiors, read only."""
    union = get_object_or_404(Union.objects.visible_to(request.user).grassroots(), pk=pk)
    if union.pk == request.user.union_id:
        return redirect("filings:own")
    return _union_page(request, union)


@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    """The form 「基层工会资料上报」 of one entrance: saves the draft (also by the page itself), or submits."""
    union = own_grassroots(request)
    draft = Filing.objects.filter(union=union, review=None).first()
    latest = draft or Filing.objects.filter(union=union).order_by("-pk").first()
    entrance = request.POST.get("entrance") or request.GET.get("entrance") or (latest.entrance if latest else "")
    if not may_be_filed(union):
        return redirect("filings:own")
    if entrance not in ENTRANCES:
        return render(request, "filings/entrances.html", {"union": union})
    if request.method == "GET":
        form = FilingForm(entrance=entrance, asked=collected(), initial=_initial(union, entrance, draft))
        return _form_page(request, form, entrance, union, AttachmentsOfForm(request, FilingKind.code))
    form, scans = (
        FilingForm(request.POST, entrance=entrance, asked=collected()),
        AttachmentsOfForm(request, FilingKind.code),
    )
    if scans.only:
        return _form_page(request, unjudged(form), entrance, union, scans)
    if "draft" in request.POST:
        by_itself = request.POST["draft"] == "auto"
        actions.save_draft(union, entrance=entrance, values=form.typed(), by=request.user, by_itself=by_itself)
        if by_itself:
            return JsonResponse({"saved": f"{localtime():%H:%M}"})
        messages.success(request, "草稿已保存，可以随时回来继续填写。")
        return redirect(f"{request.path}?entrance={entrance}")
    if form.is_valid():
        try:
            actions.submit_filing(union, entrance=entrance, values=form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"已提交{form.cleaned_data['superior'].name}审核，结果会在这里和邮件中通知您。")
            return redirect("filings:own")
    return _form_page(request, form, entrance, union, scans, status=422)


@require_GET
def superiors(request: Request) -> HttpResponse:
    """Returns the second select of the form, for the value of the first (htmx)."""
    entrance = request.GET.get("entrance", "")
    if entrance not in ENTRANCES:
        raise Http404
    chosen = {"level2": row_id(request.GET.get("level2"))}
    form = SuperiorForm(entrance=entrance, search="search" in request.GET, initial=chosen)
    return HttpResponse(form["superior"].as_widget())


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraws the union's pending request."""
    review = get_object_or_404(Review.objects.visible_to(request.user), pk=pk, union=request.user.union)
    withdraw_review(review, by=request.user)
    messages.success(request, f"已撤回{KINDS[review.kind].label}，可以修改后重新提交。")
    return redirect("filings:own")


def _union_page(request: Request, union: Union, *, phone: str = "") -> HttpResponse:
    """Renders a union's page. ``phone`` is the full number that the officer has requested."""
    union = Union.objects.select_related("superior__superior", "employer__registered").get(pk=union.pk)
    packed, superior = particulars_of(union)
    requests = requests_of(union)
    ends = list(Dissolution.objects.filter(union=union).select_related("into", "dissolved_by", "restored_by"))
    ended = next((end for end in ends if not end.restored_at), None)
    pending = next((review for review in requests if review.state == ReviewState.PENDING), None)
    own = union.pk == request.user.union_id
    context = {
        "union": union,
        "own": own,
        "facts": union_details.facts(packed, superior, union, phone=phone),
        "phone_shown": bool(phone),
        "may_reveal": can_file(request.user, union) and bool(packed.get("phone_sealed")),
        "happenings": happenings(union, requests, ends),
        "pending": pending,
        "pending_kind": pending and KINDS[pending.kind],
        "decision": _last_decision(requests),
        "coverage": coverage_of(union),
        "draft": Filing.objects.filter(union=union, review=None).exists(),
        "may_manage_officers": can_manage_officers(request.user, union),
        "may_file": can_file(request.user, union) and may_be_filed(union),
        "may_change": can_change(request.user, union),
        "ways": Dissolution.Way.choices,
        "amendment_draft": own and Amendment.objects.filter(union=union, review=None).exists(),
        "ended": ended,
        "may_restore": ended and ended.restorable_days and can_restore(request.user),
        "officers": [] if own else User.objects.filter(union=union, is_active=True).order_by("pk")[:20],
    }
    return render(request, "filings/union.html", context)


def _last_decision(requests: list[Review]) -> Step | None:
    """Returns the newest decided step: 审批意见, 审批人, 审批时间."""
    decided = [(step.decided_at, step) for review in requests for step in review.steps.all() if step.decided_at]
    return max(decided, key=itemgetter(0))[1] if decided else None


def _form_page(
    request: Request, form: FilingForm, entrance: str, union: Union, scans: AttachmentsOfForm, status: int = 200
) -> HttpResponse:
    returned = None
    if union.state == UnionState.RETURNED:
        reviews = (
            Review.objects.filter(union=union, kind=FilingKind.code).prefetch_related("steps__reviewer").order_by("-pk")
        )
        returned = _last_decision(list(reviews[:5]))
    context = {
        "form": form,
        "scans": scans,
        "entrance": entrance,
        "entrance_label": Filing(entrance=entrance).get_entrance_display(),
        "returned": returned,
        "registered": union.employer.registered,
    }
    return render(request, "filings/form.html", context, status=status)


def _initial(union: Union, entrance: str, draft: Filing | None) -> dict[str, Any]:
    """Returns the initial values: the draft, else the returned filing, else the statistical register's."""
    source = draft or Filing.objects.filter(union=union, review__isnull=False).order_by("-pk").first()
    if source:
        values = initial_of(source.values, union)
    else:
        # A union is usually named after its employer; the officer corrects an exception.
        named = {"employer_name": union.employer.name, "name": f"{union.employer.name}工会"}
        values = {**named, **_from_register(union.employer.registered)}
    superior = Union.objects.filter(pk=row_id(values.get("superior")) or 0, kind=ENTRANCES[entrance][1]).first()
    values["superior"] = superior and superior.pk
    if superior:
        values["level2"] = superior.superior_id
    return values


def _from_register(registered_employer: RegisteredEmployer | None) -> dict[str, Any]:
    if registered_employer is None:
        return {}
    return {
        "employer_name": registered_employer.name,
        "code": registered_employer.code,
        "economic_type": registered_employer.economic_type,
        "industry": registered_employer.industry,
        "address": registered_employer.address,
        "staff_count": registered_employer.staff_count,
        "superior": registered_employer.street_id,
        "name": f"{registered_employer.name}工会",
    }

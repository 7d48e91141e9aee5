"""「待办审核」: the desk of a superior union, and the page on which one request is decided (SPEC 5.1)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.models import Role
from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.paging import paginate
from gonghui.reviews import actions, queries
from gonghui.reviews.forms import DeskFilter
from gonghui.reviews.kinds import KINDS, is_clean
from gonghui.reviews.models import Phrase, Review, State, Step
from gonghui.reviews.rules import can_decide
from gonghui.unions.models import Union

# Waiting longer than this many days is shown as late.
LATE_DAYS, VERY_LATE_DAYS = 5, 10


@require_GET
def desk(request: Request) -> HttpResponse:
    """All that waits for this union, oldest first; or, under 「已审核」, what it has decided."""
    _require_superior(request)
    done = request.GET.get("tab") == "done"
    filters = DeskFilter(request.GET)
    steps = filters.narrow(queries.decided(request.user) if done else queries.awaited(request.user))
    steps = steps.select_related("review__union", "review__submitted_by", "reviewer")
    page = paginate(request, steps, order=("-review_id",) if done else ("review_id",), size=20)
    for step in page.rows:
        step.kind_label = KINDS[step.review.kind].label
        step.waiting_days = (timezone.now() - step.review.submitted_at).days
        step.lateness = _lateness(step.waiting_days)
    context = {
        "page": page,
        "filters": filters,
        "done": done,
        "waiting": queries.waiting_count(request.user),
        "may_decide": request.user.has_role(Role.REVIEWER),
        "query": _query(request),
    }
    return render(request, "reviews/desk.html", context)


@require_GET
def review(request: Request, pk: int) -> HttpResponse:
    """One request: the side-by-side, the automatic checks, the rounds before, and the decision."""
    return _review_page(request, _visible(request, pk))


@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """「审核通过」 or 「退回」; then the next one that waits under the same filters."""
    one = _visible(request, pk)
    opinion = request.POST.get("opinion", "")
    decision = request.POST.get("decision", "")
    if decision not in Step.Decision.values:
        raise Http404
    try:
        if "save_phrase" in request.POST and opinion.strip():
            actions.save_phrase(opinion, by=request.user)
        actions.decide(one, decision=decision, opinion=opinion, by=request.user)
    except Refused as refusal:
        return _review_page(request, one, refused=refusal.sentence, opinion=opinion, status=409)
    messages.success(request, f"「{one.title}」已{'审核通过' if decision == Step.Decision.APPROVED else '退回'}。")
    following = _following(request, one)
    if following is None:
        messages.info(request, "没有更多待审核的申请了。")
        return redirect(f"{reverse('reviews:desk')}?{_query(request)}")
    return redirect(f"{reverse('reviews:review', args=[following.review_id])}?{_query(request)}")


@require_POST
def decide_several(request: Request) -> HttpResponse:
    """The ticked ones at once. Approval passes over those whose automatic checks ask for a look."""
    _require_superior(request)
    decision, opinion = request.POST.get("decision", ""), request.POST.get("opinion", "")
    ids = [pk for text in request.POST.getlist("review")[:100] if (pk := row_id(text))]
    if decision not in Step.Decision.values:
        raise Http404
    if not ids:
        messages.error(request, "请先勾选要审核的申请。")
    done = 0
    for one in Review.objects.visible_to(request.user).filter(pk__in=ids).select_related("union").order_by("pk"):
        if decision == Step.Decision.APPROVED and not is_clean(one):
            messages.warning(request, f"「{one.title}」的自动核查有需要注意的地方，请单独打开审核。")
            continue
        try:
            actions.decide(one, decision=decision, opinion=opinion, by=request.user)
            done += 1
        except Refused as refusal:
            messages.error(request, f"「{one.title}」：{refusal.sentence}")
    if done:
        messages.success(request, f"已{'审核通过' if decision == Step.Decision.APPROVED else '退回'} {done} 项申请。")
    return redirect(f"{reverse('reviews:desk')}?{_query(request)}")


@require_POST
def remove_phrase(request: Request, pk: int) -> HttpResponse:
    """Forget a saved opinion."""
    actions.remove_phrase(get_object_or_404(Phrase, pk=pk, user=request.user), by=request.user)
    messages.success(request, "已删除这条常用意见。")
    return redirect(request.headers.get("Referer") or "reviews:desk")


def _require_superior(request: Request) -> None:
    if own_union(request).is_grassroots:
        raise Http404


def _visible(request: Request, pk: int) -> Review:
    rows = Review.objects.visible_to(request.user).select_related("union", "submitted_by")
    return get_object_or_404(rows, pk=pk)


def _review_page(
    request: Request, one: Review, *, refused: str = "", opinion: str = "", status: int = 200
) -> HttpResponse:
    kind = KINDS[one.kind]
    steps = list(one.steps.select_related("superior", "reviewer").order_by("pk"))
    own = next((step for step in steps if step.open and can_decide(request.user, step)), None)
    superior = not own_union(request).is_grassroots
    earlier = Review.objects.visible_to(request.user).filter(union=one.union, kind=one.kind, pk__lt=one.pk)
    following = _following(request, one) if own else None
    context = {
        "review": one,
        "kind": kind,
        "headings": kind.headings(one),
        "changes": kind.changes(one),
        "checks": kind.checks(one) if superior else (),
        "steps": steps,
        "own": own,
        "earlier": earlier.exclude(state=State.PENDING).prefetch_related("steps__reviewer").order_by("-pk")[:20],
        "phrases": Phrase.objects.filter(user=request.user).order_by("pk") if own else (),
        "following": following,
        "refused": refused,
        "opinion": opinion,
        "query": _query(request),
        "superior": superior,
        "union_seen": superior and Union.objects.visible_to(request.user).filter(pk=one.union_id).exists(),
    }
    return render(request, "reviews/review.html", context, status=status)


def _following(request: Request, one: Review) -> Step | None:
    """The next awaited step under the request's filters: after this one, else from the start."""
    steps = DeskFilter(request.GET).narrow(queries.awaited(request.user)).exclude(review=one).order_by("review_id")
    return steps.filter(review_id__gt=one.pk).first() or steps.first()


def _query(request: Request) -> str:
    """The filters, to be carried along."""
    return urlencode([(key, value) for key, value in request.GET.items() if key in {"kind", "q", "tab"} and value])


def _lateness(days: int) -> str:
    """The badge's tone for so many days of waiting."""
    return "red" if days >= VERY_LATE_DAYS else "orange" if days >= LATE_DAYS else "grey"

"""The page on which one request is decided, and the reviewer's phrases (SPEC 5.1)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gonghui.accounts.models import Role
from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.redirects import came_from
from gonghui.reviews import actions, presence, queries
from gonghui.reviews.desk_views import lateness
from gonghui.reviews.export import waiting_days
from gonghui.reviews.forms import filters_of
from gonghui.reviews.hooks import KINDS, sections
from gonghui.reviews.kinds import Change, ReviewKind, asker, checks_of, matter, subject
from gonghui.reviews.models import Phrase, Review, ReviewPart, ReviewState, Step
from gonghui.reviews.rules import can_decide, can_open_desk
from gonghui.unions.models import Union


@never_cache
@require_GET
def review(request: Request, pk: int) -> HttpResponse:
    """Shows one request: comparison, automatic checks, earlier rounds, and the decision."""
    return _review_page(request, _visible(request, pk))


@never_cache
@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """「审核通过」 or 「退回」; then the next pending request under the same filters."""
    review = _visible(request, pk)
    opinion = request.POST.get("opinion", "")
    decision = request.POST.get("decision", "")
    if decision not in Step.Decision.values:
        raise Http404
    step = review.steps.filter(superior=request.user.union_id, pk=row_id(request.POST.get("step")) or 0).first()
    try:
        decided = actions.decide(
            review,
            decision=decision,
            opinion=opinion,
            by=request.user,
            part=step.part if step else None,
            keep_opinion="save_phrase" in request.POST,
        )
    except Refused as refusal:
        return _review_page(request, review, refused=refusal, opinion=opinion, status=409)
    messages.success(request, _said(decided, decision))
    return redirect(_following(request, step.pk if step else 0))


@never_cache
@require_POST
def reveal(request: Request, pk: int) -> HttpResponse:
    """「显示完整号码」: shows the same page once with the numbers in full."""
    review = _visible(request, pk)
    return _review_page(request, review, full=actions.reveal(review, by=request.user))


@require_POST
def here(request: Request, pk: int) -> HttpResponse:
    """Renews the user's presence and shows who else has the request open (htmx, every minute)."""
    review = _visible(request, pk)
    others = presence.arrive(review, request.user) if can_open_desk(request.user) else []
    return render(request, "reviews/present.html", {"review": review, "others": others})


@never_cache
@require_GET
def approval_form(request: Request, pk: int) -> HttpResponse:
    """「审批表」: one request on one printed sheet: values, checks, decision."""
    review = _visible(request, pk)
    kind = KINDS[review.kind]
    changes = actions.changes_shown(review, by=request.user)
    context = {
        "review": review,
        "kind": kind,
        "headings": kind.headings(review),
        "asker": asker(review),
        "matter": matter(review),
        "lines": changes,
        "compares": any(change.old is not None for change in changes),
        "checks": checks_of(review) if can_open_desk(request.user) else (),
        "steps": review.steps.select_related("superior", "reviewer", "in_place_of").order_by("pk"),
    }
    return render(request, "reviews/approval_form.html", context)


def _said(decided: Review, decision: str) -> str:
    if decided.state == ReviewState.PENDING:
        return f"「{subject(decided)}」已通过本工会的审核，还要等另一方的上级工会审核。"
    return f"「{subject(decided)}」已{'审核通过' if decision == Step.Decision.APPROVED else '退回'}。"


def _following(request: Request, decided: int) -> str:
    """Returns the address of the next pending step under the filters: after the decided one, else the first."""
    filters = filters_of(request.GET, own_union(request))
    steps = queries.awaited(request.user).order_by("pk")
    if request.GET.get("tab") != "done":
        steps = filters.narrow(steps)
    following = steps.filter(pk__gt=decided).first() or steps.first()
    if following is None:
        messages.info(request, "没有更多待审核的申请了。")
        return f"{reverse('reviews:desk')}?{filters.query}"
    return f"{reverse('reviews:review', args=[following.review_id])}?{filters.query_with(step=str(following.pk))}"


@require_POST
def remove_phrase(request: Request, pk: int) -> HttpResponse:
    """Deletes a saved opinion."""
    actions.remove_phrase(get_object_or_404(Phrase, pk=pk, user=request.user), by=request.user)
    messages.success(request, "已删除这条常用意见。")
    return redirect(came_from(request) or "reviews:desk")


def _visible(request: Request, pk: int) -> Review:
    rows = Review.objects.visible_to(request.user).select_related("union", "submitted_by")
    return get_object_or_404(rows, pk=pk)


def _review_page(
    request: Request,
    review: Review,
    *,
    refused: Refused | None = None,
    opinion: str = "",
    full: Sequence[Change] | None = None,
    status: int = 200,
) -> HttpResponse:
    kind, union, user = KINDS[review.kind], own_union(request), request.user
    steps = list(review.steps.select_related("superior", "reviewer", "in_place_of").order_by("pk"))
    awaited = _asked_for(request, [step for step in steps if step.open and step.superior_id == user.union_id])
    own = awaited if awaited and can_decide(user, awaited) else None
    filters, done = filters_of(request.GET, union), request.GET.get("tab") == "done"
    superior = can_open_desk(user)
    earlier = Review.objects.visible_to(user).filter(union=review.union, kind=review.kind, pk__lt=review.pk)
    if not kind.exclusive:  # other requests of the union are about other people
        earlier = earlier.filter(title=review.title)
    waiting, days = queries.awaited(user), waiting_days(review)
    context = {
        "review": review,
        "kind": kind,
        "headings": kind.headings(review),
        "asker": asker(review),
        "matter": matter(review),
        "subject": subject(review),
        **_compared(kind, review, full or actions.changes_shown(review, by=user)),
        "revealed": full is not None,
        "details": kind.details(review),
        "sections": sections(review, user),
        "checks": checks_of(review) if superior else (),
        "steps": steps,
        "own": own,
        "awaited": awaited,
        "earlier": earlier.exclude(state=ReviewState.PENDING)
        .prefetch_related("steps__reviewer", "steps__in_place_of")
        .order_by("-pk")[:20],
        "phrases": actions.phrases_for(review.kind, user) if own else (),
        "place": queries.place_of(awaited, waiting if done else filters.narrow(waiting)) if awaited else None,
        "cover": queries.cover_in_force(user) if own and not user.has_role(Role.REVIEWER) else None,
        "several_parts": any(step.part != ReviewPart.SUPERIOR for step in steps),
        "waiting_days": days,
        "lateness": lateness(days),
        "refused": refused,
        "opinion": opinion,
        "others": presence.arrive(review, user) if awaited and superior else (),
        "query": filters.query,
        "superior": superior,
        "union_shown": superior and Union.objects.visible_to(user).filter(pk=review.union_id).exists(),
    }
    return render(request, "reviews/review.html", context, status=status)


def _compared(kind: ReviewKind, review: Review, changes: Sequence[Change]) -> dict[str, Any]:
    """Returns the lines of the comparison and the folded ones; old values only where there are any."""
    folded = [change for change in changes if change.unchanged] if kind.folds_unchanged(review) else []
    return {
        "compares": any(change.old is not None for change in changes),
        "lines": [change for change in changes if change not in folded],
        "folded": folded,
    }


def _asked_for(request: Request, awaited: list[Step]) -> Step | None:
    """Returns the pending step of the user's union that the address names, else the first."""
    wanted = row_id(request.GET.get("step"))
    return next((step for step in awaited if step.pk == wanted), awaited[0] if awaited else None)

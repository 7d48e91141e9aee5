"""The page on which one request is decided, and the reviewer's phrases (SPEC 5.1)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from gonghui.accounts.models import Role, User
from gonghui.accounts.request import Request, own_union
from gonghui.kit.errors import Refused
from gonghui.kit.forms import row_id
from gonghui.kit.redirects import came_from
from gonghui.reviews import actions, presence, queries
from gonghui.reviews.desk_views import lateness
from gonghui.reviews.export import waiting_days
from gonghui.reviews.forms import DeskFilter, filters_of
from gonghui.reviews.hooks import KINDS, sections
from gonghui.reviews.kinds import Change, ReviewKind, asker, checks_of, matter, subject
from gonghui.reviews.models import Phrase, Review, ReviewPart, ReviewState, Step
from gonghui.reviews.rules import can_decide, can_open_desk
from gonghui.unions.models import Union


@never_cache
@require_GET
def review(request: Request, pk: int) -> HttpResponse:
    """Shows one request: comparison, automatic checks, earlier rounds, and the decision.

    Asked by htmx, it returns the pane beside the desk's list: the access is recorded and shown to others in the same way.
    """
    return _review_page(request, _visible(request, pk))


@never_cache
@require_POST
def decide(request: Request, pk: int) -> HttpResponse:
    """「审核通过」 or 「退回」; then the next pending request: the list's own in the pane, else under the filters."""
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
    following = _following(request, step.pk if step else 0)
    if following is None:
        messages.info(request, "没有更多待审核的申请了。")
    if request.htmx:
        return _beside(request, following)
    filters = filters_of(request.GET, own_union(request))
    if following is None:
        return redirect(f"{reverse('reviews:desk')}?{filters.query}")
    query = filters.query_with(step=str(following.pk))
    return redirect(f"{reverse('reviews:review', args=[following.review_id])}?{query}")


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


def _following(request: Request, decided: int) -> Step | None:
    """Returns the next pending step: the one that the list names, else by the filters after the decided one, else the
    first.
    """
    awaited = queries.awaited(request.user).order_by("pk")
    if named := awaited.filter(pk=row_id(request.POST.get("next")) or 0).first():
        return named
    filters = filters_of(request.GET, own_union(request))
    steps = awaited if request.GET.get("tab") == "done" else filters.narrow(awaited)
    return steps.filter(pk__gt=decided).first() or steps.first()


def _beside(request: Request, following: Step | None) -> HttpResponse:
    """The next one beside the list, which is told that a row has left it."""
    if following is None:
        answer = render(request, "reviews/pane.html", {"said": True})
    else:
        answer = _review_page(request, _visible(request, following.review_id), wanted=following.pk)
    return trigger_client_event(answer, "gonghui:decided")


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
    wanted: int | None = None,
    status: int = 200,
) -> HttpResponse:
    """The request's page, or beside the list a part of that page; of several steps the ``wanted`` one is decided."""
    changes, said = full or actions.changes_shown(review, by=request.user), request.method == "POST"
    context = _context(request, review, changes, wanted or row_id(request.GET.get("step")))
    context |= {"revealed": full is not None, "refused": refused, "opinion": opinion}
    if not request.htmx:
        return render(request, "reviews/review.html", context, status=status)
    answer = render(request, "reviews/pane.html", context | {"beside": True, "said": said}, status=status)
    return trigger_client_event(answer, "gonghui:decided") if said and not context["awaited"] else answer


def _context(request: Request, review: Review, changes: Sequence[Change], wanted: int | None) -> dict[str, Any]:
    kind, union, user = KINDS[review.kind], own_union(request), request.user
    steps = list(review.steps.select_related("superior", "reviewer", "in_place_of").order_by("pk"))
    awaited = _asked_for(wanted, [step for step in steps if step.open and step.superior_id == user.union_id])
    own = awaited if awaited and can_decide(user, awaited) else None
    filters, superior, days = filters_of(request.GET, union), can_open_desk(user), waiting_days(review)
    return {
        "review": review,
        "kind": kind,
        "headings": kind.headings(review),
        "asker": asker(review),
        "matter": matter(review),
        "subject": subject(review),
        **_compared(kind, review, changes, beside=bool(request.htmx)),
        "details": kind.details(review),
        "sections": sections(review, user),
        "checks": checks_of(review) if superior else (),
        "steps": steps,
        "own": own,
        "awaited": awaited,
        "earlier": _earlier(review, user),
        "phrases": actions.phrases_for(review.kind, user) if own else (),
        "place": _place(request, awaited, filters),
        "cover": queries.cover_in_force(user) if own and not user.has_role(Role.REVIEWER) else None,
        "several_parts": any(step.part != ReviewPart.SUPERIOR for step in steps),
        "waiting_days": days,
        "lateness": lateness(days),
        "others": presence.arrive(review, user) if awaited and superior else (),
        "query": filters.query,
        "superior": superior,
        "union_shown": superior and Union.objects.visible_to(user).filter(pk=review.union_id).exists(),
    }


def _earlier(review: Review, user: User) -> QuerySet[Review]:
    """The rounds before, the newest first."""
    rows = Review.objects.visible_to(user).filter(union=review.union, kind=review.kind, pk__lt=review.pk)
    if not KINDS[review.kind].exclusive:  # others of the union are about somebody else
        rows = rows.filter(title=review.title)
    rows = rows.exclude(state=ReviewState.PENDING).order_by("-pk")
    return rows.prefetch_related("steps__reviewer", "steps__in_place_of")[:20]


def _place(request: Request, step: Step | None, filters: DeskFilter) -> queries.Place | None:
    """Where the step stands on the desk, under its filters; beside the list that is seen."""
    if step is None or request.htmx:
        return None
    waiting = queries.awaited(request.user)
    return queries.place_of(step, waiting if request.GET.get("tab") == "done" else filters.narrow(waiting))


def _compared(kind: ReviewKind, review: Review, changes: Sequence[Change], *, beside: bool) -> dict[str, Any]:
    """Returns the lines of the comparison and the folded ones; old values only where there are any."""
    folds = beside or kind.folds_unchanged(review)  # beside the list there is room for what differs
    folded = [change for change in changes if change.unchanged] if folds else []
    return {
        "compares": any(change.old is not None for change in changes),
        "lines": [change for change in changes if change not in folded],
        "folded": folded,
    }


def _asked_for(wanted: int | None, awaited: list[Step]) -> Step | None:
    """Returns the wanted one of the pending steps of the user's union, else the first."""
    return next((step for step in awaited if step.pk == wanted), awaited[0] if awaited else None)

"""The history of a union, newest first: requests, decisions, dissolution and restoration (SPEC 2.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from gonghui.filings.filing.review import FilingKind
from gonghui.filings.models import Dissolution
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, ReviewState
from gonghui.unions.models import Union

MAX_REQUESTS = 50


@dataclass(frozen=True)
class Happening:
    """One line of the history: event, opinion, user; ``url`` leads to the request."""

    at: datetime
    title: str
    text: str = ""
    by: str = ""
    url: str = ""
    now: bool = False


def requests_of(union: Union) -> list[Review]:
    """Returns the newest MAX_REQUESTS exclusive requests of the union, with their steps, newest first."""
    rows = Review.objects.filter(union=union, exclusive=True).select_related("submitted_by")
    return list(
        rows.prefetch_related("steps__reviewer", "steps__in_place_of", "steps__superior").order_by("-pk")[:MAX_REQUESTS]
    )


def happenings(union: Union, requests: Sequence[Review], dissolutions: Sequence[Dissolution]) -> list[Happening]:
    """Returns all events, newest first. The registration is the last one."""
    lines = [line for review in requests for line in _of_request(review)]
    lines += [line for dissolution in dissolutions for line in _of_end(dissolution)]
    lines.append(Happening(union.created_at, "注册账号"))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _of_request(review: Review) -> Iterator[Happening]:
    label, url = KINDS[review.kind].label, reverse("reviews:review", args=[review.pk])
    steps = review.steps.all()
    superiors = "、".join(step.superior.name for step in steps)
    nth = f"第 {review.round} 次" if review.round > 1 or review.kind == FilingKind.code else ""
    title = f"提交{label}{f'（{nth}）' if nth else ''}，请{superiors}审核"
    pending = review.state == ReviewState.PENDING
    yield Happening(review.submitted_at, title, by=str(review.submitted_by), url=url, now=pending)
    for step in steps:
        if step.decided_at:
            decision = f"{step.superior.name}：{label}{step.get_decision_display()}"
            yield Happening(step.decided_at, decision, step.opinion, str(step.decided_by), url)
    if review.state == ReviewState.WITHDRAWN and review.closed_at:
        yield Happening(review.closed_at, f"撤回{label}", url=url)


def _of_end(dissolution: Dissolution) -> Iterator[Happening]:
    url = reverse("filings:dissolution", args=[dissolution.pk])
    into = f"到{dissolution.into.name}" if dissolution.into else ""
    title = f"撤销工会（{dissolution.get_way_display()}{into}），会员 {dissolution.member_count} 人"
    yield Happening(dissolution.dissolved_at, title, dissolution.reason, str(dissolution.dissolved_by), url)
    if dissolution.restored_at:
        title = f"恢复工会，恢复会员 {dissolution.restored_count} 人"
        yield Happening(dissolution.restored_at, title, dissolution.restore_reason, str(dissolution.restored_by), url)

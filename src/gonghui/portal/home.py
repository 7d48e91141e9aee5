"""The contents of the front pages (SPEC 1.6): waiting and due rows, changes since the last visit, figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import localdate, localtime, now

from gonghui.accounts.models import User
from gonghui.accounts.queries import previous_visit
from gonghui.filings.filing.review import FilingKind
from gonghui.filings.registration.actions import latest_claim
from gonghui.filings.reminders.queries import figures
from gonghui.imports.hooks import KINDS
from gonghui.inspections import queries as inspections
from gonghui.inspections.models import Subject, Window
from gonghui.notices.models import Notice
from gonghui.publishing import queries as published
from gonghui.publishing.models import Section
from gonghui.reviews import queries as reviews
from gonghui.reviews.models import Review
from gonghui.reviews.models import Step as ReviewStep
from gonghui.reviews.rules import can_review
from gonghui.statistics import queries as statistics
from gonghui.unions.models import Union, UnionState
from gonghui.unions.queries import branches

MAX_NEWS = 6
SHOWN_NEWS, SHOWN_OTHERS, SHOWN_LOCAL, SHOWN_FILES = 7, 5, 6, 4
"""Lines of each part of the public home page."""
OVERVIEW_SECONDS = 300
"""Maximum age in seconds of the figures of a district or of the city; the page shows their time."""


@dataclass(frozen=True)
class Step:
    """One of a new union's first steps, and whether it is done."""

    label: str
    words: str
    url: str
    done: bool


@dataclass(frozen=True)
class Due:
    """An open inspection as a superior sees it."""

    window: Window
    completion: inspections.Completion
    url: str

    @property
    def percent(self) -> int:
        return self.completion.done * 100 // self.completion.total if self.completion.total else 0


def since_last_visit(user: User) -> dict[str, Any]:
    """Returns the newest notices since the user's last visit (or of today, if that is unknown), and its time."""
    since = previous_visit(user) or localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Notice.objects.visible_to(user).filter(created_at__gt=since).order_by("-id")
    return {"since": since, "notices": rows[:MAX_NEWS]}


def public_home() -> dict[str, Any]:
    """What the public home page shows: the slides, and of each section the pinned articles and the newest."""
    news = published.latest(Section.NEWS, SHOWN_NEWS)
    found = published.slides()
    return {
        "slides": found,
        "lead": None if found else next(iter(news), None),
        "news": news if found else news[1:],
        "announcements": published.latest(Section.ANNOUNCEMENTS, SHOWN_OTHERS),
        "documents": published.latest(Section.DOCUMENTS, SHOWN_OTHERS - 1),
        "local_news": published.local_news(SHOWN_LOCAL),
        "files": published.public_downloads()[:SHOWN_FILES],
        "kinds": KINDS.values(),
    }


def claim_home(user: User) -> dict[str, Any]:
    """For an account without a union."""
    claim = latest_claim(user)
    return {"claim": claim, "opinion": _last_opinion(claim.review) if claim else None}


def union_home(user: User, union: Union) -> dict[str, Any]:
    """For a grassroots union."""
    review = union.reviews.filter(kind=FilingKind.code).order_by("-id").first()
    return {
        "union": union,
        "review": review,
        "opinion": _last_opinion(review) if review else None,
        "steps": list(first_steps(union)),
        "reelection_days": (union.reelection_on - localdate()).days if union.reelection_on else None,
    }


def first_steps(union: Union) -> Iterator[Step]:
    """Returns the first steps of an approved union; nothing when all of them are done."""
    if union.state != UnionState.APPROVED:
        return
    confirmed = all(inspections.unconfirmed(union, subject) is None for subject in Subject)
    steps = [
        Step(
            "导入会员",
            "下载模板，一次导入全部会员",
            reverse("imports:upload", args=["members"]),
            union.member_count > 0,
        ),
        Step(
            "核对会员人数",
            "会员人数与职工人数相符",
            reverse("members:list"),
            union.member_count > 0 and union.working_count <= (union.staff_count or 0),
        ),
        Step("申请办卡", "为会员申请会员服务卡", reverse("cards:add"), union.card_batches.exists()),
        Step("完成年检", "确认组织和会员信息", reverse("inspections:home"), union.member_count > 0 and confirmed),
    ]
    if not all(step.done for step in steps):
        yield from steps


def street_home(user: User, union: Union) -> dict[str, Any]:
    """For a street union or a company union: the waiting reviews by kind, due dates below, figures."""
    return {
        "union": union,
        **_desk(user),
        "dues": list(dues(union)),
        "deadlines": figures(union),
        "trend": statistics.trend(union),
    }


def _desk(user: User) -> dict[str, Any]:
    """Returns the waiting reviews by kind and in total, by one statement."""
    kinds = reviews.waiting_by_kind(user)
    return {
        "kinds": kinds,
        "waiting": sum(kind.count for kind in kinds),
        "late": sum(kind.late for kind in kinds),
        "no_doubts": sum(kind.no_doubts for kind in kinds),
        "may_decide": can_review(user),
    }


def dues(union: Union) -> Iterator[Due]:
    """Returns the open inspections, with the progress of the unions below."""
    for subject in Subject:
        window = inspections.shown_window(union, subject)
        if window:
            url = f"{inspections.home_of(window)}?node={union.pk}&tab=left"
            yield Due(window, inspections.completion(window, union)[0], url)


@dataclass(frozen=True)
class Branch:
    """A line of the overview: one direct superior union, or the sum of all."""

    node: Union | None
    unions: int
    members: int
    retained: int
    cards: int
    organisations: inspections.Completion | None
    people: inspections.Completion | None
    waiting: int
    since: datetime | None

    @property
    def days(self) -> int | None:
        return (localdate() - localdate(self.since)).days if self.since else None

    @property
    def card_rate(self) -> str:
        return f"{self.cards * 1000 // self.members / 10:.1f}%" if self.members else "-"


def overview_home(user: User, union: Union) -> dict[str, Any]:
    """For the city and for a district or bureau: one overview page, at most OVERVIEW_SECONDS old."""
    key = f"overview-{union.pk}-{localdate()}"
    overview: dict[str, Any] = cache.get_or_set(key, lambda: overview_of(union), OVERVIEW_SECONDS) or {}
    return {"union": union, **_desk(user), **overview}


def overview_of(union: Union) -> dict[str, Any]:
    """Returns the figures of each branch and of the whole, and the waiting reviews below by age."""
    windows = {subject: inspections.shown_window(union, subject) for subject in Subject}
    completions = {
        subject: {completion.node.pk: completion for completion in inspections.completion(window, union)[1]}
        if window
        else {}
        for subject, window in windows.items()
    }
    cards, waiting = statistics.cards_by_branch(union), reviews.waiting_by_branch(union)
    lines = [
        Branch(
            node,
            node.unions,  # type: ignore[attr-defined] # `branches` counted it
            node.people,  # type: ignore[attr-defined]
            node.retained,  # type: ignore[attr-defined]
            cards.get(node.pk, (0, 0))[1],
            completions[Subject.ORGANISATIONS].get(node.pk),
            completions[Subject.MEMBERS].get(node.pk),
            *waiting.get(node.pk, (0, None)),
        )
        for node in branches(union)
    ]
    return {
        "lines": lines,
        "total": _total(lines),
        "windows": windows,
        "ages": (ages := reviews.waiting_by_age(union)),
        "most_age": max(count for _, count in ages),
        "deadlines": figures(union),
        "trend": statistics.trend(union),
        "counted_at": now(),
    }


def _total(lines: Sequence[Branch]) -> Branch:
    def whole(parts: list[inspections.Completion | None]) -> inspections.Completion | None:
        known_parts = [part for part in parts if part]
        node = known_parts[0].node if known_parts else None
        if node is None:
            return None
        return inspections.Completion(
            node, sum(part.total for part in known_parts), sum(part.done for part in known_parts)
        )

    return Branch(
        None,
        sum(line.unions for line in lines),
        sum(line.members for line in lines),
        sum(line.retained for line in lines),
        sum(line.cards for line in lines),
        whole([line.organisations for line in lines]),
        whole([line.people for line in lines]),
        sum(line.waiting for line in lines),
        min((line.since for line in lines if line.since), default=None),
    )


def _last_opinion(review: Review) -> ReviewStep | None:
    """Returns the newest decided step of a review: 审批意见, 审批人, 审批时间."""
    return review.steps.exclude(decision=None).select_related("reviewer", "superior").order_by("-decided_at").first()

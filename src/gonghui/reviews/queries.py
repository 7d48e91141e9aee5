"""Reads of the desk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, F, Min, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import Role, User
from gonghui.notices.hooks import TaskKind
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Cover, Review, ReviewState, Step
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union

SHOWN_WAITING = 999
COUNTED = 10_000
OPEN = Q(open=True, review__state=ReviewState.PENDING)
"""An open step has an open review; to say so lets ``review_waiting`` answer, an index of those alone, where many are counted."""
# Waiting for so many days is late, and very late.
LATE_DAYS, VERY_LATE_DAYS = 5, 10


def task_kind(kind: str) -> str:
    """The kind of task of notices that want a say in reviews of this kind (``notices.hooks.TaskKind``)."""
    return f"review.{kind}"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``: each kind's desk, filtered."""
    desk = reverse("reviews:desk")
    return [
        TaskKind(task_kind(kind.code), f"{kind.label}待审核", f"{desk}?kind={kind.code}") for kind in KINDS.values()
    ]


def awaited(user: User) -> QuerySet[Step]:
    """Returns the pending steps of the user's union; ordered by id, the oldest come first."""
    return awaited_by(user.union_id)


def awaited_by(union_id: int | None) -> QuerySet[Step]:
    """Returns the pending steps of a superior union: open, and in no bulk decision. An open step has an open review."""
    return Step.objects.filter(superior=union_id, open=True, bulk=None)


def decided(user: User) -> QuerySet[Step]:
    """Returns the steps that the user's union has decided; they stay visible when the subject moves away."""
    return Step.objects.filter(superior=user.union_id, decision__isnull=False)


def waiting_count(user: User) -> int:
    """Returns the number of pending reviews of the user's union, counted up to SHOWN_WAITING + 1."""
    return awaited(user)[: SHOWN_WAITING + 1].count()


def late_since(days: int = LATE_DAYS) -> datetime:
    """Returns the time before which a request must be submitted to have waited ``days`` days."""
    return timezone.now() - timedelta(days=days)


def counts_by_kind(steps: QuerySet[Step]) -> tuple[dict[str, int], int, int]:
    """Returns the steps by kind, the late ones, and those without doubts, each counted; one statement."""
    rows = steps.values("review__kind").annotate(
        all=Count("pk"),
        late=Count("pk", filter=Q(review__submitted_at__lte=late_since())),
        no_doubts=Count("pk", filter=Q(review__doubts=0)),
    )
    found = list(rows.order_by())
    by_kind = {row["review__kind"]: row["all"] for row in found}
    return by_kind, sum(row["late"] for row in found), sum(row["no_doubts"] for row in found)


@dataclass(frozen=True)
class KindWaiting:
    """The pending requests of one kind: their number, the late ones, those without doubts, and the time of the oldest."""

    kind: str
    count: int
    late: int
    no_doubts: int
    since: datetime

    @property
    def label(self) -> str:
        return KINDS[self.kind].label

    @property
    def days(self) -> int:
        return (timezone.localdate() - timezone.localdate(self.since)).days


def waiting_by_kind(user: User) -> list[KindWaiting]:
    """Returns the pending requests of the user's union by kind, the kind with the oldest first; one statement."""
    rows = (
        awaited(user)
        .filter(OPEN)
        .values("review__kind")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(review__submitted_at__lte=late_since())),
            no_doubts=Count("pk", filter=Q(review__doubts=0)),
            since=Min("review__submitted_at"),
        )
    )
    fields = ("review__kind", "count", "late", "no_doubts", "since")
    return [KindWaiting(*row) for row in rows.order_by("since").values_list(*fields)]


@dataclass(frozen=True)
class Place:
    """The position of a step in a list, and its neighbours; ``total`` is counted up to COUNTED."""

    number: int
    total: int
    previous: Step | None
    following: Step | None


def place_of(step: Step, steps: QuerySet[Step]) -> Place:
    """Returns the position of a pending step among ``steps``, oldest first."""
    before, after = steps.filter(pk__lt=step.pk), steps.filter(pk__gt=step.pk)
    number = before.order_by()[:COUNTED].count() + 1
    return Place(
        number=number,
        total=number + after.order_by()[:COUNTED].count(),
        previous=before.order_by("-pk").first(),
        following=after.order_by("pk").first(),
    )


def past_deciders(union: Union) -> QuerySet[User]:
    """Returns the users who have decided for the union, for the filter of 「已审核」."""
    return User.objects.filter(pk__in=Step.objects.filter(superior=union, reviewer__isnull=False).values("reviewer"))


def open_review(union: Union) -> Review | None:
    """Returns the union's pending exclusive request, which blocks every other one, if there is one."""
    return Review.objects.filter(union=union, state=ReviewState.PENDING, exclusive=True).first()


def blocking_review(union: Union) -> Iterator[Blocker]:
    """Yields the union's open request, for ``unions.hooks.blockers``."""
    if review := open_review(union):
        label = KINDS[review.kind].label
        yield Blocker(f"「{label}」正在等待上级工会审核", reverse("reviews:review", args=[review.pk]))


# Leave covers


def cover_in_force(user: User, *, lock: bool = False) -> Cover | None:
    """Returns the cover by which the user reviews for a colleague today; ``lock``: it cannot be revoked in this transaction."""
    covers = Cover.objects.in_force(timezone.localdate()).filter(cover=user).select_related("absent").order_by("pk")
    return (covers.select_for_update(of=["self"], no_key=True) if lock else covers).first()


def deciders_of(*unions: int | None) -> list[User]:
    """Returns the users who may decide for these superiors (ids) today: reviewers and their covers. One statement."""
    covering = Cover.objects.in_force(timezone.localdate()).filter(absent__union__in=unions).values("cover")
    reviewing = Q(roles__contains=[Role.REVIEWER]) | Q(pk__in=covering)
    return list(User.objects.filter(reviewing, union__in=unions, is_active=True).order_by("pk"))


# Pending requests below


def awaited_below(user: User) -> QuerySet[Step]:
    """Returns the pending steps of the superior unions below the user's own (SPEC 5.2)."""
    below = Union.objects.visible_to(user).superiors().exclude(pk=user.union_id)
    return Step.objects.filter(OPEN, superior__in=below)


def waiting_unions(user: User) -> Sequence[Any]:
    """Returns the unions below with pending requests, the longest waiting first: number, late ones, time of the oldest.

    For the city the unions of one district or bureau stay together, itself among them, in the order of its longest waiting.
    """
    counts = (
        awaited_below(user)
        .values("superior")
        .annotate(
            waiting=Count("pk"),
            late=Count("pk", filter=Q(review__submitted_at__lte=late_since())),
            very_late=Count("pk", filter=Q(review__submitted_at__lte=late_since(VERY_LATE_DAYS))),
            since=Min("review__submitted_at"),
        )
    )
    rows: list[dict[str, Any]] = [{**row} for row in counts.order_by("since", "superior")]
    # Named afterwards: grouped by their names, each of a hundred thousand requests would be joined to three unions.
    named = Union.objects.select_related("superior", "level2").in_bulk([row["superior"] for row in rows])
    for row in rows:
        union = named[row["superior"]]
        row["name"], row["above"] = union.name, union.superior and union.superior.name
        row["branch"] = union.level2.name if union.level2 else union.name
    if user.union and user.union.level == 1:
        places: dict[str, int] = {}
        for row in rows:
            places.setdefault(row["branch"], len(places))
        rows.sort(key=lambda row: places[row["branch"]])
    return rows


AGES = (("超过 15 天", 15, None), ("6 到 15 天", 5, 15), ("3 到 5 天", 2, 5), ("2 天以内", None, 2))
"""Label, and the days of waiting: more than the first number, up to the second."""


def waiting_by_age(node: Union) -> list[tuple[str, int]]:
    """Returns the pending requests of the unions below ``node`` (levels 1 and 2), by AGES."""
    counts = {}
    for place, (_, more, most) in enumerate(AGES):
        newest = Q(review__submitted_at__lte=late_since(more)) if more else Q()
        oldest = Q(review__submitted_at__gt=late_since(most)) if most else Q()
        counts[f"age_{place}"] = Count("pk", filter=newest & oldest)
    scope = {} if node.level == 1 else {"superior__level2": node}
    counted = Step.objects.filter(OPEN, **scope).exclude(superior=node).aggregate(**counts)
    return [(label, counted[f"age_{place}"]) for place, (label, _, _) in enumerate(AGES)]


def waiting_by_branch(node: Union) -> dict[int, tuple[int, datetime]]:
    """Returns the pending requests of each branch below ``node`` (levels 1 and 2) and the oldest's time; a branch's desk
    is part of it.
    """
    scope = {} if node.level == 1 else {"superior__level2": node}
    branch = F("superior") if node.level == 2 else Coalesce("superior__level2", "superior")
    rows = Step.objects.filter(OPEN, **scope).exclude(superior=node).annotate(branch=branch)
    counted = rows.values("branch").annotate(count=Count("pk"), since=Min("review__submitted_at")).order_by()
    return {row["branch"]: (row["count"], row["since"]) for row in counted}


def unions_waiting(node: Union, key: str) -> dict[int, int]:
    """Returns the number of unions with a pending review by branch of the reviewer, for ``unions.hooks.BRANCH_FIGURES``."""
    level = {"level2": "superior__level2", "level3": "superior"}[key]
    scope = {} if key == "level2" else {"superior__level2": node}
    rows = Step.objects.filter(OPEN, **scope).values(level)
    return {row[level]: row["found"] for row in rows.annotate(found=Count("review__union", distinct=True)).order_by()}


def work(user: User) -> Iterator[WorkItem]:
    """Yields the requests on the desk of a superior union, each with the day it becomes late, for the worklist."""
    if user.union is None or user.union.is_grassroots:
        return
    submitted = F("review__submitted_at")
    yield WorkItem(
        label="待审核的申请",
        rows=awaited(user).order_by("pk"),
        since=submitted,
        due=Cast(submitted + timedelta(days=LATE_DAYS), DateField()),
        menu="reviews:desk",
        url=reverse("reviews:desk"),
        button="审核",
        mine=user.has_role(Role.REVIEWER),
    )

"""Reads of the desk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Cover, Review, ReviewState, Step
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union

SHOWN_WAITING = 999
COUNTED = 10_000
# Waiting for so many days is late, and very late.
LATE_DAYS, VERY_LATE_DAYS = 5, 10


def awaited(user: User) -> QuerySet[Step]:
    """The steps that wait for the user's union, oldest first when ordered by id."""
    return awaited_by(user.union_id)


def awaited_by(union_id: int | None) -> QuerySet[Step]:
    """The steps that wait for a superior union. A step is open only while its review is."""
    return Step.objects.filter(superior=union_id, open=True)


def decided(user: User) -> QuerySet[Step]:
    """The steps that the user's union has decided; they stay visible to it whatever becomes of the subject."""
    return Step.objects.filter(superior=user.union_id, decision__isnull=False)


def waiting_count(user: User) -> int:
    """How many reviews wait for the user's union, counted up to SHOWN_WAITING + 1."""
    return awaited(user)[: SHOWN_WAITING + 1].count()


def late_since(days: int = LATE_DAYS) -> datetime:
    """What was submitted before has waited for so many days."""
    return timezone.now() - timedelta(days=days)


def counts_by_kind(steps: QuerySet[Step]) -> tuple[dict[str, int], int]:
    """How many of the steps are of each kind, and how many are late: one statement."""
    late = Count("pk", filter=Q(review__submitted_at__lte=late_since()))
    rows = list(steps.values("review__kind").annotate(all=Count("pk"), late=late).order_by())
    return {row["review__kind"]: row["all"] for row in rows}, sum(row["late"] for row in rows)


@dataclass(frozen=True)
class Place:
    """Where a step stands in a list, and its neighbours; ``total`` is counted up to COUNTED."""

    number: int
    total: int
    previous: Step | None
    following: Step | None


def place_of(step: Step, steps: QuerySet[Step]) -> Place:
    """The place of one awaited step among ``steps``, oldest first."""
    before, after = steps.filter(pk__lt=step.pk), steps.filter(pk__gt=step.pk)
    number = before.order_by()[:COUNTED].count() + 1
    return Place(
        number=number,
        total=number + after.order_by()[:COUNTED].count(),
        previous=before.order_by("-pk").first(),
        following=after.order_by("pk").first(),
    )


def past_deciders(union: Union) -> QuerySet[User]:
    """Who has decided something for the union, for the filter of 「已审核」."""
    return User.objects.filter(pk__in=Step.objects.filter(superior=union, reviewer__isnull=False).values("reviewer"))


def open_review(union: Union) -> Review | None:
    """The request of the union that keeps every other one out while a superior looks at it, if there is one."""
    return Review.objects.filter(union=union, state=ReviewState.PENDING, exclusive=True).first()


def blocking_review(union: Union) -> Iterator[Blocker]:
    """The union's open request, for ``unions.hooks.blockers``."""
    if review := open_review(union):
        label = KINDS[review.kind].label
        yield Blocker(f"「{label}」正在等待上级工会审核", reverse("reviews:review", args=[review.pk]))


# Leave covers


def cover_in_force(user: User, *, lock: bool = False) -> Cover | None:
    """Whom the user stands in for today, if anybody; ``lock`` keeps it from being revoked until the transaction ends."""
    covers = Cover.objects.in_force(timezone.localdate()).filter(cover=user).select_related("absent").order_by("pk")
    return (covers.select_for_update(of=["self"], no_key=True) if lock else covers).first()


def deciders_of(*unions: int | None) -> list[User]:
    """Who may decide for these superiors (ids) today: their reviewers, and who stands in for one of them. One statement."""
    covering = Cover.objects.in_force(timezone.localdate()).filter(absent__union__in=unions).values("cover")
    reviewing = Q(roles__contains=[Role.REVIEWER]) | Q(pk__in=covering)
    return list(User.objects.filter(reviewing, union__in=unions, is_active=True).order_by("pk"))


# What waits below


def awaited_below(user: User) -> QuerySet[Step]:
    """The steps that wait for the unions below the user's own (SPEC 5.2): he or she looks, and reminds."""
    below = Union.objects.visible_to(user).superiors().exclude(pk=user.union_id)
    return Step.objects.filter(superior__in=below, open=True)


def waiting_unions(user: User) -> Sequence[Any]:
    """The unions below for which something waits, the latest first: how much, how much of it late, since when."""
    rows = awaited_below(user).values("superior", name=F("superior__name"), above=F("superior__superior__name"))
    counts = rows.annotate(
        waiting=Count("pk"),
        late=Count("pk", filter=Q(review__submitted_at__lte=late_since())),
        very_late=Count("pk", filter=Q(review__submitted_at__lte=late_since(VERY_LATE_DAYS))),
        since=Min("review__submitted_at"),
    )
    return list(counts.order_by("-late", "since", "superior"))


def unions_waiting(node: Union, key: str) -> dict[int, int]:
    """For ``unions.hooks.BRANCH_FIGURES``: how many unions wait for a review, by the branch of the tree in which the reviewing superior stands."""
    level = {"level2": "superior__level2", "level3": "superior"}[key]
    scope = {} if key == "level2" else {"superior__level2": node}
    rows = Step.objects.filter(open=True, **scope).values(level)
    return {row[level]: row["unions"] for row in rows.annotate(unions=Count("review__union", distinct=True)).order_by()}

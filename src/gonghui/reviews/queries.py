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
    """The steps that wait for a superior union: open, and in no bulk decision. A step is open only while its review is."""
    return Step.objects.filter(superior=union_id, open=True, bulk=None)


def decided(user: User) -> QuerySet[Step]:
    """The steps that the user's union has decided; they stay visible to it whatever becomes of the subject."""
    return Step.objects.filter(superior=user.union_id, decision__isnull=False)


def waiting_count(user: User) -> int:
    """How many reviews wait for the user's union, counted up to SHOWN_WAITING + 1."""
    return awaited(user)[: SHOWN_WAITING + 1].count()


def late_since(days: int = LATE_DAYS) -> datetime:
    """What was submitted before has waited for so many days."""
    return timezone.now() - timedelta(days=days)


def counts_by_kind(steps: QuerySet[Step]) -> tuple[dict[str, int], int, int]:
    """How many of the steps are of each kind, how many late, and of how many no check had a doubt: one statement."""
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
    """Of one kind: how many requests wait for a union, how many of them late, and since when the oldest does."""

    kind: str
    count: int
    late: int
    since: datetime

    @property
    def label(self) -> str:
        return KINDS[self.kind].label

    @property
    def days(self) -> int:
        return (timezone.localdate() - timezone.localdate(self.since)).days


def waiting_by_kind(user: User) -> list[KindWaiting]:
    """What waits for the user's union, the kind with the oldest request first: one statement."""
    late, since = Count("pk", filter=Q(review__submitted_at__lte=late_since())), Min("review__submitted_at")
    rows = awaited(user).values("review__kind").annotate(count=Count("pk"), late=late, since=since)
    return [KindWaiting(*row) for row in rows.order_by("since").values_list("review__kind", "count", "late", "since")]


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
    """The unions below for which something waits, the longest waiting first: how much, how much of it late, since when.

    For the city those of one district or bureau stand together, itself among them, in the order of its longest waiting.
    """
    branch = Coalesce("superior__level2__name", "superior__name")
    rows = awaited_below(user).values(
        "superior", name=F("superior__name"), above=F("superior__superior__name"), branch=branch
    )
    counts = rows.annotate(
        waiting=Count("pk"),
        late=Count("pk", filter=Q(review__submitted_at__lte=late_since())),
        very_late=Count("pk", filter=Q(review__submitted_at__lte=late_since(VERY_LATE_DAYS))),
        since=Min("review__submitted_at"),
    )
    unions = list(counts.order_by("since", "superior"))
    if user.union and user.union.level == 1:
        places: dict[str, int] = {}
        for row in unions:
            places.setdefault(row["branch"], len(places))
        unions.sort(key=lambda row: places[row["branch"]])
    return unions


AGES = (("超过 15 天", 15, None), ("6 到 15 天", 5, 15), ("3 到 5 天", 2, 5), ("2 天以内", None, 2))
"""Label, and more than so many days to so many."""


def waiting_by_age(node: Union) -> list[tuple[str, int]]:
    """What waits for the unions below ``node`` (levels 1 and 2), by AGES."""
    counts = {}
    for place, (_, more, most) in enumerate(AGES):
        newest = Q(review__submitted_at__lte=late_since(more)) if more else Q()
        oldest = Q(review__submitted_at__gt=late_since(most)) if most else Q()
        counts[f"age_{place}"] = Count("pk", filter=newest & oldest)
    scope = {} if node.level == 1 else {"superior__level2": node}
    counted = Step.objects.filter(open=True, **scope).exclude(superior=node).aggregate(**counts)
    return [(label, counted[f"age_{place}"]) for place, (label, _, _) in enumerate(AGES)]


def waiting_by_branch(node: Union) -> dict[int, tuple[int, datetime]]:
    """How much waits in each branch below ``node`` (levels 1 and 2), and since when the oldest does; a branch's own desk
    is part of it.
    """
    scope = {} if node.level == 1 else {"superior__level2": node}
    branch = F("superior") if node.level == 2 else Coalesce("superior__level2", "superior")
    rows = Step.objects.filter(open=True, **scope).exclude(superior=node).annotate(branch=branch)
    counted = rows.values("branch").annotate(count=Count("pk"), since=Min("review__submitted_at")).order_by()
    return {row["branch"]: (row["count"], row["since"]) for row in counted}


def unions_waiting(node: Union, key: str) -> dict[int, int]:
    """For ``unions.hooks.BRANCH_FIGURES``: how many unions wait for a review, by the branch of the tree in which the reviewing superior stands."""
    level = {"level2": "superior__level2", "level3": "superior"}[key]
    scope = {} if key == "level2" else {"superior__level2": node}
    rows = Step.objects.filter(open=True, **scope).values(level)
    return {row[level]: row["found"] for row in rows.annotate(found=Count("review__union", distinct=True)).order_by()}


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: the requests on the desk of a superior union, and what becomes late when."""
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

"""Reads of the days that unions have to keep: who is past one or near it, and what waits for whom (SPEC 2.7)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, DateTimeField, Exists, F, Max, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import Role, User
from gonghui.filings.amendment.review import AmendmentKind
from gonghui.filings.deadlines import DEADLINES, Deadline, bound, choices, chosen
from gonghui.filings.models import Reminder
from gonghui.filings.rules import can_remind
from gonghui.notices.hooks import TaskKind
from gonghui.reviews.models import Review, ReviewState
from gonghui.unions.hooks import Condition
from gonghui.unions.models import Person, Union, UnionQuerySet, UnionState

OVERDUE, SOON = "overdue", "soon"


@dataclass(frozen=True)
class Figure:
    """How many of the unions below are past a day, and how many are near it."""

    deadline: Deadline
    overdue: int
    soon: int


def figures(node: Union) -> list[Figure]:
    """One statement a day, by its index."""
    today = localdate()
    return [
        Figure(
            deadline,
            **bound(node)
            .filter(deadline.until_near(today))
            .aggregate(
                overdue=Count("pk", filter=deadline.overdue(today)), soon=Count("pk", filter=deadline.near(today))
            ),
        )
        for deadline in DEADLINES.values()
    ]


def _narrow(unions: UnionQuerySet, choice: str, user: Person) -> UnionQuerySet:
    return chosen(unions.grassroots().filter(state=UnionState.APPROVED), choice, localdate())


UNIONS_BY_DEADLINE = Condition("到期", choices(), _narrow)
"""For ``unions.hooks.CONDITIONS``."""


def last_reminded(deadline: Deadline, union_ids: Collection[int]) -> dict[int, date]:
    """Returns the newest day on which each of the unions was reminded of this."""
    rows = Reminder.objects.filter(union__in=union_ids, deadline=deadline.code)
    return {row["union"]: row["last"] for row in rows.values("union").annotate(last=Max("day")).order_by()}


def deadline_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [
        TaskKind(deadline.task_kind, f"{deadline.label}待办理", reverse("filings:amend"))
        for deadline in DEADLINES.values()
    ]


def address_of(choice: str) -> str:
    """The superiors' list of a key of ``choices``."""
    return f"{reverse('filings:deadlines')}?which={choice}"


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: to the officer the days that are near, until an amendment waits for the superior;
    to a street or company union those that are past, below it.
    """
    union, today = user.union, localdate()
    if union is None or union.level < 3:
        return
    if union.level == 3:
        for deadline in DEADLINES.values():
            yield WorkItem(
                label=f"{deadline.overdue_label}的工会",
                rows=bound(union).filter(deadline.overdue(today)).order_by(deadline.column, "pk"),
                since=Cast(F(deadline.column), DateTimeField()),
                menu="unions:tree",
                url=address_of(f"{deadline.code}-{OVERDUE}"),
                unit="家",
                button="催办",
                mine=can_remind(user),
            )
        return
    asked = Review.objects.filter(union=OuterRef("pk"), kind=AmendmentKind.code, state=ReviewState.PENDING)
    for deadline in DEADLINES.values():
        yield WorkItem(
            label=f"{deadline.label}待办理",
            rows=bound(union).filter(deadline.overdue(today) | deadline.near(today)).exclude(Exists(asked)),
            since=Cast(deadline.near_from, DateTimeField()),
            due=F(deadline.column),
            menu="filings:own",
            url=reverse("filings:amend"),
            unit="项",
            button="办理",
            mine=user.has_role(Role.OFFICER),
        )

"""Whom a circular goes to, what has been read, and what waits for a union."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import User
from gonghui.circulars.models import Circular, CircularState, Delivery, Receipt, ReceiptQuerySet
from gonghui.circulars.rules import can_confirm
from gonghui.notices.hooks import TaskKind
from gonghui.unions.levels import LEVEL
from gonghui.unions.models import Union, UnionState

TASK_KIND = "circular"


def task_of(circular: Circular, union: int | None) -> str:
    return f"circular:{circular.pk}:{union}"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(TASK_KIND, "工作通知待办理", reverse("circulars:received"))]


def kinds_down_to(publisher: Union, depth: int) -> list[str]:
    return [kind.value for kind, level in LEVEL.items() if publisher.level < level <= depth]


def addressed(publisher: Union, depth: int, branches: Collection[int] = ()) -> QuerySet[Union]:
    """Returns the unions below the publisher down to ``depth`` (`Depth`), or those below the ``branches`` only.

    A grassroots union gets circulars from its approval on, no union after its end.
    """
    kinds = kinds_down_to(publisher, depth)
    unions = Union.objects.below(publisher).filter(kind__in=kinds, state=UnionState.APPROVED)
    if branches:
        ids = list(branches)
        unions = unions.filter(Q(pk__in=ids) | Q(level2__in=ids) | Q(level3__in=ids))
    return unions


def branches_of(publisher: Union) -> QuerySet[Union]:
    """Returns the superior unions directly below it, to which a circular may be limited."""
    return Union.objects.filter(superior=publisher).superiors().standing().order_by("kind", "code")


@dataclass(frozen=True)
class Reading:
    """How many of the unions have read a circular, and how many have confirmed it."""

    total: int = 0
    read: int = 0
    confirmed: int = 0

    @property
    def unread(self) -> int:
        return self.total - self.read


_COUNTS = {
    "total": Count("pk"),
    "read": Count("pk", filter=Q(read_at__isnull=False)),
    "confirmed": Count("pk", filter=Q(confirmed_at__isnull=False)),
}


def reading(receipts: ReceiptQuerySet) -> Reading:
    return _reading(receipts.aggregate(**_COUNTS))


def _reading(row: Mapping[str, Any]) -> Reading:
    return Reading(row["total"], row["read"], row["confirmed"])


def readings(circulars: Collection[Circular]) -> dict[int, Reading]:
    """Returns the reading of each circular of a page, by one statement."""
    rows = Receipt.objects.filter(circular__in=circulars).values("circular").annotate(**_COUNTS)
    return {row["circular"]: _reading(cast(dict[str, Any], row)) for row in rows.order_by()}


def readings_by_branch(receipts: ReceiptQuerySet, node: Union) -> list[tuple[Union, Reading]]:
    """Returns each superior union directly below ``node`` with the reading of itself and all below it."""
    if node.level > 2:
        return []
    branch = Coalesce(f"union__level{node.level + 1}", "union_id")
    rows = receipts.exclude(union=node).annotate(branch=branch).values("branch").annotate(**_COUNTS).order_by()
    found = {row["branch"]: _reading(cast(dict[str, Any], row)) for row in rows}
    return [(union, found[union.pk]) for union in Union.objects.filter(pk__in=found).order_by("kind", "code")]


def running(circular: Circular) -> Delivery | None:
    return circular.deliveries.filter(ended_at=None).order_by("-pk").first()


def received(user: User) -> ReceiptQuerySet:
    """Returns what was sent to the user's own union."""
    return Receipt.objects.filter(union=user.union).select_related("circular__publisher")


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: what the union has not read, or not confirmed. The city gets nothing."""
    if user.union is None or user.union.level == 1:
        return
    yield WorkItem(
        label="工作通知待办理",
        rows=Receipt.objects.filter(union=user.union, open=True, circular__state=CircularState.SENT),
        since=F("sent_at"),
        due=F("circular__due_on"),
        menu="circulars:received",
        url=reverse("circulars:received"),
        unit="条",
        button="查看",
        mine=can_confirm(user, user.union),
    )


def unfinished(union: Union, successor: Union | None) -> Iterator[str]:
    """For ``superiors.hooks.unfinished``: what is being delivered."""
    if Delivery.objects.filter(circular__publisher=union, ended_at=None).exists():
        yield "它的工作通知还在发送"

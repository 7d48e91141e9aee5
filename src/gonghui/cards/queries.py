"""Queries of the cards: lists, the card desk, overdue batches, a card's history, other apps' hooks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Sum
from django.urls import reverse
from django.utils.timezone import localdate, localtime

from gonghui.accounts.hooks import WorkItem
from gonghui.accounts.models import Role, User
from gonghui.audit.hooks import References
from gonghui.cards.models import (
    Application,
    ApplicationQuerySet,
    Batch,
    Card,
    CardBatchQuerySet,
    Figure,
    Line,
    Order,
    ResultFile,
)
from gonghui.cards.states import (
    ENDED,
    MAKING,
    OPEN,
    PRINTING,
    ApplicationState,
    BatchState,
    CardState,
    Event,
    OrderState,
    Purpose,
    ResultState,
)
from gonghui.kit.choices import Some
from gonghui.kit.days import today_began
from gonghui.members.models import MemberQuerySet
from gonghui.members.queries import Filters, listed_members
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union

UNDER_WAY = "under_way"

MONTHS = 12
"""Number of months of the ledger."""

PATIENCE = Some(
    {
        BatchState.PENDING: (5, "上级工会审核"),
        BatchState.APPROVED: (7, "市总工会汇总制卡"),
        BatchState.MAKING: (20, "制卡方返回结果"),
        BatchState.FAILED: (7, "改正资料、重新制卡或终止"),
        BatchState.MADE: (15, "基层工会登记发放"),
    },
    others="A batch that has ended waits for nothing.",
)
"""After this many days in a state a batch is overdue; with the action for which it waits."""


def candidates(user: User, filters: Filters, show: str = "") -> MemberQuerySet:
    """Returns the members without a card, for 「添加办卡会员」.

    The filtered ones, or without filters those without an open application; with ``show`` those with one.
    """
    rows = listed_members(user, filters).filter(has_card=False)
    under_way = Exists(Application.objects.filter(member=OuterRef("pk"), state__in=OPEN))
    if show == UNDER_WAY:
        return rows.filter(under_way)
    return rows if filters else rows.filter(~under_way)


def counts_by_state(batches: Sequence[Batch]) -> dict[int, list[tuple[str, str, int]]]:
    """Returns for each batch the number of members in each state, by one query: (state, label, count)."""
    rows = Application.objects.filter(batch__in=batches).values("batch", "state").annotate(count=Count("pk"))
    counts: dict[int, list[tuple[str, str, int]]] = {batch.pk: [] for batch in batches}
    order = {state: position for position, state in enumerate(ApplicationState.values)}
    purposes = {batch.pk: batch.purpose for batch in batches}
    for row in sorted(rows, key=lambda row: order[row["state"]]):
        label = Application(state=row["state"], purpose=purposes[row["batch"]]).state_label
        counts[row["batch"]].append((row["state"], label, row["count"]))
    return counts


@dataclass(frozen=True)
class Waiting:
    """Batches that the card desk may gather into one order."""

    purpose: str
    foreign: bool
    label: str
    batches: list[Batch]
    people: int


def waiting_groups() -> tuple[list[Waiting], int]:
    """Returns approved batches by purpose and kind, oldest first, with the members who still wait in each; and how many
    newer ones come after these MAX_BATCHES.
    """
    approved = Batch.objects.filter(state=BatchState.APPROVED)
    rows = approved.select_related("union__level3__superior").only(*_SHOWN)
    batches = list(rows.order_by("moved_at", "pk")[:MAX_BATCHES])
    newer = approved.count() - MAX_BATCHES if len(batches) == MAX_BATCHES else 0
    # Counted for these alone: in one statement those of all batches would be, before the first are taken.
    waiting = Application.objects.filter(batch__in=[batch.pk for batch in batches], state=ApplicationState.APPROVED)
    people = dict(waiting.values_list("batch").annotate(Count("pk")).order_by())
    groups: dict[tuple[str, bool], list[Batch]] = {}
    for batch in batches:
        batch.waiting = people.get(batch.pk, 0)  # type: ignore[attr-defined] # for the page only
        groups.setdefault((batch.purpose, batch.foreign), []).append(batch)
    shown = [
        Waiting(
            purpose,
            foreign,
            batches[0].label,
            batches,
            sum(batch.waiting for batch in batches),  # type: ignore[attr-defined] # for the page only
        )
        for (purpose, foreign), batches in sorted(groups.items())
    ]
    return shown, max(newer, 0)


_SHOWN = (
    "purpose", "foreign", "day", "moved_at", "union__name", "union__level3__name", "union__level3__superior__name",
)  # fmt: skip

MAX_BATCHES = 400
"""Maximum number of waiting batches on the page of the card desk; gathering these shows the newer ones."""


def stuck(user: User) -> CardBatchQuerySet:
    """Returns the visible open batches, the longest unchanged first."""
    return Batch.objects.visible_to(user).exclude(state__in=ENDED).select_related("union")


def days_in_state(batch: Batch) -> int:
    return (localdate() - localdate(batch.moved_at)).days


def is_stuck(batch: Batch) -> bool:
    limit = PATIENCE.get(BatchState(batch.state), None)
    return limit is not None and days_in_state(batch) > limit[0]


def waits_for(batch: Batch) -> str:
    """Returns in words whose action is next; "" for a batch that has ended."""
    return PATIENCE.get(BatchState(batch.state), (0, ""))[1]


def overdue_counts(user: User) -> list[tuple[str, str, int, int]]:
    """Returns (state, action for which it waits, limit in days, number of overdue batches), one row per state."""
    today = today_began()
    counts = {
        str(state): Count("pk", filter=Q(state=state, moved_at__lt=today - timedelta(days=days)))
        for state, (days, _) in PATIENCE.items()
    }
    totals = Batch.objects.visible_to(user).exclude(state__in=ENDED).aggregate(**counts)
    return [(str(state), words, days, totals[str(state)]) for state, (days, words) in PATIENCE.items()]


def figures(user: User) -> list[tuple[date, dict[str, int]]]:
    """Returns the last MONTHS months, newest first: the number of each Event below the user's union."""
    union = user.union
    if union is None or union.is_grassroots:
        return []
    scope = {1: Q(), 2: Q(superior__superior=union), 3: Q(superior=union)}[union.level]
    first = _months()[-1]
    rows = Figure.objects.filter(scope, month__gte=first).values("month", "event").annotate(total=Sum("count"))
    by_month: dict[date, dict[str, int]] = {month: dict.fromkeys(Event.values, 0) for month in _months()}
    for row in rows:
        by_month[row["month"]][row["event"]] = row["total"]
    return list(by_month.items())


def _months() -> list[date]:
    month, months = localdate().replace(day=1), []
    for _ in range(MONTHS):
        months.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return months


def line_counts(orders: Sequence[Order]) -> list[tuple[Order, dict[str, int]]]:
    """Returns each order with its lines by state, from the counters of order and result files, without reading lines."""
    read = ResultFile.objects.filter(order__in=orders, state=ResultState.DONE).values_list("order")
    counted = {pk: (made, failed) for pk, made, failed in read.annotate(Sum("made"), Sum("failed"))}
    rows = []
    for order in orders:
        done, failed = counted.get(order.pk, (0, 0))
        sent = order.count if order.is_building else order.sent
        counts = {"awaited": sent - done - failed, "done": done, "failed": failed, "left_out": order.count - sent}
        rows.append((order, counts))
    return rows


@dataclass(frozen=True)
class Stage:
    """One step of a batch: whether it is done, and its note."""

    label: str
    done: bool
    told: str = ""


def progress_of(batch: Batch) -> list[Stage]:
    """Returns the steps of a batch, with user and time: submitted, reviewed, gathered, made, handed out."""
    states = list(BatchState)
    position = states.index(BatchState(batch.state))
    review = batch.review.steps.select_related("reviewer", "in_place_of", "superior").first() if batch.review else None
    submitted = Stage("提交申请", True, f"{batch.created_by} {localtime(batch.created_at):%Y-%m-%d %H:%M}")
    decided = review is not None and review.decided_at is not None
    reviewed = Stage("上级审核", decided)
    if review and review.decided_at:
        reviewed = Stage("上级审核", True, f"{review.decided_by} {localtime(review.decided_at):%Y-%m-%d %H:%M}")
    elif review and batch.is_pending:
        reviewed = Stage("上级审核", False, f"等待{review.superior.name}")
    order = order_of(batch)
    gathered = Stage("汇总制卡", position >= states.index(BatchState.MAKING), f"订单 {order.number}" if order else "")
    made = Stage("制卡结果" if batch.makes_cards else "办理结果", position >= states.index(BatchState.FAILED))
    stages = [submitted, reviewed, gathered, made]
    if batch.makes_cards:
        stages.append(Stage("登记发放", batch.state == BatchState.DONE))
    return stages


def order_of(batch: Batch) -> Order | None:
    """The newest order that holds members of the batch. A maximum: for the first one by its id PostgreSQL would go through
    the lines of all orders, from the newest back to the batch's.
    """
    lines = Line.objects.filter(application__batch=batch).exclude(order__state=OrderState.CANCELLED)
    newest = lines.order_by().values("application__batch").annotate(newest=Max("order")).values("newest")
    return Order.objects.filter(pk=Subquery(newest)).first()


@dataclass(frozen=True)
class Moment:
    """One event of a card: what, who, when."""

    at: datetime
    what: str
    who: str
    note: str = ""


def life_of(card: Card) -> list[Moment]:
    """Returns the card's whole history, oldest first: submitted, reviewed, ordered, made, handed out, lost, ended."""
    moments: list[Moment] = []
    applications = Application.objects.filter(card=card).select_related("batch__created_by", "batch__review")
    for application in applications.order_by("pk"):
        moments += _moments_of(application)
    if card.issued_at:
        moments.append(Moment(card.issued_at, "发放", str(card.issued_by)))
    if card.ended_at:
        moments.append(Moment(card.ended_at, str(card.get_state_display()), ""))
    return sorted(moments, key=lambda moment: moment.at)


def _moments_of(application: Application) -> Iterator[Moment]:
    batch = application.batch
    label = Purpose(application.purpose).label
    yield Moment(batch.created_at, f"申请{label}", str(batch.created_by), batch.reason)
    if batch.review:
        for step in batch.review.steps.select_related("reviewer", "in_place_of"):
            if step.decided_at:
                yield Moment(step.decided_at, f"{label}{step.get_decision_display()}", step.decided_by, step.opinion)
    for line in Line.objects.filter(application=application).select_related("order__created_by", "result__read_by"):
        yield Moment(line.order.created_at, f"汇总到订单 {line.order.number}", str(line.order.created_by))
        if line.order.state == OrderState.CANCELLED and line.order.ended_at:
            yield Moment(line.order.ended_at, f"订单 {line.order.number} 取消", "")
        if line.result:
            outcome = {"done": "制卡成功" if application.purpose in MAKING else f"{label}办结"}.get(line.state, "失败")
            yield Moment(line.result.read_at, outcome, str(line.result.read_by), line.failure)
    if application.state in (ApplicationState.WITHDRAWN, ApplicationState.REFUSED, ApplicationState.CLOSED):
        yield Moment(application.moved_at, f"{label}{application.get_state_display()}", "", application.remark)


# Hooks of other apps


def holding_cards(members: Sequence[int]) -> Mapping[int, str]:
    """For ``members.hooks.leave_blockers``: members whose card is in production, or made and not handed out (SPEC 3.7)."""
    reasons = dict.fromkeys(
        Application.objects.filter(member__in=members, state__in=OPEN, purpose__in=MAKING).values_list(
            "member", flat=True
        ),
        "正在办理会员服务卡",
    )
    returning = Application.objects.filter(member__in=members, state__in=OPEN, purpose=Purpose.CANCELLATION)
    made = Card.objects.filter(member__in=members, state=CardState.MADE).exclude(member__in=returning.values("member"))
    return reasons | dict.fromkeys(made.values_list("member", flat=True), "会员服务卡已制成、还没有登记发放")


def printing_cards(members: Sequence[int]) -> Mapping[int, str]:
    """For ``members.hooks.frozen_for_card``: members with a card in production, until made or failed (SPEC 3.8)."""
    rows = Application.objects.filter(member__in=members, state__in=PRINTING, purpose__in=MAKING)
    return {
        row.member_id: f"这名会员的会员服务卡正在办理（{row.batch}批次，{row.get_state_display()}）"
        for row in rows.select_related("batch")
    }


def audited(number: str) -> References:
    """Yields the member's batches, and the orders whose files, with full numbers, were sent to the card maker.

    For ``audit.hooks.references_to_member``.
    """
    applications = Application.objects.filter(member__number=number)
    yield "cards.batch", applications.values_list("batch", flat=True)
    yield "reviews.review", applications.filter(batch__review__isnull=False).values_list("batch__review", flat=True)
    yield "cards.order", Line.objects.filter(application__in=applications).values_list("order", flat=True)


def blocking_cards(union: Union) -> Iterator[Blocker]:
    """For ``unions.hooks.blockers``: 如单位有在办卡人员禁止转移 (SPEC 2.4, manual 2)."""
    applications: ApplicationQuerySet = Application.objects.filter(batch__union=union)
    url = reverse("cards:list")
    if count := applications.filter(state__in=OPEN).count():
        yield Blocker(f"{count} 名会员的会员服务卡正在办理", url)
    unclaimed = applications.filter(
        state=ApplicationState.MADE, card__state=CardState.MADE, member__union=F("batch__union")
    )
    if count := unclaimed.count():
        yield Blocker(f"{count} 张会员服务卡已制成、还没有登记发放", f"{url}?state=made")


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: an officer's returned batches, and those that the city's card desk can gather."""
    if user.union is None:
        return
    officer = user.has_role(Role.OFFICER)
    officer_states = (
        ("制卡失败待处理", BatchState.FAILED, "处理"),
        ("已制卡待登记发放", BatchState.MADE, "登记发放"),
    )
    for label, state, button in officer_states if user.union.is_grassroots else ():
        rows = Batch.objects.filter(union=user.union, state=state).order_by("pk")
        url = f"{reverse('cards:list')}?state={state}"
        yield WorkItem(
            label=label,
            rows=rows,
            since=F("moved_at"),
            menu="cards:list",
            url=url,
            unit="批",
            button=button,
            mine=officer,
        )
    if user.is_platform_admin:
        approved = Batch.objects.filter(state=BatchState.APPROVED).order_by("moved_at", "pk")
        ready = Order.objects.filter(state=OrderState.READY).order_by("pk")
        for label, waiting, since, unit, button in (
            ("办卡批次待汇总制卡", approved, "moved_at", "批", "汇总制卡"),
            ("制卡订单待导出", ready, "created_at", "份", "导出"),
        ):
            url = reverse("cards:desk")
            yield WorkItem(label, waiting, F(since), "cards:desk", url, unit=unit, button=button)

"""Reads of the cards: lists, what waits for the card desk, what is stuck, a card's life, and what other apps ask."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
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
    CardQuerySet,
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
from gonghui.kit import crypto
from gonghui.kit.choices import Some
from gonghui.kit.days import today_began
from gonghui.members.models import MemberQuerySet
from gonghui.members.queries import Filters, listed_members
from gonghui.unions.hooks import Blocker
from gonghui.unions.models import Union

UNDER_WAY = "under_way"

MONTHS = 12
"""Months that the ledger shows."""

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
"""After so many days in a state a batch is stuck, and what it waits for."""


def candidates(user: User, filters: Filters, show: str = "") -> MemberQuerySet:
    """「添加办卡会员」: the members of one's own union without a card: those to be asked for, those whose batch is under way
    (``show``), or whoever is searched for.
    """
    rows = listed_members(user, filters).filter(has_card=False)
    under_way = Exists(Application.objects.filter(member=OuterRef("pk"), state__in=OPEN))
    if show == UNDER_WAY:
        return rows.filter(under_way)
    return rows if filters else rows.filter(~under_way)


def counts_by_state(batches: Sequence[Batch]) -> dict[int, list[tuple[str, str, int]]]:
    """For each batch, the number of its members in each state, by one query: (state, label, count)."""
    rows = Application.objects.filter(batch__in=batches).values("batch", "state").annotate(count=Count("pk"))
    counts: dict[int, list[tuple[str, str, int]]] = {batch.pk: [] for batch in batches}
    order = {state: place for place, state in enumerate(ApplicationState.values)}
    purposes = {batch.pk: batch.purpose for batch in batches}
    for row in sorted(rows, key=lambda row: order[row["state"]]):
        label = Application(state=row["state"], purpose=purposes[row["batch"]]).state_label
        counts[row["batch"]].append((row["state"], label, row["count"]))
    return counts


def listed_cards(user: User, filters: Filters, *, card_number: str = "") -> CardQuerySet | None:
    """The cards of the members that the user sees; None while a superior has not said whose: there may be millions."""
    cards: CardQuerySet = Card.objects.visible_to(user)
    if filters.wrong:
        return cards.none()
    if card_number:
        cards = cards.filter(number_hash=crypto.fingerprint(card_number))
    elif filters:
        cards = cards.filter(member__in=listed_members(user, filters))
    elif user.union is None or not user.union.is_grassroots:
        return None
    return cards


@dataclass(frozen=True)
class Waiting:
    """What the card desk may gather into one order."""

    purpose: str
    foreign: bool
    label: str
    batches: list[Batch]
    people: int


def waiting_groups() -> list[Waiting]:
    """Approved batches by purpose and kind, the oldest first; the members who still wait in each."""
    rows = (
        Batch.objects.filter(state=BatchState.APPROVED)
        .select_related("union__level3__superior")
        .order_by("moved_at", "pk")
    )
    people = Count("applications", filter=Q(applications__state=ApplicationState.APPROVED))
    groups: dict[tuple[str, bool], list[Batch]] = {}
    for batch in rows.annotate(waiting=people)[:MAX_BATCHES]:
        groups.setdefault((batch.purpose, batch.foreign), []).append(batch)
    return [
        Waiting(
            purpose,
            foreign,
            batches[0].label,
            batches,
            sum(batch.waiting for batch in batches),  # type: ignore[attr-defined] # for the page only
        )
        for (purpose, foreign), batches in sorted(groups.items())
    ]


MAX_BATCHES = 1_000
"""Batches that wait, on the page of the card desk; the newer ones come up when these are gathered."""


def stuck(user: User) -> CardBatchQuerySet:
    """The batches under way that one sees, the longest still first."""
    return Batch.objects.visible_to(user).exclude(state__in=ENDED).select_related("union")


def days_in_state(batch: Batch) -> int:
    return (localdate() - localdate(batch.moved_at)).days


def is_stuck(batch: Batch) -> bool:
    limit = PATIENCE.get(BatchState(batch.state), None)
    return limit is not None and days_in_state(batch) > limit[0]


def waits_for(batch: Batch) -> str:
    """Whose turn it is, in words; empty for a batch that has ended."""
    return PATIENCE.get(BatchState(batch.state), (0, ""))[1]


def overdue_counts(user: User) -> list[tuple[str, str, int, int]]:
    """(state, what it waits for, the days that are enough, batches beyond them), one row a state."""
    today = today_began()
    late = {
        str(state): Count("pk", filter=Q(state=state, moved_at__lt=today - timedelta(days=days)))
        for state, (days, _) in PATIENCE.items()
    }
    counted = Batch.objects.visible_to(user).exclude(state__in=ENDED).aggregate(**late)
    return [(str(state), words, days, counted[str(state)]) for state, (days, words) in PATIENCE.items()]


def figures(user: User) -> list[tuple[date, dict[str, int]]]:
    """The last MONTHS months, the newest first: how often each Event happened below the user's union."""
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
    """Each order with its lines by state: from what the order and its result files counted, not by going through lines."""
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
    """One step of a batch's way: whether it is done, and the note that is shown."""

    label: str
    done: bool
    told: str = ""


def progress_of(batch: Batch) -> list[Stage]:
    """Submitted, reviewed, gathered, made, handed out: how far the batch is, with who and when."""
    states = list(BatchState)
    place = states.index(BatchState(batch.state))
    review = batch.review.steps.select_related("reviewer", "in_place_of", "superior").first() if batch.review else None
    submitted = Stage("提交申请", True, f"{batch.created_by} {localtime(batch.created_at):%Y-%m-%d %H:%M}")
    decided = review is not None and review.decided_at is not None
    reviewed = Stage("上级审核", decided)
    if review and review.decided_at:
        reviewed = Stage("上级审核", True, f"{review.decided_by} {localtime(review.decided_at):%Y-%m-%d %H:%M}")
    elif review and batch.is_pending:
        reviewed = Stage("上级审核", False, f"等待{review.superior.name}")
    orders = Order.objects.filter(lines__application__batch=batch).exclude(state=OrderState.CANCELLED)
    order = orders.order_by("-pk").first()
    gathered = Stage("汇总制卡", place >= states.index(BatchState.MAKING), f"订单 {order.number}" if order else "")
    made = Stage("制卡结果" if batch.makes_cards else "办理结果", place >= states.index(BatchState.FAILED))
    stages = [submitted, reviewed, gathered, made]
    if batch.makes_cards:
        stages.append(Stage("登记发放", batch.state == BatchState.DONE))
    return stages


@dataclass(frozen=True)
class Moment:
    """One thing that happened to a card: what, who, when."""

    at: datetime
    what: str
    who: str
    note: str = ""


def life_of(card: Card) -> list[Moment]:
    """The card's whole life, the oldest first: asked for, reviewed, ordered, made, handed out, lost, ended."""
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


# What other apps ask


def holding_cards(members: Sequence[int]) -> Mapping[int, str]:
    """For ``members.hooks.leave_blockers``: a card in the making, or made and not handed out, keeps its member (SPEC 3.7)."""
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
    """For ``members.hooks.frozen_for_card``: what the card shows is fixed until it is made or has failed (SPEC 3.8)."""
    rows = Application.objects.filter(member__in=members, state__in=PRINTING, purpose__in=MAKING)
    return {
        row.member_id: f"这名会员的会员服务卡正在办理（{row.batch}批次，{row.get_state_display()}）"
        for row in rows.select_related("batch")
    }


def audited(number: str) -> References:
    """For ``audit.hooks.references_to_member``: the member's batches, and the orders whose files, with numbers in full, went to the maker."""
    mine = Application.objects.filter(member__number=number)
    yield "cards.batch", mine.values_list("batch", flat=True)
    yield "reviews.review", mine.filter(batch__review__isnull=False).values_list("batch__review", flat=True)
    yield "cards.order", Line.objects.filter(application__in=mine).values_list("order", flat=True)


def blocking_cards(union: Union) -> Iterator[Blocker]:
    """For ``unions.hooks.blockers``: 如单位有在办卡人员禁止转移 (SPEC 2.4, manual 2)."""
    mine: ApplicationQuerySet = Application.objects.filter(batch__union=union)
    url = reverse("cards:list")
    if count := mine.filter(state__in=OPEN).count():
        yield Blocker(f"{count} 名会员的会员服务卡正在办理", url)
    made = mine.filter(state=ApplicationState.MADE, card__state=CardState.MADE, member__union=F("batch__union"))
    if count := made.count():
        yield Blocker(f"{count} 张会员服务卡已制成、还没有登记发放", f"{url}?state=made")


def work(user: User) -> Iterator[WorkItem]:
    """For ``accounts.hooks.worklist``: an officer's batches that came back, and what the city's card desk has to gather."""
    if user.union is None:
        return
    officer = user.has_role(Role.OFFICER)
    own = (
        ("制卡失败待处理", BatchState.FAILED, "处理"),
        ("已制卡待登记发放", BatchState.MADE, "登记发放"),
    )
    for label, state, button in own if user.union.is_grassroots else ():
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

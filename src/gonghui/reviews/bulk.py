"""Decides many requests at once: takes effect some minutes later, each request by the one action (SPEC 5.1).

Until then it may be taken back, whole; nobody is told of it. A job applies it, and asks every check and rule again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer, defer_at
from gonghui.notices.actions import notify
from gonghui.policies.queries import of_city
from gonghui.reviews.actions import clean_opinion, decide
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import is_clean, prepare, subject
from gonghui.reviews.models import BulkDecision, BulkState, Step
from gonghui.reviews.queries import awaited
from gonghui.reviews.rules import can_review

verbs.register(
    bulk__decided="批量审核",
    bulk__taken_back="撤回批量审核",
    bulk__hastened="批量审核立即生效",
    bulk__applied="批量审核生效",
)
verbs.facts("bulk", decision=("审批结果", Step.Decision), done="已处理", left="没有处理")

MAX_AT_ONCE = 500
DOUBTFUL = "自动核查有需要注意的地方，请单独打开审核。"
GONE = "已不在待办中，可能有人审核过，或申请单位已撤回。"
_NAMED, _REASONS = 5, 5
_LOCK = 0x62756C6B
"""The first half of the key of the advisory locks of bulk decisions."""


@dataclass(frozen=True)
class Plan:
    """What a bulk decision would do: its steps, those with doubts, and the number of those no longer pending."""

    steps: Sequence[Step]
    doubtful: Sequence[Step]
    gone: int

    @property
    def by_kind(self) -> list[tuple[str, int]]:
        return [(KINDS[code].label, count) for code, count in Counter(s.review.kind for s in self.steps).most_common()]


def plan(ids: Sequence[int], *, decision: str, by: User) -> Plan:
    """Sorts the ticked steps; approval skips steps with doubts. Raises Refused for none and for too many."""
    if not ids:
        raise Refused("请先勾选要审核的申请。")
    if len(set(ids)) > MAX_AT_ONCE:
        raise Refused(f"一次最多处理 {MAX_AT_ONCE} 项申请，请减少勾选后再试。")
    steps = list(awaited(by).filter(pk__in=ids).select_related("review__union").order_by("pk"))
    known = prepare([step.review for step in steps]) if decision == Step.Decision.APPROVED else {}
    doubtful = [step for step in steps if decision == Step.Decision.APPROVED and not is_clean(step.review, known)]
    return Plan([step for step in steps if step not in doubtful], doubtful, len(set(ids)) - len(steps))


def grace() -> timedelta:
    """The time in which a bulk decision may be withdrawn, as the city has decided."""
    return timedelta(minutes=of_city("take_back_minutes"))


def decide_several(ids: Sequence[int], *, decision: str, opinion: str, by: User) -> BulkDecision:
    """Decides the steps with these ids, to take effect after `grace`. Raises Refused when none is pending."""
    from gonghui.reviews.tasks import apply_bulk

    opinion = clean_opinion(opinion, decision)
    chosen = [step.pk for step in plan(ids, decision=decision, by=by).steps]
    with transaction.atomic():
        require(can_review, by, sentence="您没有审核的权限，请联系本工会的管理员。")
        steps = list(awaited(by).filter(pk__in=chosen).select_for_update(of=["self"]).order_by("pk"))
        if not steps:
            raise Refused("勾选的申请中没有可以这样处理的：自动核查有疑点的请单独打开审核，其余的已不在待办中。")
        bulk = BulkDecision.objects.create(
            superior_id=steps[0].superior_id,
            by=by,
            decision=decision,
            opinion=opinion,
            step_ids=[step.pk for step in steps],
            effective_at=timezone.now() + grace(),
        )
        Step.objects.filter(pk__in=bulk.step_ids).update(bulk=bulk)
        defer_at(apply_bulk, bulk.effective_at, bulk_id=bulk.pk)
        record("bulk.decided", bulk, by=by, decision=decision, count=len(steps), opinion=opinion)
    return bulk


def take_back(bulk: BulkDecision, *, by: User) -> int:
    """Withdraws a bulk decision before it takes effect. Returns the number of steps. Raises Refused when it has begun."""
    with transaction.atomic():
        bulk = _held(bulk, by)
        count = Step.objects.filter(bulk=bulk).update(bulk=None)
        _move(bulk, BulkState.TAKEN_BACK, ended_at=timezone.now())
        record("bulk.taken_back", bulk, by=by, count=count)
    return count


def hasten(bulk: BulkDecision, *, by: User) -> None:
    """「立即生效」. Raises Refused when it has begun to take effect, or was withdrawn."""
    from gonghui.reviews.tasks import apply_bulk

    with transaction.atomic():
        bulk = _held(bulk, by)
        BulkDecision.objects.filter(pk=bulk.pk).update(effective_at=timezone.now())
        defer(apply_bulk, bulk_id=bulk.pk)
        record("bulk.hastened", bulk, by=by)


def apply(bulk_id: int) -> None:
    """Applies it: each step in its own transaction, so that the run after a killed one continues there.

    Does nothing before its time, when it was taken back, or when another run has done it.
    """
    with transaction.atomic():
        bulk = BulkDecision.objects.select_for_update().select_related("by").get(pk=bulk_id)
        if bulk.state == BulkState.WAITING and bulk.effective_at <= timezone.now():
            _move(bulk, BulkState.APPLYING)
        elif bulk.state != BulkState.APPLYING:
            return
    with _alone(bulk.pk) as alone:
        if alone:
            _apply(bulk)


def _apply(bulk: BulkDecision) -> None:
    result = BulkResult(bulk.decision)
    steps = list(Step.objects.filter(bulk=bulk).select_related("review__union").order_by("pk"))
    known = prepare([step.review for step in steps]) if bulk.decision == Step.Decision.APPROVED else {}
    for step in steps:
        if bulk.decision == Step.Decision.APPROVED and not is_clean(step.review, known):
            result.passed_over[DOUBTFUL].append(subject(step.review))
            continue
        try:
            decide(step.review, decision=bulk.decision, opinion=bulk.opinion, by=bulk.by, part=step.part, bulk=bulk)
        except Refused as refusal:
            result.passed_over[refusal.sentence].append(subject(step.review))
    _end(bulk, result)


@contextmanager
def _alone(bulk_id: int) -> Iterator[bool]:
    """Yields whether no other run applies this decision: the lock belongs to the connection and ends with the worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, bulk_id % 2**31])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, bulk_id % 2**31])


def _end(bulk: BulkDecision, result: "BulkResult") -> None:
    """Closes it, releases the steps without a decision, and notifies the reviewer; the last of several runs closes."""
    with transaction.atomic():
        bulk = BulkDecision.objects.select_for_update().select_related("by").get(pk=bulk.pk)
        if bulk.state != BulkState.APPLYING:
            return
        left = Step.objects.filter(bulk=bulk).update(bulk=None)
        decided = Step.objects.filter(
            pk__in=bulk.step_ids, decision=bulk.decision, reviewer=bulk.by, decided_at__gte=bulk.created_at
        )
        result.done = decided.count()
        result.gone = len(bulk.step_ids) - result.done - left
        _move(bulk, BulkState.APPLIED, done=result.done, ended_at=timezone.now())
        record("bulk.applied", bulk, by=None, union=bulk.superior, done=result.done, left=left + result.gone)
        if left or result.gone:
            words = "".join(result.remarks())
            notify(
                [bulk.by],
                f"{bulk}：{left + result.gone} 件没有处理",
                body=words,
                url=reverse("reviews:desk"),
                mail=False,
            )


def give_up(bulk_id: int) -> None:
    """Its job is lost: releases the steps without a decision, and notifies the reviewer."""
    bulk = BulkDecision.objects.get(pk=bulk_id)
    with transaction.atomic():
        if BulkDecision.objects.filter(pk=bulk_id, state=BulkState.WAITING).update(state=BulkState.APPLYING):
            bulk.refresh_from_db()
    result = BulkResult(bulk.decision)
    titles = [subject(step.review) for step in Step.objects.filter(bulk=bulk).select_related("review__union")]
    if titles:
        result.passed_over["批量审核中断，请重新勾选再试；仍不成功的，请联系技术支持。"] = titles
    _end(bulk, result)


def open_decisions() -> QuerySet[BulkDecision]:
    """Returns the bulk decisions that have not taken effect."""
    return BulkDecision.objects.filter(state__in=[BulkState.WAITING, BulkState.APPLYING])


def _held(bulk: BulkDecision, by: User) -> BulkDecision:
    """Returns the decision, locked, if ``by`` may still change it. Raises Refused."""
    bulk = BulkDecision.objects.select_for_update().get(pk=bulk.pk, superior=by.union_id)
    require(can_review, by, sentence="您没有审核的权限，请联系本工会的管理员。")
    if bulk.state == BulkState.TAKEN_BACK:
        raise Refused("这次批量审核已经撤回，申请都回到了待审核。")
    if bulk.state != BulkState.WAITING:
        raise Refused("这次批量审核已经生效，不能再撤回。需要更正的，请逐件联系申请单位。")
    return bulk


def _move(bulk: BulkDecision, state: BulkState, **values: object) -> None:
    BulkDecision.objects.filter(pk=bulk.pk).update(state=state, **values)


@dataclass
class BulkResult:
    """The number of decided steps, and the titles of the skipped ones by reason."""

    decision: str
    done: int = 0
    gone: int = 0
    passed_over: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def remarks(self) -> Iterator[str]:
        """Yields a sentence for each reason why steps were skipped."""
        reasons = list(self.passed_over.items())
        for reason, titles in reasons[:_REASONS]:
            named = "、".join(f"「{title}」" for title in titles[:_NAMED]) + ("等" if len(titles) > _NAMED else "")
            yield f"{named} {len(titles)} 项没有处理：{reason}"
        if left := sum(len(titles) for _, titles in reasons[_REASONS:]):
            yield f"另有 {left} 项没有处理，请逐项打开查看原因。"
        if self.gone:
            yield f"{self.gone} 项没有处理：{GONE}"

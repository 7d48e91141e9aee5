"""Submit, decide, withdraw: the approval engine's writes (SPEC 2.2, 5.1)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from gonghui.accounts.models import Role, User
from gonghui.accounts.rules import refresh, require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.days import today_began
from gonghui.kit.errors import Refused
from gonghui.notices.actions import settle
from gonghui.reviews.checking import check_later
from gonghui.reviews.hooks import KINDS, on_submitted
from gonghui.reviews.kinds import Change, ReviewKind, subject
from gonghui.reviews.models import BulkDecision, Cover, Phrase, Review, ReviewPart, ReviewState, Step
from gonghui.reviews.notifications import notify_deciders
from gonghui.reviews.queries import cover_in_force, task_kind
from gonghui.reviews.rules import can_decide, can_withdraw
from gonghui.unions.models import Union
from gonghui.unions.queries import hold_standing

verbs.register(
    review__submitted="提交审核",
    review__approved="审核通过",
    review__refused="退回",
    review__withdrawn="撤回",
    review__revealed="查看审核中的完整号码",
    review__looked_at="查看审核中其他人员的名单",
    phrase__saved="保存常用意见",
    phrase__removed="删除常用意见",
)
verbs.looks(review__revealed=verbs.EACH, review__looked_at=verbs.EACH)


def _label_of(code: str) -> str:
    return KINDS[code].label


verbs.facts("phrase", kind=("类型", _label_of))
verbs.facts(
    "review",
    kind=("类型", _label_of),
    round="轮次",
    part=("审核角色", ReviewPart),
    in_place_of="代",
    purpose="用途",
)

MAX_OPINION = 500
MAX_PHRASE = 30
WITHDRAWN_A_DAY = 50
"""Withdrawals a day of one person: each request may be submitted again, and notifies a superior."""


def submit(
    kind: type[ReviewKind],
    *,
    union: Union,
    title: str,
    superiors: Mapping[ReviewPart, Union],
    by: User,
    proposed: dict | None = None,
    base: dict | None = None,
    round: int = 1,  # noqa: A002 (the field's name)
    about: str = "",
) -> Review:
    """Opens a review and its steps, in the caller's transaction.

    ``superiors`` says who plays which part; ``about``, for which ``ReviewKind.may_attach`` scans were collected. Raises
    Refused when the kind is exclusive and another exclusive review of the union is open, or a scan that it requires is
    missing, or a superior is closed.
    """
    hold_standing([superior.pk for superior in superiors.values()])
    try:
        with transaction.atomic():
            review = Review.objects.create(
                kind=kind.code, union=union, title=title, exclusive=kind.exclusive, round=round, submitted_by=by,
                proposed=proposed or {}, base=base or {},
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("本工会已有一项申请正在审核，不能重复提交。请等待审核结果，或先撤回后再提交。") from error
    check_later([review.pk])
    for part, superior in superiors.items():
        Step.objects.create(review=review, part=part, superior=superior)
        notify_deciders(
            [superior.pk],
            f"{kind.label}待审核：{subject(review)}",
            url=reverse("reviews:review", args=[review.pk]),
            mail=False,
            tasks=[task_of(review.pk, part)],
            kind=task_kind(kind.code),
        )
    record("review.submitted", review, by=by, union=union, kind=kind.code, round=round)
    on_submitted(review, about, by)
    return review


def task_of(review: int, part: str) -> str:
    """Returns the task of a notice that asks for this part's decision (``notices.actions.settle``)."""
    return f"review:{review}:{part}"


class ReviewRequest(NamedTuple):
    """The values of one review for ``submit_many``."""

    union: Union
    title: str
    superiors: Mapping[ReviewPart, Union]
    submitted_by: int


def submit_many(kind: type[ReviewKind], requests: Sequence[ReviewRequest]) -> list[Review]:
    """Opens many reviews of a kind that is not exclusive, by two statements, in the caller's transaction.

    The caller records it and notifies the superiors once, of the tasks that ``task_of`` names. Raises Refused when one of
    them is closed.
    """
    hold_standing({superior.pk for request in requests for superior in request.superiors.values()})
    reviews = Review.objects.bulk_create(
        Review(
            kind=kind.code, union=request.union, title=request.title, exclusive=False, submitted_by_id=request.submitted_by,
        )
        for request in requests
    )  # fmt: skip
    Step.objects.bulk_create(
        Step(review=review, part=part, superior=superior)
        for review, request in zip(reviews, requests, strict=True)
        for part, superior in request.superiors.items()
    )
    check_later([review.pk for review in reviews])
    return reviews


def void(reviews: QuerySet[Review]) -> None:
    """Closes the pending ones without a decision: their subject is gone. The caller's transaction records why."""
    ids = list(
        reviews.filter(state=ReviewState.PENDING).select_for_update().order_by("pk").values_list("pk", flat=True)
    )
    Review.objects.filter(pk__in=ids).update(state=ReviewState.WITHDRAWN, closed_at=timezone.now())
    waiting = Step.objects.filter(review__in=ids, open=True)
    settle([task_of(review, part) for review, part in waiting.values_list("review", "part")])
    waiting.update(open=False, bulk=None)


def decide(
    review: Review,
    *,
    decision: str,
    opinion: str,
    by: User,
    part: str | None = None,
    keep_opinion: bool = False,
    bulk: BulkDecision | None = None,
) -> Review:
    """Records the decision of ``by``'s union (``Step.Decision``). The last approval or the first refusal ends the review.

    ``part``: which of the union's steps, where it has several (None: the first that waits). ``keep_opinion``: as a phrase
    too. ``bulk``: the decision on many of which this is the effect. A leave cover decides in the place of who is away, and
    the step says so. Raises Refused when somebody has decided already, the request was withdrawn, ``by`` may not (any
    more), a refusal has no opinion, or the live values changed.
    """
    opinion = clean_opinion(opinion, decision)
    with transaction.atomic():
        # The kind's own locks (the unions of a transfer) before the review's: all who move members lock in this order.
        KINDS[review.kind].lock(review)
        review = Review.objects.select_for_update().select_related("union").get(pk=review.pk)
        # The step too: a bulk decision takes it without the review's lock.
        step = _own_step(review, by, part, lock=True)
        _require_undecided(review, step)
        if step.bulk_id and step.bulk_id != (bulk.pk if bulk else None):
            raise Refused(_in_bulk(step))
        # Reads the account again; locks a cover, so that it is not revoked before the decision is committed.
        refresh(by)
        cover = None if by.has_role(Role.REVIEWER) else cover_in_force(by, lock=True)
        if not can_decide(by, step):
            raise Refused(_powerless(by))
        step.open, step.bulk, step.decision, step.opinion = False, None, decision, opinion
        step.reviewer, step.decided_at = by, timezone.now()
        step.in_place_of = cover.absent if cover else None
        step.save()
        settle([task_of(review.pk, step.part)])
        # Closed before the kind acts: an open exclusive review of the union would block that.
        if decision == Step.Decision.REFUSED:
            _close(review, ReviewState.REFUSED)
            KINDS[review.kind].on_refused(review, step, by=by)
        elif not review.steps.filter(open=True).exists():
            _close(review, ReviewState.APPROVED)
            KINDS[review.kind].on_approved(review, step, by=by)
        absent = {"in_place_of": str(cover.absent)} if cover else {}
        record(f"review.{decision}", review, by=by, union=review.union, opinion=opinion, part=step.part, **absent)
        if keep_opinion and opinion:
            save_phrase(opinion, kind=review.kind, by=by)
    return review


def withdraw(review: Review, *, by: User) -> Review:
    """Withdraws a request, until its last decision.

    Raises Refused when it is closed already, ``by`` may not, or whoever made it has taken back too many today.
    """
    with transaction.atomic():
        KINDS[review.kind].lock(review)
        review = Review.objects.select_for_update().select_related("union").get(pk=review.pk)
        require(can_withdraw, by, review, sentence="只有提交申请的单位才能撤回。")
        if review.state != ReviewState.PENDING:
            _require_undecided(review, review.steps.order_by("decision", "pk")[0])
        withdrawn = Review.objects.filter(submitted_by=review.submitted_by_id, state=ReviewState.WITHDRAWN)
        if withdrawn.filter(closed_at__gte=today_began()).count() >= WITHDRAWN_A_DAY:
            raise Refused(f"今天撤回的申请已有 {WITHDRAWN_A_DAY} 项，请等待审核结果，或明天再撤回。")
        _close(review, ReviewState.WITHDRAWN)
        KINDS[review.kind].on_withdrawn(review, by=by)
        record("review.withdrawn", review, by=by, union=review.union)
    return review


def reveal(review: Review, *, by: User) -> Sequence[Change]:
    """Returns the comparison in full, for a reviewer who compares documents; records the disclosure (SPEC 7.2).

    Raises Refused for who does not review the request.
    """
    step = review.steps.filter(superior_id=by.union_id).first()
    if step is None or not can_decide(by, step) or not KINDS[review.kind].has_secrets:
        raise Refused("只有审核这项申请的人可以查看完整号码。")
    with transaction.atomic():
        record("review.revealed", review, by=by, union=review.union, purpose="审核")
    return KINDS[review.kind].full_changes(review)


def changes_shown(review: Review, *, by: User) -> Sequence[Change]:
    """Returns the comparison, masked; records the access where it names people outside everybody's scope."""
    if KINDS[review.kind].shows_others:
        with transaction.atomic():
            record("review.looked_at", review, by=by, union=review.union, people=KINDS[review.kind].others(review))
    return KINDS[review.kind].changes(review)


def hand_on_steps(union: Union, *, to: Union) -> int:
    """Moves the pending steps of ``union``'s superior to the new superior ``to``, in the caller's transaction.

    Returns how many. What was decided stays with who decided it.
    """
    waiting = Step.objects.filter(review__union=union, part=ReviewPart.SUPERIOR, open=True)
    return waiting.update(superior=to, bulk=None)


def save_phrase(text: str, *, kind: str, by: User) -> None:
    """Keeps an opinion for later reviews of the same kind; the same text twice is one phrase.

    Raises Refused past MAX_PHRASE of the kind.
    """
    text = text.strip()
    if not text or len(text) > MAX_OPINION:
        raise Refused(f"常用意见应为 1 到 {MAX_OPINION} 个字。", field="opinion")
    with transaction.atomic():
        phrases = phrases_for(kind, by)
        if phrases.filter(text=text).exists():
            return
        if phrases.count() >= MAX_PHRASE:
            raise Refused(f"「{KINDS[kind].label}」最多保存 {MAX_PHRASE} 条常用意见，请先删除不用的。")
        phrase, created = Phrase.objects.get_or_create(user=by, kind=kind, text=text)
        if created:
            record("phrase.saved", phrase, by=by, kind=kind)


def phrases_for(kind: str, user: User) -> QuerySet[Phrase]:
    """Returns the user's phrases for one kind of request, oldest first, and the old ones without a kind."""
    return Phrase.objects.filter(user=user, kind__in=("", kind)).order_by("pk")


def remove_phrase(phrase: Phrase, *, by: User) -> None:
    """Deletes one of the user's own phrases."""
    with transaction.atomic():
        kind: dict[str, Any] = {"kind": phrase.kind} if phrase.kind else {}
        record("phrase.removed", phrase, by=by, **kind)
        phrase.delete()


def move_phrases(old: User, new: User) -> None:
    """Gives the successor the phrases of both, each once (``accounts.hooks.on_handover``)."""
    there = Phrase.objects.filter(user=new, kind=OuterRef("kind"), text=OuterRef("text"))
    Phrase.objects.filter(~Exists(there), user=old).update(user=new)
    Phrase.objects.filter(user=old).delete()


def clean_opinion(opinion: str, decision: str) -> str:
    """Returns the opinion as stored. Raises Refused when it is too long, or missing where one is required."""
    opinion = opinion.strip()
    if len(opinion) > MAX_OPINION:
        raise Refused(f"审批意见不能超过 {MAX_OPINION} 个字。", field="opinion")
    if decision == Step.Decision.REFUSED and not opinion:
        raise Refused("退回时必须填写审批意见，说明需要修改什么。", field="opinion")
    return opinion


def _in_bulk(step: Step) -> str:
    bulk = step.bulk
    if bulk is None:
        return ""
    time = f"{localtime(bulk.effective_at):%H:%M}"
    return f"{bulk.by} 已把这项申请放入批量审核（{bulk.get_decision_display()}），将于 {time} 生效。需要单独处理的，请先在待办审核中撤回批量决定。"


def _own_step(review: Review, by: User, part: str | None = None, *, lock: bool = False) -> Step:
    """Returns the step of ``by``'s union: the pending one if there is one, else the decided one."""
    steps = review.steps.filter(superior_id=by.union_id, **({"part": part} if part else {}))
    steps = steps.select_for_update(of=["self"]) if lock else steps
    step = steps.select_related("reviewer", "in_place_of").order_by("-open", "pk").first()
    if step is None:
        raise Refused("这项申请不由您所在的工会审核。")
    return step


def _powerless(by: User) -> str:
    """Returns why a user of the desk may not decide: the role was removed, or the cover has ended."""
    cover = Cover.objects.filter(cover=by).select_related("absent").order_by("-ends_on", "-pk").first()
    if cover and by.is_active:
        return f"您代{cover.absent}审核的期限已经结束，这项申请没有变化。如需继续代办，请联系{cover.absent}或本工会的管理员。"
    return "您没有审核这项申请的权限，请联系本工会的管理员。"


def _require_undecided(review: Review, step: Step) -> None:
    if review.state == ReviewState.WITHDRAWN:
        raise Refused("申请单位已撤回这项申请，无需再审核。")
    if step.decision:
        raise Refused(
            f"已由 {step.decided_by} 于 {localtime(step.decided_at):%Y-%m-%d %H:%M} 审核（{step.get_decision_display()}），不能重复审核。"
        )
    if review.state != ReviewState.PENDING:
        raise Refused(f"这项申请已办结（{review.get_state_display()}），不能再操作。")


def _close(review: Review, state: ReviewState) -> None:
    review.state, review.closed_at = state, timezone.now()
    review.save(update_fields=["state", "closed_at"])
    waiting = review.steps.filter(open=True)
    settle([task_of(review.pk, part) for part in waiting.values_list("part", flat=True)])
    waiting.update(open=False, bulk=None)

"""Applications for cards, and reports of loss, replacement and cancellation (SPEC 4.1, 4.2, 4.4).

Locks in one order: the union, its review, its members, then the rows of this app. Every move of a member locks the
union first too (transfers/locks.py), so that a member is not put into a batch and moved at the same time.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards import card_states
from gonghui.cards.applications.names import check_agreed, needs_agreement
from gonghui.cards.applications.preflight import Checked, examine, seen
from gonghui.cards.models import AgreedName, Application, Batch, Card, UnionCode
from gonghui.cards.rules import can_apply, can_refuse_members, can_work_on
from gonghui.cards.states import ENDED_UNMADE, MAKING, PRINTING, ApplicationState, CardState, Event, Purpose
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.rules import can_reveal_members
from gonghui.reviews import actions as reviews
from gonghui.reviews.models import Review, ReviewPart, Step
from gonghui.unions.models import Union

verbs.register(
    cardbatch__submitted="提交办卡批次",
    cardbatch__members_refused="退回批次中的会员",
    cardbatch__members_withdrawn="撤回批次中的会员",
    cardbatch__members_closed="终止办卡",
    card__name_agreed="保存约定姓名",
    card__name_dropped="取消约定姓名",
    card__revealed="查看完整卡号",
)
verbs.looks(card__revealed=verbs.EACH)
verbs.facts("cardbatch", purpose=("类型", Purpose), foreign="外籍人士")
verbs.facts("card", agreed="约定姓名", card="")

MAX_BATCH_MEMBERS = 2_000
"""Maximum number of members of one batch."""

MAX_REASON = 200
_NAMED = 5
NOT_APPROVED = "只有审核通过的工会的经办人可以办理会员服务卡。"
NO_CODE = "请先填写并保存 9 位工会组织机构代码；没有代码的，可以由系统生成虚拟代码。"


def submit_batches(
    union: Union, ids: Sequence[int], *, purpose: str = Purpose.NEW, reason: str = "", by: User
) -> list[Batch]:
    """「申请办卡」, or 补办, 挂失, 注销 of these members' cards: creates a batch, and a separate one for foreigners.

    All or nothing. Raises Refused: ``by`` may not, no member or too many, no union code yet, a member who does not pass
    the preflight or is not the union's, a second batch of the day.
    """
    reason = reason.strip()
    _require_sense(ids, purpose, reason)
    with transaction.atomic():
        union, code, groups = _checked_groups(union, ids, purpose, by)
        return [_submit(union, group, purpose, code, reason, by) for group in groups]


def preview_batches(union: Union, ids: Sequence[int], *, by: User) -> list[list[Checked]]:
    """Returns the members of each batch that 「申请办卡」 would create now. Raises Refused as ``submit_batches``."""
    _require_sense(ids, Purpose.NEW, "")
    with transaction.atomic():
        union, _, groups = _checked_groups(union, ids, Purpose.NEW, by)
        for group in groups:
            _require_first_today(Batch(union=union, purpose=Purpose.NEW, foreign=group[0].foreign))
    return groups


def _checked_groups(union: Union, ids: Sequence[int], purpose: str, by: User) -> tuple[Union, str, list[list[Checked]]]:
    """Returns the locked union, its code, and the checked members by group: foreigners are a separate group."""
    union = Union.objects.select_for_update(of=("self",), no_key=True).select_related("superior").get(pk=union.pk)
    _require_officer(by, union)
    code = UnionCode.objects.filter(union=union).first()
    if code is None:
        raise Refused(NO_CODE)
    results = _require_fit(union, ids, purpose).values()
    groups = [[checked for checked in results if checked.foreign == foreign] for foreign in (False, True)]
    return union, code.code, [group for group in groups if group]


def _require_sense(ids: Sequence[int], purpose: str, reason: str) -> None:
    if purpose not in Purpose.values:
        raise Refused("不认识这种办理事项。")
    if not ids:
        raise Refused("还没有选中会员，请先勾选要办理的会员。")
    if len(set(ids)) > MAX_BATCH_MEMBERS:
        raise Refused(
            f"一个批次最多 {MAX_BATCH_MEMBERS:,} 人，现在选中 {len(set(ids)):,} 人。请减少勾选，其余的人改日再申请。"
        )
    if len(reason) > MAX_REASON:
        raise Refused(f"原因不能超过 {MAX_REASON} 个字。", field="reason")
    if purpose != Purpose.NEW and not reason:
        raise Refused(f"请填写{Purpose(purpose).label}的原因，上级工会审核时会看到。", field="reason")


def _require_officer(by: User, union: Union) -> None:
    require(can_apply, by, union, sentence=NOT_APPROVED)
    if union.superior is None:
        raise Refused(NOT_APPROVED)


def _require_fit(union: Union, ids: Sequence[int], purpose: str) -> Mapping[int, Checked]:
    """Returns the locked members, each fit for the purpose. Raises Refused that names the first few unfit ones."""
    members = list(Member.objects.filter(pk__in=ids).select_for_update().order_by("pk"))
    own_members = [member for member in members if member.union_id == union.pk]
    if gone_count := len(set(ids)) - len(own_members):
        raise Refused(f"选中的会员中有 {gone_count} 人已不在本工会（可能刚刚转出），没有提交。请刷新页面，重新勾选。")
    results = examine(own_members, purpose)
    unfit = [checked for checked in results.values() if not checked.ok]
    if unfit:
        reasons = "；".join(f"{checked.member.name}：{checked.problems[0].text}" for checked in unfit[:_NAMED])
        suffix = f"等 {len(unfit)} 人" if len(unfit) > _NAMED else ""
        raise Refused(f"有会员不符合条件，没有提交。{reasons}{suffix}。请改正或取消勾选后再提交。")
    return results


def _submit(union: Union, group: Sequence[Checked], purpose: str, code: str, reason: str, by: User) -> Batch:
    from gonghui.cards.applications.review import CardBatchKind

    foreign = group[0].foreign
    batch = Batch(
        union=union, purpose=purpose, foreign=foreign, count=len(group), code=code, reason=reason, created_by=by
    )
    _require_first_today(batch)
    try:
        with transaction.atomic():
            batch.save()
    except IntegrityError as error:
        if "card_batch_one_a_day" not in str(error):
            raise
        raise _second_today(batch) from error
    applications = Application.objects.bulk_create(
        Application(
            batch=batch, member=checked.member, purpose=purpose, printed_name=checked.printed_name, seen=seen(checked.member),
            card=checked.card if purpose != Purpose.NEW else None,
        )
        for checked in group
    )  # fmt: skip
    if purpose == Purpose.LOSS:  # at once: a finder must not use the card while superiors decide
        _report_lost([checked.card for checked in group if checked.card])
    assert union.superior is not None  # noqa: S101 (asked for by the caller)
    title = f"{batch.day:%m-%d} {batch.label} {batch.count} 人"
    batch.review = reviews.submit(
        CardBatchKind, union=union, title=title, superiors={ReviewPart.SUPERIOR: union.superior}, by=by
    )
    batch.save(update_fields=["review"])
    if purpose in MAKING:
        card_states.count_event(Event.APPLIED, [application.pk for application in applications])
    elif purpose == Purpose.LOSS:
        card_states.count_event(Event.LOST, [application.pk for application in applications])
    record("cardbatch.submitted", batch, by=by, union=union, purpose=purpose, foreign=foreign, count=len(group))
    return batch


def _require_first_today(batch: Batch) -> None:
    if batch.purpose not in MAKING:
        return
    today = Batch.objects.filter(union=batch.union, day=batch.day, purpose=batch.purpose, foreign=batch.foreign)
    if today.exclude(state__in=ENDED_UNMADE).exists():
        raise _second_today(batch)


def _second_today(batch: Batch) -> Refused:
    free = batch.day + timedelta(days=1)
    whose_batch = "外籍人士" if batch.foreign else "其他会员的"
    return Refused(
        f"本工会今天（{batch.day:%Y-%m-%d}）已有一个{whose_batch}{Purpose(batch.purpose).label}批次，一天只能添加一个批次。"
        f"下一个可以申请的日子是 {free:%Y-%m-%d}；也可以先撤回今天的批次，与这次的会员一起重新提交。"
    )


def _report_lost(cards: Sequence[Card]) -> None:
    Card.objects.filter(pk__in=[card.pk for card in cards]).update(state=CardState.LOST, lost_at=timezone.now())


def lock_batch(pk: int) -> Batch:
    """Locks the batch's union, then the batch, and returns it."""
    union = Batch.objects.values_list("union", flat=True).get(pk=pk)
    Union.objects.select_for_update(no_key=True).get(pk=union)
    return Batch.objects.select_for_update(of=("self",)).select_related("union", "review").get(pk=pk)


def lock_own_batch(pk: int, by: User) -> Batch:
    """As `lock_batch`. Raises Refused when ``by`` is not an officer of the batch's union, or no longer."""
    batch = lock_batch(pk)
    require(can_work_on, by, batch, sentence=NOT_APPROVED)
    return batch


def chosen(batch: Batch, ids: Sequence[int] | None, states: Sequence[str]) -> list[Application]:
    """Returns the batch's applications with these ``ids`` (None: all) in one of ``states``, locked.

    Raises Refused when there is none.
    """
    rows = Application.objects.filter(batch=batch, state__in=states).select_for_update(of=("self",))
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    applications = list(rows.select_related("member").order_by("pk"))
    if not applications:
        raise Refused("没有可以这样办理的会员：可能没有勾选，或他们的状态刚刚有了变化。请刷新页面查看。")
    return applications


def withdraw_members(batch: Batch, ids: Sequence[int], *, by: User) -> int:
    """Withdraws members from a batch, until they are gathered into an order; the others remain. Returns the number.

    Raises Refused: ``by`` may not, or none of them can be withdrawn.
    """
    with transaction.atomic():
        batch = lock_own_batch(batch.pk, by)
        applications = chosen(batch, ids, (ApplicationState.PENDING, ApplicationState.APPROVED))
        _end(batch, applications, ApplicationState.WITHDRAWN, "经办人撤回")
        record("cardbatch.members_withdrawn", batch, by=by, union=batch.union, count=len(applications))
    return len(applications)


def refuse_members(batch: Batch, ids: Sequence[int], *, opinion: str, by: User) -> int:
    """The reviewer returns single members; the others remain (SPEC 4.4). If all are returned, the batch is refused.

    Raises Refused: no reason, ``by`` may not decide, or the batch is decided already.
    """
    opinion = opinion.strip()
    if not opinion or len(opinion) > MAX_REASON:
        raise Refused(f"退回会员时必须填写原因，不超过 {MAX_REASON} 个字。", field="opinion")
    with transaction.atomic():
        batch = lock_batch(batch.pk)
        batch.review = Review.objects.select_for_update().filter(card_batch=batch).first()
        require(
            can_refuse_members,
            by,
            batch,
            sentence="这个批次已经办结，或您不是它的审核人，不能退回其中的会员。请刷新页面查看。",
        )
        applications = chosen(batch, ids, (ApplicationState.PENDING,))
        waiting = Application.objects.filter(batch=batch, state=ApplicationState.PENDING).count()
        if len(applications) == waiting and batch.review:
            reviews.decide(batch.review, decision=Step.Decision.REFUSED, opinion=opinion, by=by)
        else:
            _end(batch, applications, ApplicationState.REFUSED, opinion)
            record(
                "cardbatch.members_refused", batch, by=by, union=batch.union, count=len(applications), opinion=opinion
            )
    return len(applications)


def close_members(batch: Batch, ids: Sequence[int], *, by: User) -> int:
    """「终止」: ends the applications of failed cards, so that the members may apply again. Returns the number of members."""
    with transaction.atomic():
        batch = lock_own_batch(batch.pk, by)
        applications = chosen(batch, ids, (ApplicationState.FAILED,))
        _end(batch, applications, ApplicationState.CLOSED, None)
        record("cardbatch.members_closed", batch, by=by, union=batch.union, count=len(applications))
    return len(applications)


def end_all(batch: Batch, state: str, remark: str) -> None:
    """Ends all applications of a waiting batch, by its review, which the caller has locked."""
    rows = Application.objects.filter(batch=batch, state=ApplicationState.PENDING)
    applications = list(rows.select_for_update(of=("self",)).order_by("pk"))
    _end(batch, applications, state, remark)


def _end(batch: Batch, applications: Sequence[Application], state: str, remark: str | None) -> None:
    rows = Application.objects.filter(pk__in=[application.pk for application in applications])
    if batch.purpose == Purpose.LOSS:
        card_states.restore_cards(rows)
    card_states.set_state(rows, state, remark=remark)
    card_states.refresh_batch_states([batch.pk])
    any_pending = Application.objects.filter(batch=batch, state=ApplicationState.PENDING).exists()
    if batch.review_id and not any_pending:
        reviews.void(Review.objects.filter(pk=batch.review_id))


def lapse_of_moved(members: Sequence[int]) -> None:
    """Ends the open applications of members who leave the union (members.hooks.on_membership_end)."""
    waiting = (ApplicationState.PENDING, ApplicationState.APPROVED)
    rows = Application.objects.filter(member__in=members, state__in=waiting, purpose__in=MAKING)
    batches = Batch.objects.filter(pk__in=rows.values("batch")).select_for_update().order_by("pk")
    for batch in list(batches):
        applications = list(rows.filter(batch=batch).select_for_update().order_by("pk"))
        _end(batch, applications, ApplicationState.WITHDRAWN, "会员已离开本工会")


def agree_name(member: Member, text: str, *, by: User) -> AgreedName:
    """「请填写办卡约定姓名」, 「保存」 (SPEC 4.3): also for a name that only the officer considers special.

    Raises Refused: ``by`` may not, or the agreed name is invalid.
    """
    with transaction.atomic():
        member = _lock_for_agreeing(member, by)
        agreed = check_agreed(text, name=member.name, document_type=member.document_type)
        saved, _ = AgreedName.objects.update_or_create(
            member=member, defaults={"for_name": member.name, "name": agreed, "agreed_by": by}
        )
        record("card.name_agreed", member, by=by, union=member.union, agreed=agreed)
    return saved


def disagree(member: Member, *, by: User) -> None:
    """「取消特殊」: the card shows the member's own name again. Raises Refused: ``by`` may not, or the name must be agreed."""
    with transaction.atomic():
        member = _lock_for_agreeing(member, by)
        if needs_agreement(member.name, member.document_type):
            raise Refused("这名会员必须有约定姓名才能办卡，不能取消；可以改成另一个约定姓名。", field="agreed")
        if AgreedName.objects.filter(member=member).delete()[0]:
            record("card.name_dropped", member, by=by, union=member.union)


def _lock_for_agreeing(member: Member, by: User) -> Member:
    member = Member.objects.select_for_update(of=("self",)).select_related("union").get(pk=member.pk)
    if member.union is None or member.union_id != by.union_id or not can_apply(by, member.union):
        raise Refused(NOT_APPROVED)
    if Application.objects.filter(member=member, state__in=PRINTING, purpose__in=MAKING).exists():
        raise Refused("这名会员的卡正在办理，约定姓名不能修改。如需修改，请先在批次中撤回这名会员。", field="agreed")
    return member


def reveal_card(card: Card, *, by: User) -> str:
    """Returns the card's full number; the access is recorded (SPEC 7.2)."""
    if not can_reveal_members(by):
        raise Refused("您的角色只能查看遮盖后的卡号。")
    with transaction.atomic():
        record("card.revealed", card.member, by=by, union=card.member.union, card=card.pk)
    return card.number

"""The review of card batches (SPEC 4.4): of the whole batch here, of single members on the batch's own page."""

from collections.abc import Sequence

from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.cards import card_states
from gonghui.cards.applications.actions import end_all
from gonghui.cards.applications.preflight import Checked, Obstacle, examine, seen
from gonghui.cards.models import Application, Batch
from gonghui.cards.states import ApplicationState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.notices.actions import notify_officers
from gonghui.reviews.kinds import Change, Check, ReviewKind
from gonghui.reviews.models import Review, ReviewState, Step

verbs.register(
    cardbatch__approved="办卡批次审核通过", cardbatch__returned="办卡批次退回", cardbatch__withdrawn="撤回办卡批次"
)

MAX_NAMED = 30


class CardBatchKind(ReviewKind):
    """A batch of applications for cards, or of reports of cards."""

    code = "card_batch"
    label = "会员服务卡"
    exclusive = False
    locks_union = True
    old_heading = "现在"
    new_heading = "申请"

    def changes(self, review: Review) -> Sequence[Change]:
        batch = Batch.objects.select_related("union").get(review=review)
        people = Application.objects.filter(batch=batch).order_by("pk")[:MAX_NAMED]
        names = "、".join(_named(person) for person in people.select_related("member"))
        refused = Application.objects.filter(batch=batch, state=ApplicationState.REFUSED).count()
        return [
            Change("办理事项", None, batch.label),
            Change("人数", None, f"{batch.count}（其中单独退回 {refused}）" if refused else str(batch.count)),
            Change("9位工会组织机构代码", None, batch.code),
            *([Change("原因", None, batch.reason)] if batch.reason else []),
            Change("会员" if batch.count <= MAX_NAMED else f"会员（前 {MAX_NAMED} 人）", None, names),
        ]

    def details(self, review: Review) -> tuple[str, str]:
        batch = Batch.objects.values_list("pk", flat=True).get(review=review)
        return "查看名单，单独退回会员", reverse("cards:batch", args=[batch])

    def checks(self, review: Review, batch: Batch) -> Sequence[Check]:
        if review.state != ReviewState.PENDING:
            return ()
        results = _examined(batch, lock=False)
        unfit = [checked for checked in results.values() if not checked.ok]
        special = [checked for checked in results.values() if checked.special]
        checks = [_preflight_check(unfit)]
        if special and batch.makes_cards:
            names = "、".join(f"{checked.member.name} → {checked.agreed}" for checked in special[:10])
            checks.append(Check("look", f"{len(special)} 人用约定姓名，请核对读音：{names}"))
        if changed := _changed(batch, results):
            checks.append(Check("bad", f"提交之后有 {changed} 人的姓名、证件或出生日期已有变化，请单独退回"))
        return checks

    def prepare(self, reviews: Sequence[Review]) -> dict[int, Batch]:
        batches = Batch.objects.filter(review__in=reviews).select_related("union")
        return {batch.review_id: batch for batch in batches if batch.review_id}

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        batch = Batch.objects.select_for_update().get(review=review)
        results = _examined(batch, lock=True)
        unfit = [checked for checked in results.values() if not checked.ok]
        if unfit:
            raise Refused(f"不能通过：{_preflight_check(unfit).text}。请先在批次名单中单独退回这些会员。")
        if changed := _changed(batch, results):
            raise Refused(f"不能通过：提交之后有 {changed} 人的姓名、证件或出生日期已有变化。请先单独退回这些会员。")
        rows = Application.objects.filter(batch=batch, state=ApplicationState.PENDING)
        count = rows.count()
        card_states.set_state(rows, ApplicationState.APPROVED)
        card_states.refresh_batch_states([batch.pk])
        record("cardbatch.approved", batch, by=by, union=review.union, count=count)
        _notify_union(batch, review, f"「{batch}」批次已审核通过", f"共 {count} 人，等待市总工会制卡。")

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        batch = Batch.objects.select_for_update().get(review=review)
        end_all(batch, ApplicationState.REFUSED, step.opinion)
        record("cardbatch.returned", batch, by=by, union=review.union, opinion=step.opinion)
        _notify_union(
            batch, review, f"「{batch}」批次被退回", f"审批意见：{step.opinion}。改正后可以重新添加办卡会员。"
        )

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        batch = Batch.objects.select_for_update().get(review=review)
        end_all(batch, ApplicationState.WITHDRAWN, "经办人撤回")
        record("cardbatch.withdrawn", batch, by=by, union=review.union)


def _examined(batch: Batch, *, lock: bool) -> dict[int, Checked]:
    """Runs the preflight for all members who still wait; a member who has left the union does not pass."""
    rows = Member.objects.filter(card_applications__batch=batch, card_applications__state=ApplicationState.PENDING)
    rows = rows.order_by("pk")
    members = list(rows.select_for_update(of=("self",)) if lock else rows)
    results = examine(members, batch.purpose, asked=True)
    for checked in results.values():
        if checked.member.union_id != batch.union_id:
            checked.problems.insert(0, Obstacle("已不在本工会"))
    return results


def _changed(batch: Batch, results: dict[int, Checked]) -> int:
    """Returns the number of members whose card would differ from the submitted data."""
    if not batch.makes_cards:
        return 0
    rows = Application.objects.filter(batch=batch, state=ApplicationState.PENDING)
    return sum(
        bytes(was) != seen(results[member].member) or name != results[member].printed_name
        for member, was, name in rows.values_list("member", "seen", "printed_name")
    )


def _preflight_check(unfit: Sequence[Checked]) -> Check:
    if not unfit:
        return Check("ok", "所有会员都符合办理条件")
    reasons = "；".join(f"{checked.member.name}：{checked.reasons}" for checked in unfit[:5])
    return Check("bad", f"{len(unfit)} 人不符合办理条件（{reasons}）")


def _named(application: Application) -> str:
    agreed = f"（{application.printed_name}）" if application.printed_name != application.member.name else ""
    refused = "〔已退回〕" if application.state == ApplicationState.REFUSED else ""
    return f"{application.member.name}{agreed}{refused}"


def _notify_union(batch: Batch, review: Review, title: str, body: str) -> None:
    notify_officers([review.union_id], title, body=body, url=reverse("cards:batch", args=[batch.pk]))

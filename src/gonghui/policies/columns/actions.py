"""Drafts, counts, confirms and withdraws which columns are collected. A draft holds the subject's one place, by constraint."""

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.notices.actions import notify
from gonghui.policies.columns.queries import confirmed, drafts_of, preceding
from gonghui.policies.hooks import SUBJECTS, Subject
from gonghui.policies.models import ColumnPolicy, ColumnPolicyState, Requirement
from gonghui.policies.rules import can_set_columns

verbs.register(
    columns__drafted="拟定采集项目",
    columns__confirmed="确认采集项目",
    columns__withdrawn="作废采集项目",
)
verbs.facts("columns", subject="对象", valid_from="执行日期")

_ONLY_CITY = "只有市总工会的管理员可以设定采集项目。"
_GONE = "这份设定已被处理，可能是别人刚刚确认或作废。请刷新页面查看。"


def draft(subject: str, wanted: Mapping[str, str], valid_from: date, *, by: User) -> ColumnPolicy:
    """Prepares the columns of a subject from a day on; a job counts the gaps, then `confirm` puts it in force.

    Replaces an earlier draft. Raises Refused: ``by`` may not, the day has passed, a requirement that the column does not
    allow, or nothing differs from what holds on that day.
    """
    from gonghui.policies.tasks import count_gaps

    chosen = _allowed(SUBJECTS[subject], wanted)
    try:
        with transaction.atomic():
            earlier_drafts = list(drafts_of(subject).select_for_update(of=("self",)))
            require(can_set_columns, by, sentence=_ONLY_CITY)
            _require_change(subject, chosen, valid_from)
            for earlier in earlier_drafts:
                _change(earlier, ColumnPolicyState.WITHDRAWN)
            policy = ColumnPolicy.objects.create(
                subject=subject, valid_from=valid_from, requirements=chosen, drafted_by=by
            )
            record("columns.drafted", policy, by=by, union=by.union, **_facts(policy))
            defer(count_gaps, pk=policy.pk)
    except IntegrityError as error:
        raise Refused("另一位管理员刚刚保存了一份设定。请刷新页面，看过那一份以后再修改。") from error
    return policy


def _require_change(subject: str, chosen: Mapping[str, str], valid_from: date) -> None:
    """Raises Refused for a day that has passed, and for what holds on that day already."""
    today = localdate()
    if valid_from < today:
        raise Refused(
            f"执行日期 {valid_from:%Y-%m-%d} 已经过去，请填写今天（{today:%Y-%m-%d}）或以后的日期。", field="valid_from"
        )
    in_force = confirmed(subject, valid_from)
    if chosen == (in_force.requirements if in_force else {}):
        raise Refused("没有改动：所选的项目与这一天已经执行的设定相同。请修改后再保存。")


def _allowed(subject: Subject, wanted: Mapping[str, str]) -> dict[str, str]:
    chosen = {}
    for name, column in subject.by_name.items():
        value = wanted.get(name, Requirement.OFF)
        if value not in Requirement.values:
            raise Refused(f"请为“{column.label}”选择不收、选填或必填。", field=name)
        if value == Requirement.REQUIRED and not column.requirable:
            raise Refused(f"“{column.label}”不是人人都有，只能选填。", field=name)
        if value != Requirement.OFF:
            chosen[name] = str(value)
    return chosen


def count(pk: int) -> None:
    """Counts the rows in which a required column of a draft is empty; the draft can then be confirmed. For the job."""
    policy = ColumnPolicy.objects.get(pk=pk)
    if policy.state != ColumnPolicyState.COUNTING:
        return
    required = [name for name, value in policy.requirements.items() if value == Requirement.REQUIRED]
    gaps = SUBJECTS[policy.subject].gaps(required) if required else {}
    with transaction.atomic():
        policy = ColumnPolicy.objects.select_for_update().get(pk=pk)
        if policy.state == ColumnPolicyState.COUNTING:
            policy.gaps = {name: list(gap) for name, gap in gaps.items()}
            _change(policy, ColumnPolicyState.DRAFT)


def give_up(pk: int) -> None:
    """Ends a draft whose gaps could not be counted."""
    with transaction.atomic():
        policy = ColumnPolicy.objects.select_for_update(of=("self",)).select_related("drafted_by").get(pk=pk)
        if policy.state == ColumnPolicyState.COUNTING:
            policy.message = "统计中断，这份设定已作废。请重新设定；如果一直如此，请联系技术支持。"
            _change(policy, ColumnPolicyState.WITHDRAWN)
            address = reverse("policies:draft", args=[policy.pk])
            notify([policy.drafted_by], "采集项目没有设定成功", body=policy.message, url=address)


def confirm(pk: int, *, by: User) -> ColumnPolicy:
    """Puts a counted draft in force from its day on. Raises Refused: ``by`` may not, it is not a draft now (another one has
    replaced it, for example), or its day has passed.
    """
    with transaction.atomic():
        policy = ColumnPolicy.objects.select_for_update().get(pk=pk)
        require(can_set_columns, by, sentence=_ONLY_CITY)
        if policy.state != ColumnPolicyState.DRAFT:
            raise Refused(_GONE)
        if policy.valid_from < localdate():
            raise Refused(f"执行日期 {policy.valid_from:%Y-%m-%d} 已经过去。请作废这份设定，重新选择日期。")
        policy.confirmed_by, policy.confirmed_at = by, timezone.now()
        _change(policy, ColumnPolicyState.CONFIRMED)
        record("columns.confirmed", policy, by=by, union=by.union, **_facts(policy))
    return policy


def withdraw(pk: int, *, by: User) -> ColumnPolicy:
    """Withdraws a draft, or a confirmed policy before its first day. Raises Refused otherwise."""
    with transaction.atomic():
        policy = ColumnPolicy.objects.select_for_update().get(pk=pk)
        require(can_set_columns, by, sentence=_ONLY_CITY)
        if policy.state == ColumnPolicyState.WITHDRAWN:
            raise Refused(_GONE)
        if policy.state == ColumnPolicyState.CONFIRMED and policy.valid_from <= localdate():
            raise Refused("这份设定已经开始执行，不能作废。需要调整的，请重新设定采集项目。")
        _change(policy, ColumnPolicyState.WITHDRAWN)
        record("columns.withdrawn", policy, by=by, union=by.union, **_facts(policy))
    return policy


def _change(policy: ColumnPolicy, state: ColumnPolicyState) -> None:
    policy.state = state
    policy.save()


def _facts(policy: ColumnPolicy) -> dict[str, object]:
    subject = SUBJECTS[policy.subject]
    before = preceding(policy)
    changes = [
        [column.label, label_of(before, name), label_of(policy.requirements, name)]
        for name, column in subject.by_name.items()
        if before.get(name) != policy.requirements.get(name)
    ]
    return {"subject": subject.title, "valid_from": policy.valid_from.isoformat(), "changes": changes}


def label_of(requirements: Mapping[str, str], name: str) -> str:
    """不收, 选填 or 必填."""
    return str(Requirement(requirements.get(name, Requirement.OFF)).label)

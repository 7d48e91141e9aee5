"""A union that has not answered in time: the nearest superior who sees both records decides instead (SPEC 5.6)."""

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.duplicates.actions import conclude, lock_merge, record_pair, require_state, task_of
from gonghui.duplicates.models import Merge, MergeQuerySet
from gonghui.duplicates.queries import DECISION
from gonghui.duplicates.rules import can_decide, judges_of
from gonghui.duplicates.states import MergeState
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify, notify_officers, settle

verbs.register(
    duplicate__fell="合并重复会员的请求逾期未答复",
    duplicate__decided="代未答复的工会同意合并重复会员",
    duplicate__declined="代未答复的工会不同意合并重复会员",
)

MAY_NOT_DECIDE = "只有能同时管理这两名会员的上级工会的审核人或管理员可以决定。"

CHUNK = 500
"""Ids read at once; each request is settled in a transaction of its own."""


def settle_overdue() -> int:
    """Gives all requests with a deadline before today to the superior; returns their number. A job, safe to repeat."""
    settled, last = 0, 0
    while ids := list(overdue().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        settled += sum(map(_escalate, ids))
        last = ids[-1]
    return settled


def overdue() -> MergeQuerySet:
    """Returns the requests that still wait for a union after their deadline."""
    return Merge.objects.filter(state=MergeState.WAITING, due_on__lt=localdate())


def decide(merge: Merge, *, agree: bool, opinion: str, by: User) -> Merge:
    """Decides instead of the union that was silent.

    Raises Refused: ``by`` may not, the union may still answer, it is decided or withdrawn already, a refusal has no
    reason, or the records cannot be merged any more.
    """
    with transaction.atomic():
        pair, merge = lock_merge(merge)
        require(can_decide, by, merge, sentence=MAY_NOT_DECIDE)
        if merge.state == MergeState.WAITING:
            raise Refused(f"{merge.releasing}可以答复到 {merge.due_on:%Y-%m-%d}，逾期没有答复的才由上级工会决定。")
        require_state(merge, MergeState.OVERDUE)
        both = {pair.member.union_id, pair.other.union_id}
        verb = "duplicate.decided" if agree else "duplicate.declined"
        opinion = conclude(merge, agree=agree, opinion=opinion, by=by, verb=verb)
        said = f"{by.union}：{opinion}" if opinion else str(by.union)
        title = "上级工会已决定合并重复会员" if agree else "上级工会决定不合并重复会员"
        if not agree:  # of a merge both unions are told by it
            notify_officers(both, title, body=f"{pair.member.name}的两条记录没有变化。{said}")
        if merge.asked_by != by:
            notify([merge.asked_by], title, body=said, url=reverse("duplicates:pair", args=[pair.pk]))
    return merge


def _escalate(pk: int) -> int:
    try:
        with transaction.atomic():
            pair, merge = lock_merge(Merge.objects.get(pk=pk))
            if merge.state != MergeState.WAITING or merge.due_on is None or merge.due_on >= localdate():
                return 0
            merge.state = MergeState.OVERDUE
            merge.save(update_fields=["state"])
            settle([task_of(merge)])  # the union itself no longer has to answer
            record_pair("duplicate.fell", pair, None)
            _tell(merge)
    except Refused:  # one of the two moves at this moment: the request lapses, or the next run settles it
        return 0
    return 1


def _tell(merge: Merge) -> None:
    """Those who decide now, both unions, and who has asked."""
    pair, due = merge.pair, f"{merge.due_on:%Y-%m-%d}"
    judges = judges_of(pair.owner)
    address = reverse("duplicates:pair", args=[pair.pk])
    said = f"{pair.member.name}：{merge.releasing}没有在 {due} 以前答复"
    notify(
        judges, "重复会员合并逾期未答复，请决定", body=f"{said}。", url=address, tasks=[task_of(merge)], kind=DECISION
    )
    title, body = "重复会员合并请求已转由上级工会决定", f"{said}，由{pair.owner}决定。"
    notify_officers({pair.member.union_id, pair.other.union_id}, title, body=body)
    if merge.asked_by not in judges:
        notify([merge.asked_by], title, body=body, url=address)

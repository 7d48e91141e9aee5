"""The desk's lists as workbooks (SPEC 5.1)."""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import asker, matter
from gonghui.reviews.models import Review, Step
from gonghui.reviews.rules import can_open_desk

verbs.register(review__exported="导出审核清单")
verbs.looks(review__exported=verbs.BY_UNION)
verbs.facts("review", list="清单")

MAX_EXPORT = 20_000
_COMMON = ("单位", "事项", "类型", "审核工会", "审核角色", "轮次", "提交人", "提交时间")
WAITING = (*_COMMON, "已等待天数")
DONE = (*_COMMON, "审批结果", "审批意见", "审批人", "审批时间")


def export_steps(steps: QuerySet[Step], path: Path, *, done: bool, title: str, by: User) -> int:
    """Writes the steps, in their order, to a workbook at ``path``; records and returns their number.

    Rows are streamed: memory does not grow with them. Raises Refused for none, and past MAX_EXPORT rows.
    """
    if not can_open_desk(by):
        raise Refused("只有上级工会的账号可以导出审核清单。")
    total = steps.order_by()[: MAX_EXPORT + 1].count()
    if not total:
        raise Refused("没有可以导出的申请，请换一个查询条件。")
    if total > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT} 项申请，请先用查询条件缩小范围，再分次导出。")
    people = ("review__submitted_by", "review__union", "reviewer", "in_place_of", "superior")
    lines = (
        [*_common(step), *(_decision(step) if done else [str(waiting_days(step.review))])]
        for step in steps.select_related(*people).iterator(chunk_size=2000)
    )
    with transaction.atomic():
        count = excel.export(path, DONE if done else WAITING, lines, title=title)
        record("review.exported", by=by, union=by.union, count=count, list=title)
    return count


def waiting_days(review: Review) -> int:
    """Returns the whole days that a request has been pending."""
    return (timezone.now() - review.submitted_at).days


def _common(step: Step) -> list[str]:
    review = step.review
    return [
        asker(review),
        matter(review),
        KINDS[review.kind].label,
        step.superior.name,
        step.get_part_display(),
        str(review.round),
        str(review.submitted_by),
        _time(review.submitted_at),
    ]


def _decision(step: Step) -> list[str]:
    return [step.get_decision_display() or "", step.opinion, step.decided_by, _time(step.decided_at)]


def _time(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}" if at else ""

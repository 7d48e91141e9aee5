"""Reports that leave the platform, and looks at people who have never been: recorded."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.bookings.codes import FundSource
from gonghui.bookings.reports.queries import Line
from gonghui.bookings.rules import can_report
from gonghui.kit import excel
from gonghui.kit.documents import mask_number
from gonghui.kit.errors import Refused
from gonghui.members.models import Member, MemberQuerySet
from gonghui.unions.models import Union

verbs.register(report__exported="导出疗休养体检统计", report__looked_at="查看从未参加的会员")
verbs.looks(report__looked_at=verbs.EACH, report__exported=verbs.EACH)
verbs.facts("report", what="内容", year="年度")

MAX_NEVER = 20_000
FIGURES = ("工会", "人数", "人次", *(source.label for source in FundSource), "合计（元）")
NEVER = ("会员编号", "姓名", "证件号码（遮盖）", "工会编号", "工会")
_MAY_NOT = "只有上级工会可以查看和导出疗休养体检统计。"


def export_report(node: Union, lines: Sequence[Line], path: Path, *, year: int, by: User) -> int:
    """Writes the figures of the unions directly below ``node``. Raises Refused: ``by`` may not, or there are none."""
    require(can_report, by, sentence=_MAY_NOT)
    if not lines:
        raise Refused("没有可以导出的工会。")
    rows = (
        [line.label, str(line.people), str(line.times), *(amount for _, amount in line.by_source), line.sum]
        for line in lines
    )
    return _export(path, FIGURES, rows, node, by, what="各工会统计", year=year)


def export_never(node: Union, members: MemberQuerySet, path: Path, *, by: User) -> int:
    """Writes who has never been, numbers masked. Raises Refused: ``by`` may not, nobody, or too many."""
    require(can_report, by, sentence=_MAY_NOT)
    total = members.order_by()[: MAX_NEVER + 1].count()
    if not total:
        raise Refused("没有从未参加的会员，不用导出。")
    if total > MAX_NEVER:
        raise Refused(f"一次最多导出 {MAX_NEVER} 人，请先按工会查询，再分次导出。")
    rows = (
        [one.number, one.name, mask_number(one.document_number), one.union.number or "", one.union.name]
        for one in members.select_related("union").order_by("union_id", "id").iterator(chunk_size=2000)
        if one.union
    )
    people = list(members.order_by().values_list("pk", flat=True))
    return _export(path, NEVER, rows, node, by, people=people, what="从未参加的会员")


def _export(
    path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]], node: Union, by: User, **facts: Any
) -> int:
    with transaction.atomic():
        count = excel.export(path, headings, rows, title="疗休养体检统计")
        record("report.exported", node, by=by, union=by.union, count=count, **facts)
    return count


def look_at_never(node: Union, members: Sequence[Member], *, by: User) -> None:
    """Records that somebody has looked at these members of unions below."""
    with transaction.atomic():
        people = [member.pk for member in members]
        record("report.looked_at", node, by=by, union=by.union, people=people, count=len(people))

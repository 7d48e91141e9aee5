"""The columns of the exported lists of those done and not done (SPEC 2.6)."""

from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime

from gonghui.inspections.models import Confirmation, Reminder, Window
from gonghui.inspections.queries import due, not_done
from gonghui.unions.models import Union

HEADINGS = (
    "工会编号", "工会名称", "单位名称", "统一社会信用代码", "所属区总工会或产业局", "所属街镇或公司工会", "职工人数", "会员人数",
    "年检状态", "完成时间", "完成人", "最近催办",
)  # fmt: skip
_COLUMNS = (
    "number", "name", "employer__name", "employer__code", "level2__name", "level3__name", "staff_count", "member_count",
    "confirmed_at", "confirmed_by", "reminded_on",
)  # fmt: skip


def export_rows(window: Window, node: Union, *, finished: bool) -> QuerySet:
    """The values of _COLUMNS, a row a union."""
    standing = Confirmation.objects.standing().filter(window=window, union=OuterRef("pk"))
    reminders = Reminder.objects.filter(window=window, union=OuterRef("pk")).values("union")
    unions = due(window, node) if finished else not_done(window, node)
    rows = unions.annotate(
        confirmed_at=Subquery(standing.values("confirmed_at")),
        confirmed_by=Subquery(standing.values("confirmed_by__name")),
        reminded_on=Subquery(reminders.annotate(last=Max("day")).values("last")),
    ).filter(Q(confirmed_at__isnull=not finished))
    return rows.values_list(*_COLUMNS)


def export_line(row: tuple[Any, ...]) -> list[str]:
    """The texts under HEADINGS."""
    *facts, confirmed_at, confirmed_by, reminded_on = row
    return [
        *("" if fact is None else str(fact) for fact in facts),
        "已完成" if confirmed_at else "未完成",
        f"{localtime(confirmed_at):%Y-%m-%d %H:%M}" if confirmed_at else "",
        confirmed_by or "",
        reminded_on.isoformat() if reminded_on else "",
    ]

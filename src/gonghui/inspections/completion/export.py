"""The columns of the exported lists of those done and not done (SPEC 2.6)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localtime

from gonghui.inspections.models import Confirmation, Reminder, Window
from gonghui.inspections.queries import due, not_done
from gonghui.unions.models import Union
from gonghui.unions.national import Field

_COLUMNS = {
    "number": "工会编号",
    "name": "工会名称",
    "employer__name": "单位名称",
    "employer__code": "统一社会信用代码",
    "level2__name": "所属区总工会或产业局",
    "level3__name": "所属街镇或公司工会",
    "staff_count": "职工人数",
    "member_count": "会员人数",
}
_STATE = {"confirmed_at": "完成时间", "confirmed_by": "完成人", "reminded_on": "最近催办"}


def headings(fields: Sequence[Field]) -> tuple[str, ...]:
    """Those of the workbook; ``fields``: what is collected of the national form."""
    return (*_COLUMNS.values(), *(field.label for field in fields), "年检状态", *_STATE.values())


def export_rows(window: Window, node: Union, fields: Sequence[Field], *, finished: bool) -> QuerySet:
    """The values for `export_line`, a row a union."""
    standing = Confirmation.objects.standing().filter(window=window, union=OuterRef("pk"))
    reminders = Reminder.objects.filter(window=window, union=OuterRef("pk")).values("union")
    unions = due(window, node) if finished else not_done(window, node)
    rows = unions.annotate(
        confirmed_at=Subquery(standing.values("confirmed_at")),
        confirmed_by=Subquery(standing.values("confirmed_by__name")),
        reminded_on=Subquery(reminders.annotate(last=Max("day")).values("last")),
    ).filter(Q(confirmed_at__isnull=not finished))
    return rows.values_list(*_COLUMNS, *(field.path for field in fields), *_STATE)


def export_line(row: tuple[Any, ...], fields: Sequence[Field]) -> list[str]:
    """The texts under the headings."""
    *values, confirmed_at, confirmed_by, reminded_on = row
    facts, asked = values[: len(_COLUMNS)], values[len(_COLUMNS) :]
    return [
        *("" if fact is None else str(fact) for fact in facts),
        *(field.text(value) for field, value in zip(fields, asked, strict=True)),
        "已完成" if confirmed_at else "未完成",
        f"{localtime(confirmed_at):%Y-%m-%d %H:%M}" if confirmed_at else "",
        confirmed_by or "",
        reminded_on.isoformat() if reminded_on else "",
    ]

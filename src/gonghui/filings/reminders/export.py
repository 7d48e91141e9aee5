"""The columns of the exported list of unions that are past a day, or near it (SPEC 2.7)."""

from datetime import date
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery

from gonghui.filings.deadlines import Deadline
from gonghui.filings.models import Reminder

_COLUMNS = (
    "number", "name", "employer__name", "employer__code", "level2__name", "level3__name", "leader", "member_count",
)  # fmt: skip


def headings(deadline: Deadline) -> tuple[str, ...]:
    return (
        "工会编号", "工会名称", "单位名称", "统一社会信用代码", "所属区总工会或产业局", "所属街镇或公司工会", "工会负责人",
        "会员人数", deadline.heading, "剩余天数", "最近提醒",
    )  # fmt: skip


def export_rows(deadline: Deadline, unions: Any) -> QuerySet:
    """The values of the columns, a row a union."""
    reminders = Reminder.objects.filter(union=OuterRef("pk"), deadline=deadline.code).order_by().values("union")
    rows = unions.annotate(reminded_on=Subquery(reminders.annotate(last=Max("day")).values("last")))
    return rows.values_list(*_COLUMNS, deadline.column, "reminded_on")


def export_line(row: tuple[Any, ...], today: date) -> list[str]:
    """The texts under the headings."""
    *facts, day, reminded_on = row
    told = [*facts, day, (day - today).days, reminded_on]
    return ["" if fact is None else str(fact) for fact in told]

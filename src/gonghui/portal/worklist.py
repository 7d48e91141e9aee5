"""What waits for a user, counted: the lines of 「待我办理」, and the numbers in the menu (SPEC 1.6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import DateField, Value
from django.db.models.functions import Cast
from django.utils.timezone import localdate

from gonghui.accounts.hooks import WorkItem, worklist
from gonghui.accounts.models import User

MAX_COUNTED = 1_000
"""Rows of an item that are counted; the page then says 「999+」."""


@dataclass(frozen=True)
class Counted:
    """An item with how many rows wait, since when the oldest does, the next deadline, and how many are beyond theirs."""

    item: WorkItem
    count: int
    oldest: datetime
    due: date | None
    overdue: int

    @property
    def days(self) -> int:
        """For how many days the oldest has waited."""
        return (localdate() - localdate(self.oldest)).days

    @property
    def is_due_today(self) -> bool:
        return self.due == localdate()


def counted(user: User) -> list[Counted]:
    """The items of which something waits. One statement, however many there are; each stops at MAX_COUNTED rows."""
    items = worklist(user)
    if not items:
        return []
    parts, parameters = zip(*(_part(place, item) for place, item in enumerate(items)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [value for values in parameters for value in values])
        rows = cursor.fetchall()
    return [Counted(items[place], *figures) for place, *figures in sorted(rows) if figures[0]]


def _part(place: int, item: WorkItem) -> tuple[str, tuple]:
    rows = item.rows.annotate(work_since=item.since, work_due=Cast(item.due or Value(None), DateField()))
    sql, parameters = rows.values("work_since", "work_due")[:MAX_COUNTED].query.sql_with_params()
    figures = "count(*), min(work_since), min(work_due), count(*) FILTER (WHERE work_due < %s)"
    return f"SELECT {place}, {figures} FROM ({sql}) AS waiting_{place}", (localdate(), *parameters)  # noqa: S608 (our own)


def menu_counts(work: Iterable[Counted]) -> dict[str, tuple[int, bool]]:
    """By entry of the menu (its URL name): how many wait, and whether the user is the one who must act."""
    counts: dict[str, tuple[int, bool]] = {}
    for one in work:
        count, mine = counts.get(one.item.menu, (0, False))
        counts[one.item.menu] = (count + one.count, mine or one.item.mine)
    return counts

"""Reminds officers of the days that their unions have to keep: by the calendar, and 「催办」 (SPEC 2.7, 7.1).

First the rows of ``Reminder`` are written, by one statement for all unions; then a job goes through those that nobody has
been notified of. Both may be run any number of times: a stage comes once for a day.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.deadlines import DEADLINES, Deadline
from gonghui.filings.models import Reminder
from gonghui.filings.reminders.export import export_line, export_rows, headings
from gonghui.filings.reminders.form import DeadlineFilter
from gonghui.filings.rules import can_remind, can_see_deadlines
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.notices.actions import notify_officers, settle
from gonghui.unions.models import Union, UnionState

verbs.register(deadline__reminded="催办换届或证书到期", deadline__exported="导出换届或证书到期的工会")
verbs.facts("deadline", deadline="事项")

BATCH = 500
"""Unions notified in one transaction."""

MAX_EXPORT = 100_000


class ReminderResult(NamedTuple):
    """What became of a 「催办」: how many are reminded; how many were today already; how many have no active officer."""

    reminded: int
    today: int
    unreachable: int


def remind_due() -> None:
    """Writes the reminders that the calendar asks for, and notifies; what a day without a worker left out, too."""
    today = localdate()
    for deadline in DEADLINES.values():
        for days, reached in deadline.spans(today):
            unions = _reachable(Union.objects.grassroots().filter(reached, state=UnionState.APPROVED))
            _write(deadline, unions, days=days, by=None)
    while notify_next():
        pass


def remind(filters: DeadlineFilter, ids: Collection[int] | None, *, by: User) -> ReminderResult:
    """「催办」 of those of the listed unions with these ids, or of all of them (None); a job notifies them.

    Raises Refused: ``by`` may not, a filter is wrong, nothing is ticked or left.
    """
    if ids is not None and not ids:
        raise Refused("请先勾选要催办的工会。")
    filters.require()
    deadline = filters.deadline
    with transaction.atomic():
        require(can_remind, by, sentence="只有上级工会的管理员和审核人可以催办。")
        unions = filters.unions if ids is None else filters.unions.filter(pk__in=ids)
        count = unions.order_by().count()
        if not count:
            raise Refused("所选的工会已不在这份名单中，没有需要催办的。请刷新页面查看。")
        reachable = _reachable(unions).count()
        reminded = _write(deadline, _reachable(unions), days=None, by=by)
        if reminded:
            one = unions.first() if count == 1 else None
            record("deadline.reminded", one, by=by, union=one or by.union, count=reminded, deadline=deadline.label)
            _start()
    return ReminderResult(reminded, reachable - reminded, count - reachable)


def _reachable(unions: Any) -> Any:
    """Those with somebody to notify."""
    return unions.filter(Exists(User.objects.officers().filter(union=OuterRef("pk"))))


def _write(deadline: Deadline, unions: QuerySet, *, days: int | None, by: User | None) -> int:
    """Writes a reminder for each of the unions that has not had this one; returns for how many. One statement."""
    rows = unions.order_by().values_list("pk", Value(deadline.code), deadline.column)
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO filings_reminder (union_id, deadline, due_on, days, day, sent_by_id)"  # noqa: S608 (our own)
            f" SELECT due.*, %s, %s, %s FROM ({select}) AS due ON CONFLICT DO NOTHING",
            [days, localdate(), by.pk if by else None, *parameters],
        )
        return cursor.rowcount


def _start() -> None:
    from gonghui.filings.tasks import notify_reminders

    defer(notify_reminders)


def notify_next() -> bool:
    """Notifies up to BATCH unions of one day and one sender; False once nobody is left. One transaction."""
    waiting = Reminder.objects.filter(notified_at=None).order_by("deadline", "due_on", "pk")
    with transaction.atomic():
        first = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("sent_by__union").first()
        if first is None:
            return False
        alike = waiting.filter(deadline=first.deadline, due_on=first.due_on, sent_by=first.sent_by)
        batch = dict(alike.select_for_update(skip_locked=True).values_list("pk", "union")[:BATCH])
        _notify(first, batch.values())
        Reminder.objects.filter(pk__in=batch).update(notified_at=timezone.now())
    return True


def _notify(reminder: Reminder, union_ids: Collection[int]) -> None:
    """The bell and a mail for the officers of the unions that still have this day."""
    deadline = DEADLINES[reminder.deadline]
    still = Union.objects.filter(pk__in=union_ids, state=UnionState.APPROVED, **{deadline.column: reminder.due_on})
    title = deadline.words(reminder.due_on, localdate())
    if reminder.sent_by:
        title = f"{reminder.sent_by.union}提醒：{title}"
    notify_officers(
        list(still.values_list("pk", flat=True)),
        title,
        body=deadline.advice,
        url=reverse("filings:amend"),
        sent_by=reminder.sent_by,
        tasks=lambda officer: [deadline.task_of(officer.union_id)],
        kind=deadline.task_kind,
    )


def settle_deadlines(union: Union, changed: Collection[str]) -> None:
    """Ends what the officers were asked for, of the days whose columns are among ``changed``."""
    settle([deadline.task_of(union.pk) for deadline in DEADLINES.values() if deadline.column in changed])


def export_deadlines(filters: DeadlineFilter, path: Path, *, by: User) -> int:
    """Writes the listed unions to a workbook at ``path``; returns how many, which is recorded. Rows are streamed.

    Raises Refused when ``by`` may not, for a wrong filter, for none, and past MAX_EXPORT rows.
    """
    if not can_see_deadlines(by):
        raise Refused("只有上级工会可以导出。")
    filters.require()
    deadline, today = filters.deadline, localdate()
    rows = export_rows(deadline, filters.unions)
    count = rows.order_by()[: MAX_EXPORT + 1].count()
    if not count:
        raise Refused("没有可以导出的工会。")
    if count > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT} 家工会，请选择所属上级，再分次导出。")
    lines = (export_line(row, today) for row in rows.order_by(deadline.column, "pk").iterator(chunk_size=2000))
    with transaction.atomic():
        excel.export(path, headings(deadline), lines, title=deadline.label)
        record("deadline.exported", None, by=by, union=by.union, count=count, deadline=deadline.label)
    return count

"""Writes of the windows: opened, extended, closed (SPEC 2.6)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.inspections.guards import minute, stated_reason
from gonghui.inspections.models import DEFAULT_BANNER, MEMBERS_BANNER, Mailing, Scope, Subject, Window
from gonghui.inspections.reminders import actions as reminders
from gonghui.inspections.rules import can_manage_windows
from gonghui.kit.errors import Refused
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

verbs.register(inspection__opened="开启年检", inspection__extended="延长年检", inspection__closed="提前结束年检")
verbs.facts("inspection", scope="范围", begins_on="开始日期", deadline="截止日期", window="年检")


MAX_WINDOW = timedelta(days=366)


def open_window(
    *,
    year: int,
    begins_on: date,
    deadline: date,
    level2s: Sequence[Union] = (),
    banner: str = "",
    subject: str = Subject.ORGANISATIONS,
    by: User | None,
) -> Window:
    """Open a window for the whole city, or for the districts and bureaus ``level2s``; by None: at the command line.

    Raises Refused when ``by`` may not, the dates make no sense, or one of the unions would have two windows on a day.
    The unions in scope are notified at once, or on the first day.
    """
    with transaction.atomic():
        _require_manager(by)
        if deadline < begins_on:
            raise Refused("截止日期不能早于开始日期。", field="deadline")
        if deadline < localdate():
            raise Refused("截止日期已经过去，请选择今天或以后的日期。", field="deadline")
        _require_short(begins_on, deadline)
        window = Window.objects.create(
            subject=subject,
            year=year,
            begins_on=begins_on,
            deadline=deadline,
            banner=banner.strip() or (MEMBERS_BANNER if subject == Subject.MEMBERS else DEFAULT_BANNER),
            opened_by=by,
        )
        _reach(window, level2s)
        record(
            "inspection.opened", window, by=by, union=by.union if by else None,
            scope=window.scope_label, begins_on=str(begins_on), deadline=str(deadline),
        )  # fmt: skip
        if window.is_open:
            _tell_all(window, Mailing.Occasion.OPENED, by)
    return window


def _reach(window: Window, level2s: Sequence[Union]) -> None:
    """Write the window's scope; the database refuses what overlaps another window."""
    in_order = sorted(level2s, key=lambda level2: level2.pk)  # no deadlock
    wanted: list[Union | None] = [*in_order] or [None]
    days = DateRange(window.begins_on, window.deadline, "[]")
    with _no_overlap(window):
        Scope.objects.bulk_create(
            Scope(window=window, level2=level2, subject=window.subject, during=days) for level2 in wanted
        )


def extend_window(window: Window, *, deadline: date, reason: str, by: User) -> Window:
    """Move the deadline to a later day; unions that have not confirmed are notified.

    Raises Refused when ``by`` may not, the window was closed, the day is not later or past, there is no reason, or
    another window overlaps.
    """
    reason = stated_reason(reason)
    with transaction.atomic():
        window = _lock_window(window, by)
        if deadline <= window.deadline:
            raise Refused(f"新的截止日期应晚于现在的截止日期 {window.deadline}。", field="deadline")
        if deadline < localdate():
            raise Refused("新的截止日期已经过去，请选择今天或以后的日期。", field="deadline")
        _require_short(window.begins_on, deadline)
        old, window.deadline = window.deadline, deadline
        with _no_overlap(window):
            window.save(update_fields=["deadline"])
        record("inspection.extended", window, by=by, union=by.union, old=str(old), new=str(deadline), reason=reason)
        if window.is_open:
            _tell_all(window, Mailing.Occasion.EXTENDED, by, text=reason)
    return window


def close_window(window: Window, *, reason: str, by: User) -> Window:
    """End a window before its deadline (or before it begins): from now on no union can confirm in it.

    Raises Refused when ``by`` may not, it is over already, or there is no reason.
    """
    reason = stated_reason(reason)
    with transaction.atomic():
        window = _lock_window(window, by)
        if window.is_over:
            raise Refused(f"{window}已于 {window.deadline} 截止，无需再结束。")
        window.closed_at, window.closed_by = timezone.now(), by
        window.save(update_fields=["closed_at", "closed_by"])
        record("inspection.closed", window, by=by, union=by.union, reason=reason)
        reminders.begin_ending(window)
    return window


def _require_manager(by: User | None) -> None:
    if by is not None:
        require(can_manage_windows, by, sentence="只有市总工会的平台管理员可以开启、延长和结束年检。")


def _lock_window(window: Window, by: User) -> Window:
    """The window, locked, when ``by`` manages it and it was not closed."""
    window = Window.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=window.pk)
    _require_manager(by)
    if window.closed_at:
        raise Refused(f"{window}已由 {window.closed_by} 于 {minute(window.closed_at)} 提前结束，不能再操作。")
    return window


def _require_short(begins_on: date, deadline: date) -> None:
    if deadline - begins_on > MAX_WINDOW:
        raise Refused(f"一次年检最长 {MAX_WINDOW.days} 天，请检查日期。", field="deadline")


@contextmanager
def _no_overlap(window: Window) -> Iterator[None]:
    """Turns the database's refusal of two windows on one day into a sentence that names the other one."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "one_window_at_a_time" not in str(error):
            raise
        raise Refused(
            "所选范围内有的区或产业局在这段时间已有年检（见「年检窗口」列表）。请调整日期或范围，或先结束原有的年检。"
        ) from error


def _tell_all(window: Window, occasion: str, by: User | None, *, text: str = "") -> None:
    """A job notifies the unions in scope that have not confirmed."""
    city = Union.objects.get(kind=UnionKind.CITY)
    reminders.start(Mailing.objects.create(window=window, node=city, occasion=occasion, sent_by=by, text=text))

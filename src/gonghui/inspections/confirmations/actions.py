"""Writes of the inspection: windows, confirmations, and the export of its lists (SPEC 2.6)."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.queries import is_running
from gonghui.inspections.confirmations.export import HEADINGS, MEMBER_HEADINGS, export_line, export_rows, member_line
from gonghui.inspections.members import check
from gonghui.inspections.models import (
    DEFAULT_BANNER,
    MEMBERS_BANNER,
    Confirmation,
    Mailing,
    Scope,
    Subject,
    Window,
)
from gonghui.inspections.queries import due, hold, home_of, standing, task_of
from gonghui.inspections.reminders import actions as reminders
from gonghui.inspections.rules import can_confirm, can_look_on, can_manage_windows, can_reopen
from gonghui.kit import crypto, excel
from gonghui.kit.errors import Refused
from gonghui.notices.actions import notify_officers, settle
from gonghui.reviews.queries import open_review
from gonghui.unions import particulars
from gonghui.unions.levels import Kind
from gonghui.unions.models import State, Union

verbs.register(
    inspection__opened="开启年检",
    inspection__extended="延长年检",
    inspection__closed="提前结束年检",
    inspection__confirmed="完成年检信息更新",
    inspection__reopened="重新打开年检",
    inspection__exported="导出年检名单",
    inspection__members_exported="导出年检会员名单",
)
verbs.facts("inspection", scope="范围", begins_on="开始日期", deadline="截止日期", window="年检")

MAX_EXPORT = 100_000
MAX_REASON = 200
LONGEST = timedelta(days=366)


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
    Who is in scope is told at once, or on the first day.
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
    in_order = sorted(level2s, key=lambda one: one.pk)  # no deadlock
    wanted: list[Union | None] = [*in_order] or [None]
    days = DateRange(window.begins_on, window.deadline, "[]")
    with _no_overlap(window):
        Scope.objects.bulk_create(
            Scope(window=window, level2=one, subject=window.subject, during=days) for one in wanted
        )


def extend_window(window: Window, *, deadline: date, reason: str, by: User) -> Window:
    """Move the deadline to a later day; who has not confirmed is told.

    Raises Refused when ``by`` may not, the window was closed, the day is not later or past, there is no reason, or
    another window stands in the way.
    """
    reason = _reason(reason)
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
    """End a window before its deadline (or before it begins): from now on nobody confirms in it.

    Raises Refused when ``by`` may not, it is over already, or there is no reason.
    """
    reason = _reason(reason)
    with transaction.atomic():
        window = _lock_window(window, by)
        if window.is_over:
            raise Refused(f"{window}已于 {window.deadline} 截止，无需再结束。")
        window.closed_at, window.closed_by = timezone.now(), by
        window.save(update_fields=["closed_at", "closed_by"])
        record("inspection.closed", window, by=by, union=by.union, reason=reason)
    return window


def confirm_inspection(union: Union, *, window: Window, version: str, by: User) -> Confirmation:
    """「已完成年检信息更新」, 「已完成更新」: record who, when, and a copy of the data as the officer saw it.

    ``version`` is ``version_of`` the union, or of its members, when the page was shown. Raises Refused when ``by`` may not, the union is
    not approved or not in the window's scope, the window is not open, a review is open, it is confirmed already, or
    the data changed since.
    """
    with transaction.atomic():
        union = (
            Union.objects.select_for_update(of=("self",))
            .select_related("superior__superior", "employer")
            .get(pk=union.pk)
        )
        window = hold(window)
        require(can_confirm, by, union, sentence="只有本工会的经办人可以确认年检。")
        if union.state != State.APPROVED:
            raise Refused(f"本工会的状态是「{union.get_state_display()}」，不能确认年检。")
        _require_confirmable(window, union)
        if window.subject == Subject.MEMBERS:
            confirmation = _confirm_members(union, window, version, by)
        else:
            confirmation = _confirm_particulars(union, window, version, by)
        settle([task_of(window, union.pk)])
        record("inspection.confirmed", confirmation, by=by, union=union, window=str(window))
    return confirmation


def _confirm_particulars(union: Union, window: Window, version: str, by: User) -> Confirmation:
    if version != version_of(union):
        raise Refused("您打开页面之后，工会资料有了变化，所以没有确认。请重新核对下面的资料后再确认。")
    return Confirmation.objects.create(window=window, union=union, data=snapshot(union), confirmed_by=by)


def _confirm_members(union: Union, window: Window, version: str, by: User) -> Confirmation:
    if is_running(union):
        raise Refused("本工会有一个会员导入正在处理中，请等它完成、核对以后再确认。")
    if not union.member_count:
        raise Refused("本工会还没有登记会员，没有可以确认的内容。请先录入或导入会员，再完成会员年检。")
    if version != check.version_of_members(union):
        raise Refused("您打开页面之后，会员有了变化，所以没有确认。请重新核对后再确认。")
    data = check.figures(union)
    confirmation = Confirmation.objects.create(window=window, union=union, data=data, confirmed_by=by)
    check.keep_list(confirmation)
    return confirmation


def _require_confirmable(window: Window, union: Union) -> None:
    if not window.is_open:
        raise Refused(_not_open(window))
    if not due(window, union).exists():
        raise Refused(f"本工会不在{window}的范围内，无需确认。")
    if earlier := standing(window, union):
        raise Refused(f"已由 {earlier.confirmed_by} 于 {_minute(earlier.confirmed_at)} 完成，无需重复确认。")
    if window.subject == Subject.ORGANISATIONS and (review := open_review(union)):
        raise Refused(f"「{review.title}」有一项申请正在审核。请等待审核结果，或先撤回申请，然后再确认年检。")


def _not_open(window: Window) -> str:
    if window.closed_at:
        return f"{window}已由市总工会提前结束，不能再确认。如有疑问，请联系上级工会。"
    if window.is_over:
        return f"{window}已于 {window.deadline} 截止，不能再确认。如需补办，请联系上级工会。"
    return f"{window}从 {window.begins_on} 开始，请届时再确认。"


def export_confirmed_members(confirmation: Confirmation, path: Path, *, by: User) -> int:
    """Write the members as they were confirmed to a workbook at ``path``; returns how many, which is recorded."""
    lines = check.opened_list(confirmation.member_list)
    with transaction.atomic():
        excel.export(path, MEMBER_HEADINGS, (member_line(line) for line in lines), title="会员名单")
        record("inspection.members_exported", confirmation, by=by, union=confirmation.union, count=len(lines))
    return len(lines)


def snapshot(union: Union) -> dict[str, object]:
    """The union's data as it is, packed: what a confirmation keeps. The phone stays sealed."""
    return particulars.live(union) | {
        "number": union.number,
        "superior_path": particulars.superior_path(union.superior),
        "member_count": union.member_count,
    }


def version_of(union: Union) -> str:
    """What the officer's page carries to tell whether the particulars have changed since: a keyed hash of them."""
    return crypto.fingerprint(json.dumps(particulars.unpack(particulars.live(union), union), sort_keys=True)).hex()[:32]


def reopen_confirmation(confirmation: Confirmation, *, reason: str, by: User) -> Confirmation:
    """Let a union confirm anew; what it had confirmed stays as history, and its officers are told.

    Raises Refused when ``by`` may not, there is no reason, it was re-opened already, or the window is over.
    """
    reason = _reason(reason)
    with transaction.atomic():
        union = Union.objects.select_for_update().get(pk=confirmation.union_id)
        confirmation = Confirmation.objects.select_related("window", "union", "reopened_by").get(pk=confirmation.pk)
        require(can_reopen, by, confirmation, sentence="只有该工会直属上级的管理员和市总工会的管理员可以重新打开年检。")
        if confirmation.reopened_at:
            raise Refused(
                f"已由 {confirmation.reopened_by} 于 {_minute(confirmation.reopened_at)} 重新打开，无需重复操作。"
            )
        window = hold(confirmation.window)
        if not window.is_open:
            raise Refused(f"{window}{window.state.label}，不能重新打开：工会已无法再确认。")
        confirmation.reopened_at, confirmation.reopened_by, confirmation.reopened_for = timezone.now(), by, reason
        confirmation.save(update_fields=["reopened_at", "reopened_by", "reopened_for"])
        record("inspection.reopened", confirmation, by=by, union=union, reason=reason)
        title = f"{window}被重新打开，请核对后再次确认"
        message = f"{by.union}：{reason}"
        notify_officers([union.pk], title, body=message, url=home_of(window), tasks=[task_of(window, union.pk)])
    return confirmation


def export_list(window: Window, node: Union, path: Path, *, finished: bool, by: User) -> int:
    """Write those below ``node`` that are done (or not) to a workbook at ``path``; returns how many, which is recorded.

    Rows are streamed. Raises Refused when ``by`` may not, for none, and past MAX_EXPORT rows.
    """
    if not can_look_on(by):
        raise Refused("只有上级工会可以导出年检名单。")
    rows = export_rows(window, node, finished=finished)
    found = rows.order_by()[: MAX_EXPORT + 1].count()
    if not found:
        raise Refused("没有可以导出的工会。")
    if found > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT} 家工会，请逐级打开下级工会，再分次导出。")
    lines = (export_line(row) for row in rows.order_by("level3", "pk").iterator(chunk_size=2000))
    with transaction.atomic():
        excel.export(path, HEADINGS, lines, title=f"{window}{'已完成' if finished else '未完成'}")
        record("inspection.exported", node, by=by, union=by.union, window=str(window), count=found)
    return found


def _require_manager(by: User | None) -> None:
    if by is not None:
        require(can_manage_windows, by, sentence="只有市总工会的平台管理员可以开启、延长和结束年检。")


def _lock_window(window: Window, by: User) -> Window:
    """The window, locked, when ``by`` manages it and it was not closed."""
    window = Window.objects.select_for_update(of=("self",)).select_related("closed_by").get(pk=window.pk)
    _require_manager(by)
    if window.closed_at:
        raise Refused(f"{window}已由 {window.closed_by} 于 {_minute(window.closed_at)} 提前结束，不能再操作。")
    return window


def _require_short(begins_on: date, deadline: date) -> None:
    if deadline - begins_on > LONGEST:
        raise Refused(f"一次年检最长 {LONGEST.days} 天，请检查日期。", field="deadline")


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
    """A job tells the unions in scope that have not confirmed."""
    city = Union.objects.get(kind=Kind.CITY)
    reminders.start(Mailing.objects.create(window=window, node=city, occasion=occasion, sent_by=by, text=text))


def _reason(reason: str) -> str:
    if not (reason := " ".join(reason.split())):
        raise Refused("请填写原因。", field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(f"原因不能超过 {MAX_REASON} 个字。", field="reason")
    return reason


def _minute(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"

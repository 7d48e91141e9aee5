"""Notifies the unions that have not confirmed: at the opening, when the deadline moves, and 「催办」 (SPEC 2.6, 7.1)."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.inspections.models import Mailing, Reminder, Subject, Window, WindowQuerySet, WindowState
from gonghui.inspections.queries import due, hold, home_of, not_done, task_kind, task_of
from gonghui.inspections.rules import can_remind
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import defer
from gonghui.notices.actions import notify, notify_officers, settle
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

verbs.register(inspection__reminded="催办年检", inspection__all_reminded="催办全部未完成年检")

BATCH = 500
"""Unions notified in one transaction; up to so many are notified at once, without a job."""

DAYS_BEFORE = (7, 1)
"""Days before the deadline on which the system itself reminds."""


@dataclass(frozen=True)
class ReminderResult:
    """What became of a 「催办」 of all: how many unions were notified and not notified; ``queued``: a job does it."""

    told: int
    rest: int
    queued: bool


def remind_union(window: Window, union: Union, *, by: User) -> None:
    """「催办」 one union by bell and mail.

    Raises Refused: ``by`` may not, the window is not open, the union is not due or done, has been reminded today, or
    has no active officer to notify.
    """
    with transaction.atomic():
        _require_open(window, by)
        if not due(window, union).exists():
            raise Refused(f"{union.name}不在这次年检的范围内，无需催办。")
        if not not_done(window, union).exists():
            raise Refused(f"{union.name}已完成{window}，无需催办。")
        if not User.objects.officers().filter(union=union).exists():
            raise Refused(f"{union.name}没有启用的经办人账号，平台通知不到。请电话联系该工会。")
        if not _claim(window, [union.pk], by):
            earlier = Reminder.objects.select_related("sent_by").get(window=window, union=union, day=localdate())
            raise Refused(f"今天已由{earlier.sent_by or '系统'}催办过{union.name}，同一家工会一天只催办一次。")
        _tell([union.pk], Mailing(window=window, occasion=Mailing.Occasion.REMINDER, sent_by=by))
        record("inspection.reminded", union, by=by, union=union, window=str(window))


def remind_all(window: Window, node: Union, *, by: User) -> ReminderResult:
    """「催办」 all below ``node`` that have not confirmed: few at once, many by a job.

    Raises Refused: ``by`` may not, the window is not open, no union is left, or a 「催办」 of all is on its way.
    """
    with transaction.atomic():
        _require_open(window, by)
        count = not_done(window, node).count()
        if not count:
            raise Refused("所辖工会都已完成，没有需要催办的工会。")
        try:
            with transaction.atomic():
                mailing = Mailing.objects.create(
                    window=window, node=node, occasion=Mailing.Occasion.REMINDER, sent_by=by
                )
        except IntegrityError as error:
            raise Refused("正在逐家催办，无需重复操作。请稍后刷新页面查看。") from error
        record("inspection.all_reminded", node, by=by, union=node, window=str(window), count=count)
        if count > BATCH:
            start(mailing)
            return ReminderResult(0, 0, queued=True)
        while tell_next(mailing.pk):
            pass
        mailing.refresh_from_db()
        return ReminderResult(mailing.told, count - mailing.told, queued=False)


def _require_open(window: Window, by: User) -> None:
    require(can_remind, by, sentence="只有上级工会的管理员和审核人可以催办。")
    if not window.is_open:
        raise Refused(f"{window}{window.state.label}，不能催办。")


def start(mailing: Mailing) -> None:
    """Let a job go through the mailing's unions, once this transaction has committed."""
    from gonghui.inspections.tasks import tell

    defer(tell, mailing_id=mailing.pk)


def running() -> QuerySet[Mailing]:
    """All reminders on their way: until one has ended, no other can be sent to the same unions.

    News that a window has begun or was extended must reach all unions: ``begin_due_mailings`` takes such a mailing up again.
    """
    return Mailing.objects.filter(ended_at=None, occasion=Mailing.Occasion.REMINDER)


def give_up(mailing_id: int) -> None:
    """End a reminder that could not go through all unions; its sender is notified. The unions notified so far are not notified again."""
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update(of=("self",)).select_related("window", "sent_by").get(pk=mailing_id)
        if mailing.ended_at or mailing.occasion != Mailing.Occasion.REMINDER:
            return
        mailing.ended_at = timezone.now()
        mailing.save(update_fields=["ended_at"])
        if mailing.sent_by:
            body = f"催办中断：已通知 {mailing.told} 家工会，其余的没有通知。请再次催办，今天通知过的不会重复；如果一直如此，请联系技术支持。"
            notify(
                [mailing.sent_by], f"{mailing.window}催办没有完成", body=body, url=home_of(mailing.window), mail=False
            )


def begin_due_mailings() -> None:
    """What the calendar asks for today: windows that begin, the system's own reminders, windows that have ended. Safe to
    repeat.

    A mailing that has not ended after an hour has lost its job and gets another.
    """
    today = localdate()
    for mailing in Mailing.objects.filter(ended_at=None, started_at__lt=timezone.now() - timedelta(hours=1)):
        start(mailing)
    city = Union.objects.filter(kind=UnionKind.CITY).first()
    for window in Window.objects.open():
        if city and not window.mailings.filter(occasion=Mailing.Occasion.OPENED).exists():
            _begin(window, city, Mailing.Occasion.OPENED)
        if city and any(window.deadline == today + timedelta(days=days) for days in DAYS_BEFORE):
            _begin(window, city, Mailing.Occasion.REMINDER)
    for window in _ended_unsaid():
        begin_ending(window)


def begin_ending(window: Window) -> None:
    """Let a job go through all unions: their notices about this window, which is over, ask for nothing any more."""
    _begin(window, Union.objects.get(kind=UnionKind.CITY), Mailing.Occasion.ENDED)


def _ended_unsaid() -> WindowQuerySet:
    """The windows that are over, without a mailing about that: one may have ended, been extended, and ended again."""
    since = Q(day__gt=OuterRef("deadline")) | Q(day__gte=OuterRef("closed_at__date"))
    said = Mailing.objects.filter(since, window=OuterRef("pk"), occasion=Mailing.Occasion.ENDED)
    return Window.objects.over().exclude(Exists(said))


def _begin(window: Window, city: Union, occasion: str) -> None:
    """A mailing of the system's own; none where the database holds that there is one already."""
    try:
        with transaction.atomic():
            start(Mailing.objects.create(window=window, node=city, occasion=occasion))
    except IntegrityError:
        return


def tell_next(mailing_id: int) -> bool:
    """Notify the next BATCH unions, in one transaction; False once there are no more. May be run any number of times."""
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update(of=("self",)).select_related("window", "node").get(pk=mailing_id)
        if mailing.ended_at:
            return False
        mailing.window = hold(mailing.window)  # nobody is asked after those who were asked have been let go
        batch = _next_unions(mailing)
        match mailing.occasion:
            case Mailing.Occasion.ENDED:
                settle([task_of(mailing.window, union_id) for union_id in batch])
            case Mailing.Occasion.REMINDER:
                mailing.told += _tell(_claim(mailing.window, batch, mailing.sent_by), mailing)
            case _:
                if mailing.cursor == 0 and mailing.occasion == Mailing.Occasion.OPENED:
                    _tell_superiors(mailing.window)
                mailing.told += _tell(batch, mailing)
        if len(batch) < BATCH:
            mailing.ended_at = timezone.now()
        else:
            mailing.cursor = batch[-1]
        mailing.save(update_fields=["told", "cursor", "ended_at"])
        return mailing.ended_at is None


def _next_unions(mailing: Mailing) -> list[int]:
    """The next BATCH; none if the window has ended, or, of its end, was extended meanwhile."""
    if mailing.occasion == Mailing.Occasion.ENDED:
        # of any state and place: a union may have been asked before it moved or ended
        applies, unions = mailing.window.is_over, Union.objects.grassroots()
    else:
        applies, unions = mailing.window.is_open, not_done(mailing.window, mailing.node)
    later = unions.filter(pk__gt=mailing.cursor).order_by("pk")
    return list(later.values_list("pk", flat=True)[:BATCH]) if applies else []


def _claim(window: Window, union_ids: list[int], by: User | None) -> list[int]:
    """Those of the unions not reminded yet today; marks them as reminded (a unique index decides who is first)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inspections_reminder (window_id, union_id, day, sent_by_id)"
            " SELECT %s, unnest(%s::bigint[]), %s, %s ON CONFLICT DO NOTHING RETURNING union_id",
            [window.pk, union_ids, localdate(), by.pk if by else None],
        )
        return [union_id for (union_id,) in cursor.fetchall()]


def _tell(union_ids: list[int], mailing: Mailing) -> int:
    """The bell and a mail for the officers of the unions; returns how many unions have one."""
    title, body = _words(mailing)
    window = mailing.window
    officers = notify_officers(
        union_ids,
        title,
        body=body,
        url=home_of(window),
        sent_by=mailing.sent_by,
        tasks=lambda officer: [task_of(window, officer.union_id)],
        kind=task_kind(window.subject),
    )
    return len({officer.union_id for officer in officers})


def _words(mailing: Mailing) -> tuple[str, str]:
    window = mailing.window
    deadline = f"{window.deadline:%Y-%m-%d}"
    what = "会员信息" if window.subject == Subject.MEMBERS else "工会资料"
    match mailing.occasion:
        case Mailing.Occasion.OPENED:
            return f"{window}已开始，请在 {deadline} 前完成", window.banner_shown
        case Mailing.Occasion.EXTENDED:
            return f"{window}的截止日期延长到 {deadline}", f"原因：{mailing.text}"
        case _:
            sender = f"{mailing.sent_by.union}提醒" if mailing.sent_by else "提醒"
            return f"{sender}：{window}将于 {deadline} 截止", f"贵工会尚未完成，请核对{what}后确认。"


def _tell_superiors(window: Window) -> None:
    """The bell of the superior unions in scope: from now on they can follow it."""
    if window.state != WindowState.OPEN:
        return
    unions = Union.objects.superiors()
    if (level2_ids := window.level2_ids) is not None:
        unions = (
            unions.filter(level2__in=level2_ids) | unions.filter(pk__in=level2_ids) | unions.filter(kind=UnionKind.CITY)
        )
    users = User.objects.filter(union__in=unions, is_active=True)
    title = f"{window}已开始，{window.deadline:%Y-%m-%d} 截止"
    notify(users, title, body="可以查看所辖工会的完成情况，催办未完成的工会。", url=home_of(window), mail=False)

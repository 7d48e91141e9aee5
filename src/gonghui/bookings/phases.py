"""Phases of programmes as conditions of the database, and as words for a list."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from gonghui.bookings.models import Programme
from gonghui.bookings.states import Phase, ProgrammeState

SHOWN = tuple(Phase)
"""In the order in which a filter offers them."""


def in_phase(phase: str, now: datetime | None = None) -> Q:
    """The programmes of this phase, as `Programme.phase_at` has it."""
    now = now or timezone.now()
    today = localdate(now)
    if phase == Phase.DRAFT:
        return Q(state=ProgrammeState.DRAFT)
    if phase == Phase.CANCELLED:
        return Q(state=ProgrammeState.CANCELLED)
    lasting = Q(ends_on=None) | Q(ends_on__gte=today)
    before = lasting & (Q(begins_on=None) | Q(begins_on__gt=today))
    uncollected = Q(collects_until=None) | Q(collects_until__gt=now)
    of_time = {
        Phase.ENDED: Q(ends_on__lt=today),
        Phase.RUNNING: lasting & Q(begins_on__lte=today),
        Phase.CLOSED: before & Q(deadline__lte=now),
        Phase.DRAWING: before & Q(deadline__gt=now, collects_until__lte=now),
        Phase.OPEN: before & uncollected & Q(deadline__gt=now, opens_at__lte=now),
        Phase.PUBLISHED: before & uncollected & Q(deadline__gt=now, opens_at__gt=now, publishes_at__lte=now),
        Phase.PLANNED: before & uncollected & Q(deadline__gt=now, opens_at__gt=now, publishes_at__gt=now),
    }
    return Q(state=ProgrammeState.PUBLISHED) & of_time[Phase(phase)]


def next_step(programme: Programme, now: datetime | None = None) -> str:
    """What comes next, and when: 「12-04 18:00 截止，还有 7 天」."""
    now = now or timezone.now()
    phase = programme.phase_at(now)
    coming = {
        Phase.PLANNED: (programme.publishes_at, "发布"),
        Phase.PUBLISHED: (programme.opens_at, "开放报名"),
        Phase.OPEN: (programme.books_until, "截止"),
        Phase.DRAWING: (programme.deadline, "停止递补"),
    }
    if phase in coming:
        at, what = coming[phase]
        return f"{localtime(at):%m-%d %H:%M} {what}，{_left(at, now)}" if at else what
    if phase == Phase.DRAFT:
        return "尚未发布"
    if phase == Phase.CANCELLED:
        return f"{localtime(programme.cancelled_at):%Y-%m-%d} 取消" if programme.cancelled_at else "已取消"
    if phase == Phase.CLOSED:
        return f"报名截止，{programme.begins_on:%m-%d} 开始" if programme.begins_on else "报名截止"
    return f"{programme.ends_on:%m-%d} 结束" if phase == Phase.RUNNING else f"{programme.ends_on:%Y-%m-%d} 已结束"


def _left(at: datetime, now: datetime) -> str:
    left = at - now
    if left.days:
        return f"还有 {left.days} 天"
    hours = left.seconds // 3600
    return f"还有 {hours} 小时" if hours else f"还有 {max(1, left.seconds // 60)} 分钟"

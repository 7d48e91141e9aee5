"""What a draft lacks before it can be published, for the page that checks it. The action of publishing asks again."""

from collections.abc import Iterator

from django.utils import timezone

from gonghui.bookings.models import Programme
from gonghui.bookings.states import SessionState

EDIT, PAGE, SESSIONS = "edit", "programme", "sessions"
"""Where it is added: the names of the pages."""


def missing(programme: Programme) -> list[tuple[str, str]]:
    """A sentence for each, with the page where it is added."""
    return [*_times(programme), *_sessions(programme)]


def _times(programme: Programme) -> Iterator[tuple[str, str]]:
    for name, label in (("opens_at", "报名开始时间"), ("deadline", "截止时间")):
        if getattr(programme, name) is None:
            yield f"请填写{label}。", EDIT
    if programme.is_draw and programme.collects_until is None:
        yield "请填写报名收集截止时间，之后抽签。", EDIT
    if programme.deadline and programme.deadline <= timezone.now():
        yield "截止时间已经过去，请修改。", EDIT


def _sessions(programme: Programme) -> Iterator[tuple[str, str]]:
    if not programme.venues.exists():
        yield "请添加线路或地点。", PAGE
    elif not programme.sessions.filter(state=SessionState.ON).exists():
        yield "请添加班次，并填写名额。", PAGE
    elif programme.deadline and programme.begins_on and timezone.localdate(programme.deadline) >= programme.begins_on:
        yield "截止时间要早于第一个班次的开始日期，请修改截止时间或班次。", EDIT

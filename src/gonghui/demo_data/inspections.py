"""Annual inspections: last year's, over, and this year's, of unions and of members; union A has confirmed neither."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.cast import BUREAU, SUPERIORS, UNION_A, UNION_B, WUJIAOCHANG
from gonghui.inspections.confirmations.actions import confirm_inspection, version_of
from gonghui.inspections.members.check import version_of_members
from gonghui.inspections.models import Reminder, Subject, Window
from gonghui.inspections.queries import not_done
from gonghui.inspections.reminders.actions import remind_union, tell_next
from gonghui.inspections.windows.actions import close_window, open_window
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

LAST_YEAR = (375, 330)
"""Days ago last year's began and ended."""

BEGAN, LEFT = 20, 25
"""Days since this year's began, days to its deadline."""

STILL_TO_CONFIRM = (UNION_A.email, UNION_B.email)


def last_year() -> Iterator[datetime]:
    """Yields the time of each act before it acts: opened, confirmed by the unions of that time, ended."""
    begun, ended = LAST_YEAR
    yield days_ago(begun, hour=9)
    window = _open(localdate().year - 1, begun=0, level2s=[])
    for days in (begun - 5, begun - 24):
        yield days_ago(days, hour=11)
        _confirm(window, but=(), every=1)
    yield days_ago(ended, hour=17)
    close_window(window, reason="各区、各产业局均已完成", by=_city())
    dates = {"begins_on": localdate() - timedelta(days=begun), "deadline": localdate() - timedelta(days=ended)}
    Window.objects.filter(pk=window.pk).update(**dates)


def this_year() -> Iterator[datetime]:
    """All districts and one bureau; the others come later, so that a visitor can open a window as well."""
    level2s = Union.objects.filter(kind=UnionKind.DISTRICT) | Union.objects.filter(code=BUREAU)
    yield days_ago(BEGAN, hour=9)
    window = _open(localdate().year, begun=BEGAN, level2s=list(level2s))
    for days in (BEGAN - 2, BEGAN - 9):
        yield days_ago(days, hour=11)
        _confirm(window, but=STILL_TO_CONFIRM, every=3)
    yield days_ago(BEGAN - 10, hour=9)
    members = _open(localdate().year, begun=BEGAN - 10, level2s=[], subject=Subject.MEMBERS)
    yield days_ago(7, hour=14)
    _confirm(members, but=STILL_TO_CONFIRM, every=4)
    yield days_ago(4, hour=10)
    street = User.objects.get(union__code=WUJIAOCHANG, email="wujiaochang@demo.test")
    remind_union(window, Union.objects.get(users__email=UNION_A.email), by=street)
    Reminder.objects.filter(window=window).update(day=localdate() - timedelta(days=4))


def _open(year: int, *, begun: int, level2s: list[Union], subject: str = Subject.ORGANISATIONS) -> Window:
    """Opens the window and notifies at once: the job that follows finds nothing to do."""
    today = localdate()
    window = open_window(
        year=year,
        begins_on=today - timedelta(days=begun),
        deadline=today + timedelta(days=LEFT),
        level2s=level2s,
        subject=subject,
        by=_city(),
    )
    while tell_next(window.mailings.get().pk):
        pass
    return window


def _confirm(window: Window, *, but: tuple[str, ...], every: int) -> None:
    """One in ``every`` of the unions that are there and have not confirmed does."""
    unions = not_done(window, Union.objects.get(kind=UnionKind.CITY)).exclude(users__email__in=but)
    for union in list(unions.order_by("pk"))[::every]:
        officer = union.users.order_by("pk")[0]
        version = version_of_members(union) if window.subject == Subject.MEMBERS else version_of(union)
        confirm_inspection(union, window=window, version=version, by=officer)


def _city() -> User:
    return User.objects.get(email=SUPERIORS[0].email)

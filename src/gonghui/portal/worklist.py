"""The counted worklist of a user: the bell, the lines of 「待我办理」, and the numbers in the menu (SPEC 1.6)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache

from django.db import connection
from django.db.models import DateField, TextField, Value
from django.db.models.functions import Cast
from django.utils.timezone import localdate

from gonghui.accounts.hooks import WorkItem, worklist
from gonghui.accounts.models import User
from gonghui.notices.queries import UNREAD_SHOWN, unread
from gonghui.unions.models import Union

MAX_COUNTED = 1_000
"""Maximum number of rows of an item that are counted; above it the page shows 「999+」."""


DESK = "reviews:desk"
"""The menu's entry of the requests on the desk, which has its own table beside the lines of other work."""


@dataclass(frozen=True)
class Counted:
    """An item with its number of waiting and overdue rows, the oldest row's time, the next deadline, its banner's text."""

    item: WorkItem
    count: int
    oldest: datetime
    due: date | None
    overdue: int
    banner: str | None

    @property
    def days(self) -> int:
        """The number of days that the oldest row has waited."""
        return (localdate() - localdate(self.oldest)).days

    @property
    def time_left(self) -> str:
        """The time until the deadline, in words; "" without one."""
        days = (self.due - localdate()).days if self.due else -1
        return f"还剩 {days} 天" if days > 0 else "今天是最后一天" if days == 0 else ""

    @property
    def is_due_today(self) -> bool:
        return self.due == localdate()


@dataclass(frozen=True)
class Waiting:
    """What one statement returns for every page: the items with waiting rows, and the number of unread notices."""

    work: list[Counted]
    unread: int


def waiting(user: User) -> Waiting:
    """Counts all items and notices by one statement; each count stops at MAX_COUNTED rows."""
    statement = _statement(_Viewer(user, (localdate(), _columns(user), _columns(user.union))))
    with connection.cursor() as cursor:
        cursor.execute(statement.sql)
        (_, unread, *_), *rows = sorted(cursor.fetchall())
    return Waiting([Counted(statement.items[position], *figures) for position, *figures in rows if figures[0]], unread)


@dataclass(frozen=True)
class _Viewer:
    """A user, equal to another one with the same values: the items depend only on them (``accounts.hooks.worklist``)."""

    user: User = field(compare=False)
    values: tuple[Hashable, ...]


def _columns(row: User | Union | None) -> tuple[Hashable, ...]:
    values = (getattr(row, column.attname) for column in row._meta.concrete_fields) if row else ()
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


@dataclass(frozen=True)
class _Statement:
    items: list[WorkItem]
    sql: str
    """Complete, its parameters included: psycopg takes longer to read a long text than to send it."""


@lru_cache(maxsize=1_000)
def _statement(viewer: _Viewer) -> _Statement:
    """Cached, because Django takes longer to build the statement than PostgreSQL to run it (docs/adr/0036)."""
    items = worklist(viewer.user)
    parts, parameters = zip(
        _unread(viewer.user), *(_part(position, item) for position, item in enumerate(items)), strict=True
    )
    light = [replace(item, rows=item.rows.none()) for item in items]
    with connection.cursor() as cursor:
        sql = cursor.mogrify(" UNION ALL ".join(parts), [value for values in parameters for value in values])
    return _Statement(light, sql)


def _unread(user: User) -> tuple[str, tuple]:
    sql, parameters = unread(user).values("pk")[: UNREAD_SHOWN + 1].query.sql_with_params()
    return f"SELECT -1, count(*), NULL::timestamptz, NULL::date, 0, NULL FROM ({sql}) AS unread", parameters  # noqa: S608


def _part(position: int, item: WorkItem) -> tuple[str, tuple]:
    rows = item.rows.annotate(
        work_since=item.since,
        work_due=Cast(item.due or Value(None), DateField()),
        work_banner=Cast(item.banner.text if item.banner else Value(None), TextField()),
    )
    sql, parameters = rows.values("work_since", "work_due", "work_banner")[:MAX_COUNTED].query.sql_with_params()
    figures = "count(*), min(work_since), min(work_due), count(*) FILTER (WHERE work_due < %s), min(work_banner)"
    return f"SELECT {position}, {figures} FROM ({sql}) AS waiting_{position}", (localdate(), *parameters)  # noqa: S608 (our own)


def menu_counts(work: Iterable[Counted]) -> dict[str, tuple[int, bool]]:
    """Returns by menu entry (its URL name) the number of waiting rows, and whether the user must act."""
    counts: dict[str, tuple[int, bool]] = {}
    for counted in work:
        count, must_act = counts.get(counted.item.menu, (0, False))
        counts[counted.item.menu] = (count + counted.count, must_act or counted.item.mine)
    return counts

"""Makes what happens now have happened earlier, so that the demo has a past."""

import heapq
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pghistory
import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from gonghui.audit.context import coming_from

ADDRESS = "192.0.2.10"
"""Where the invented people sit: an address for documentation (RFC 5737)."""


def days_ago(days: int, hour: int = 10) -> datetime:
    """A moment in office hours so many days ago; of today, this very one."""
    at = timezone.localtime() - timedelta(days=days)
    return at.replace(hour=hour, minute=days * 7 % 60, second=days * 13 % 60, microsecond=0) if days else at


def live(lives: list[Iterator[datetime]]) -> None:
    """Let all lives happen in the order of their times. A life yields the time of its next act, then acts."""
    coming = [(next(life), number, life) for number, life in enumerate(lives)]
    heapq.heapify(coming)
    while coming:
        at, number, life = heapq.heappop(coming)
        with happened(at):
            following = next(life, None)
        if following:
            heapq.heappush(coming, (following, number, life))


@contextmanager
def happened(at: datetime) -> Iterator[None]:
    """Everything written inside carries ``at`` as its time, the audit and the row histories too.

    To be used by the tables' owner, in a transaction and alone in the database: all that bears a later time than the
    beginning of the block, and none that is still to come, counts as written by it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (begun,) = cursor.fetchone()
    with coming_from(ADDRESS, ""), pghistory.context(address=ADDRESS):
        yield
    times: dict[str, Any] = {
        "at": at,
        "begun": begun,
        "day": timezone.localdate(at),
        "today": timezone.localdate(begun),
    }
    for sign in DATES:
        times |= {f"day {sign}": times["day"].strftime(sign), f"today {sign}": times["today"].strftime(sign)}
    with pgtrigger.ignore(), connection.cursor() as cursor:
        statements, names = _date_back()
        cursor.execute(statements, [times[name] for name in names])


DATES = ("%Y-%m-%d", "%Y%m%d", "%m-%d")
"""As texts have the day on which they were written: in the number of an order, in what a batch is called."""

TEXTS = (
    ("reviews.review", "title", "submitted_at"),
    ("notices.notice", "title", "created_at"),
    ("notices.mail", "subject", "created_at"),
    ("audit.entry", "label", "at"),
)
"""What names the day: model, column, and the time by which it is known when it was written."""


@cache
def _date_back() -> tuple[str, list[str]]:
    """Statements that set every time which our tables took from the clock since the beginning; their parameters."""
    statements: list[str] = []
    names: list[str] = []
    for label, text, time in TEXTS:
        new = f'"{text}"'
        for sign in DATES:
            new = f"replace({new}, %s, %s)"
            names += [f"today {sign}", f"day {sign}"]
        names.append("begun")
        table = apps.get_model(label)._meta.db_table
        statements.append(f'UPDATE "{table}" SET "{text}" = {new} WHERE "{time}" >= %s')  # noqa: S608 (our own)
    for model in apps.get_models():
        if not model.__module__.startswith("gonghui."):
            continue
        for field in model._meta.concrete_fields:
            if field.name == "pgh_created_at":
                # The history's triggers stamp the transaction's beginning, which is before the block's.
                names += ["at"]
                written = f'"{field.column}" >= now()'
            elif isinstance(field, models.DateTimeField):
                names += ["at", "begun"]
                written = f'"{field.column}" >= %s AND "{field.column}" <= clock_timestamp()'
            elif isinstance(field, models.DateField) and (field.has_default() or field.name == "ended_on"):
                names += ["day", "today"]
                written = f'"{field.column}" >= %s'
            else:
                continue
            table, column = model._meta.db_table, field.column
            statements.append(f'UPDATE "{table}" SET "{column}" = %s WHERE {written}')  # noqa: S608 (our own)
    return ";\n".join(statements), names

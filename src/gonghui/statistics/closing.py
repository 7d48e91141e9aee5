"""Closes days: counts their figures once, and again by what is known now (SPEC 5.3, ADR 58)."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.audit import verbs
from gonghui.kit.bulk import execute
from gonghui.statistics.counting import count, digest, first_day
from gonghui.statistics.duties import count_duties
from gonghui.statistics.employers import count_employers, is_near
from gonghui.statistics.models import Basis, Closing

verbs.register(closing__mended="重新统计已结账的数")  # by `checking`, which the pages do not import
verbs.facts("closing", day="截至", numbers="改变的数")

MONTHS_CLOSED = 13
"""So many months are closed by a platform that has closed none; each later one when it has ended."""
MONTHS_CORRECTED = 12
"""So many of the last months are counted again by what is known now."""
DAYS_KEPT = 7
"""Yesterday's figures; those of the ends of months are kept for ever."""

_LOCK = 5_031_058
"""Of PostgreSQL's advisory locks."""


def opening_of(day: date) -> date:
    """The end of the month before: what a month, or a month so far, begins with."""
    return day.replace(day=1) - timedelta(days=1)


def is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def month_ends(until: date, number: int) -> Iterator[date]:
    """The last ``number`` ends of months until a day, the newest first."""
    day = until if is_month_end(until) else opening_of(until)
    for _ in range(number):
        yield day
        day = opening_of(day)


def alone() -> None:
    """Waits until no other transaction counts; holds others off until this one ends."""
    execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def former_of(day: date) -> Closing | None:
    """The closing that a day's figures begin with."""
    return Closing.objects.filter(day=opening_of(day), basis=Basis.THEN).first()


def close_day(day: date) -> bool:
    """Counts a day that is over, as it is known now; False for one that is closed: it stays as it is."""
    with transaction.atomic():
        alone()
        if day >= localdate() or Closing.objects.filter(day=day, basis=Basis.THEN).exists():
            return False
        _counted(day, Basis.THEN, former_of(day))
    return True


def recount_day(day: date) -> None:
    """Counts a closed day by what is known now, in place of an earlier such count."""
    with transaction.atomic():
        alone()
        Closing.objects.filter(day=day, basis=Basis.CORRECTED).delete()
        _counted(day, Basis.CORRECTED, None)


def _counted(day: date, basis: Basis, former: Closing | None) -> Closing:
    closing = Closing.objects.create(
        day=day, opening_day=opening_of(day), basis=basis, counted_at=timezone.now(), digest=b""
    )
    count(closing, former)
    closing.digest = digest(closing)
    closing.save(update_fields=["digest"])
    if is_near(closing):
        count_employers(closing)
        count_duties(closing)
    return closing


def close_all() -> int:
    """Closes what is over and not closed, and counts again what may have been corrected; returns how many counts.

    Each is a transaction of its own, the oldest first, so that a month begins with what the one before ended with. A
    killed run goes on with the next.
    """
    counted = sum(close_day(day) for day in _due())
    for day in _outdated():
        recount_day(day)
        counted += 1
    old = Closing.objects.filter(day__lt=localdate() - timedelta(days=DAYS_KEPT), basis=Basis.THEN)
    Closing.objects.filter(pk__in=[one.pk for one in old.only("pk", "day") if not is_month_end(one.day)]).delete()
    return counted


def _due() -> list[date]:
    """Days to close: the ends of months, and yesterday."""
    yesterday = localdate() - timedelta(days=1)
    last = Closing.objects.filter(basis=Basis.THEN).aggregate(last=Max("day"))["last"]
    first = last or first_day()
    if first is None or first > yesterday:
        return []
    months = [day for day in month_ends(yesterday, MONTHS_CLOSED) if day >= first and (last is None or day > last)]
    return [*reversed(months), *([] if is_month_end(yesterday) else [yesterday])]


def _outdated() -> list[date]:
    """Ends of months to count again: the last one once a day, those before it once after each end of a month."""
    days = list(month_ends(localdate() - timedelta(days=1), MONTHS_CORRECTED))
    closed = dict(Closing.objects.filter(day__in=days, basis=Basis.THEN).values_list("day", "counted_at"))
    again = dict(Closing.objects.filter(day__in=days, basis=Basis.CORRECTED).values_list("day", "counted_at"))
    newest = max(closed.values(), default=None)
    return [
        day
        for day in reversed(days)
        if day in closed
        and (
            day not in again
            or (newest and again[day] < newest)
            or (day == days[0] and localdate(again[day]) < localdate())
        )
    ]

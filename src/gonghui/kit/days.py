"""Days in the site's time zone."""

from calendar import monthrange
from datetime import date, datetime

from django.utils.timezone import localtime


def today_began() -> datetime:
    """Returns the first moment of today, for daily counts."""
    return localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; of 29 February the 28th, where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(born: date, day: date) -> int:
    """The age on that day in whole years; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))

"""Days as the site counts them."""

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

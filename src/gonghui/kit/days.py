"""Days in the site's time zone."""

from datetime import datetime

from django.utils.timezone import localtime


def today_began() -> datetime:
    """Returns the first moment of today, for daily counts."""
    return localtime().replace(hour=0, minute=0, second=0, microsecond=0)

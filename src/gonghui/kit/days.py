"""Days as the site counts them."""

from datetime import datetime

from django.utils.timezone import localtime


def today_began() -> datetime:
    """The first moment of today, for what is counted by the day."""
    return localtime().replace(hour=0, minute=0, second=0, microsecond=0)

"""Forgets whether somebody is married, 30 days after the session for which it was asked (SPEC 6.7)."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.timezone import localdate

from gonghui.bookings.models import MaritalAnswer
from gonghui.kit.cleanup import Sweep

KEPT = timedelta(days=30)


def _over(now: datetime) -> QuerySet:
    return MaritalAnswer.objects.filter(place__session__ends_on__lt=localdate(now - KEPT))


SWEEPS = (Sweep("bookings: marital answers", MaritalAnswer, _over, "asked_at"),)

"""Clean-up of the counted lookups."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate

from gonghui.kit.cleanup import Sweep
from gonghui.members.models import Lookups


def _counts(before: datetime) -> QuerySet:
    return Lookups.objects.filter(day__lt=localdate(before))


SWEEPS = (Sweep("members: counted look-ups", Lookups, _counts, "day", keep="keep_counters_days"),)

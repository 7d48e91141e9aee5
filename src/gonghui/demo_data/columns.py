"""What the demo's city asks for beyond the manual: two columns now, another one from next month on."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.demo_data import cast
from gonghui.demo_data.backdating import days_ago
from gonghui.policies.columns.actions import confirm, count, draft

NOW = {"employment": "optional", "political_status": "optional"}


def columns() -> Iterator[datetime]:
    """Yields the time of each act before it acts."""
    today = localdate()
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    yield days_ago(60)
    _set(today, NOW)
    yield days_ago(5)
    _set(next_month, NOW | {"ethnicity": "required"})


def _set(since: date, wanted: dict[str, str]) -> None:
    city = User.objects.select_related("union").get(email=cast.SUPERIORS[0].email)
    policy = draft("member", wanted, since, by=city)
    count(policy.pk)
    confirm(policy.pk, by=city)

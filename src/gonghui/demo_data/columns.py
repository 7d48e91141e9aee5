"""What the demo's city asks for beyond the manual: some columns now, of which it requires a few from next month on."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.demo_data import cast
from gonghui.demo_data.backdating import days_ago
from gonghui.demo_data.national import ASKED, REQUIRED_SOON
from gonghui.policies.columns.actions import confirm, count, draft

BEGINNING = 690
"""Days ago, before the first union filed."""

NOW = {"employment": "optional", "political_status": "optional"}


OF_UNIONS = dict.fromkeys(ASKED, "optional")


def columns() -> Iterator[datetime]:
    """Yields the time of each act before it acts. The unions are asked from the beginning, so that they have answered."""
    today = localdate()
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    yield days_ago(BEGINNING)
    _set("union", today, OF_UNIONS)
    yield days_ago(60)
    _set("member", today, NOW)
    yield days_ago(5)
    _set("member", next_month, NOW | {"ethnicity": "required"})
    _set("union", next_month, OF_UNIONS | dict.fromkeys(REQUIRED_SOON, "required"))


def _set(subject: str, since: date, wanted: dict[str, str]) -> None:
    city = User.objects.select_related("union").get(email=cast.SUPERIORS[0].email)
    policy = draft(subject, wanted, since, by=city)
    count(policy.pk)
    confirm(policy.pk, by=city)

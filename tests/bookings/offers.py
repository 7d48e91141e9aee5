"""Programmes of the district, as its administrator makes them: a draft, one that is published, its form."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.timezone import localdate

from gonghui.bookings.models import Programme, Session, Venue
from gonghui.bookings.programmes.actions import create_programme, publish_programme, save_venue, set_funds, set_rules
from gonghui.bookings.sessions.actions import add_session
from tests.people import Cast


def day(days: int) -> date:
    """So many days from today."""
    return localdate() + timedelta(days=days)


def time(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def typed(days: int) -> str:
    """A time as a browser sends it."""
    return f"{day(days)}T10:00"


FORM = {
    "kind": "recuperation",
    "title": "莫干山疗休养 5 日",
    "text": "含往返大巴、食宿、保险。",
    "contact": "张老师 021-00000000",
    "allocation": "first_come",
    "opens_at": typed(1),
    "deadline": typed(10),
    "offer_hours": "24",
    "guests_max": "0",
    "large_groups": "held",
    "when_moving": "follow",
    "no_show": "none",
    "fund_city": "800",
    "fund_level2": "400",
    "fund_self": "99.50",
    "rule_card": "on",
    "rule_not_within_years": "on",
    "not_within_years_years": "3",
    "not_within_years_unless": "on",
}
"""What the form of a new programme sends."""


def drafted(cast: Cast, **values) -> Programme:
    """A draft of the district, without venues."""
    values = {"kind": "recuperation", "title": "莫干山疗休养 5 日", "opens_at": time(-1), "deadline": time(10)} | values
    programme = create_programme(cast.district, values | {"price": Decimal(1200)}, by=cast.district_admin)
    set_funds(programme, {"city": Decimal(800), "level2": Decimal(400)}, by=cast.district_admin)
    set_rules(programme, [("card", {})], by=cast.district_admin)
    return programme


def venue_of(cast: Cast, programme: Programme) -> Venue:
    return save_venue(programme, {"name": "莫干山镇线", "address": "浙江省德清县"}, by=cast.district_admin)


def session_of(cast: Cast, venue: Venue, begins: int = 30, *, capacity: int = 10) -> Session:
    return add_session(venue, begins_on=day(begins), ends_on=day(begins + 4), capacity=capacity, by=cast.district_admin)


def published(cast: Cast, *, capacity: int = 10, **values) -> Programme:
    """Of the district, open, with one session."""
    programme = drafted(cast, **{"opens_at": time(1)} | values)
    session_of(cast, venue_of(cast, programme), capacity=capacity)
    programme = publish_programme(programme, by=cast.district_admin)
    if "opens_at" not in values:
        Programme.objects.filter(pk=programme.pk).update(publishes_at=time(-2), opens_at=time(-1))
    return Programme.objects.get(pk=programme.pk)

"""Sentences and checks that acts of several subjects share."""

from datetime import datetime

from django.utils.timezone import localtime

from gonghui.bookings.models import Booking, Programme
from gonghui.kit.errors import Refused

MAX_REASON = 200

BOOKED = "/bookings/booked/"
"""The officers' list of what is booked, for notices."""

SELF_CHECK_DESK = "/bookings/self-checks/desk/"
"""The publisher's list of checks at another hospital, for notices."""

SELF_CHECKS = "/bookings/self-checks/"
"""The officers' list of them."""

NOT_MANAGER = "只有发布这个项目的工会的管理员可以办理。"
NOT_OFFICER = "只有审核通过的工会的经办人可以为本工会会员预约。"


def stated_reason(reason: str, *, what: str = "原因", field: str = "reason") -> str:
    """The reason in one line. Raises Refused for none, or one that is too long."""
    if not (reason := " ".join(reason.split())):
        raise Refused(f"请填写{what}。", field=field)
    return limited(reason, what=what, field=field)


def limited(text: str, *, what: str, field: str, most: int = MAX_REASON) -> str:
    """The text in one line, if it is not too long."""
    text = " ".join(text.split())
    if len(text) > most:
        raise Refused(f"{what}不能超过 {most} 个字。", field=field)
    return text


def minute(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M}"


def second(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}"


def address_of_programme(programme: Programme) -> str:
    """The publisher's page of a programme, for notices."""
    return f"/bookings/{programme.pk}/"


def address_of_travel_offer(programme: Programme) -> str:
    """The officers' page of a programme, for notices."""
    return f"/bookings/offers/{programme.pk}/"


def address_of_booking(booking: Booking) -> str:
    """The page of a booking, for notices."""
    return f"{BOOKED}{booking.pk}/"

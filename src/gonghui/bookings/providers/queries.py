"""What a provider's account sees: the people of a day of its own places, while the programme is on."""

from datetime import date

from django.db.models import QuerySet
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.bookings.marks.actions import MARKED
from gonghui.bookings.models import Place, Session
from gonghui.bookings.states import ProgrammeState, SessionState

MOST_DAYS = 400


def sessions_of(user: User) -> QuerySet[Session]:
    """The sessions at the places of the user's providers, of programmes that are not over."""
    if not (user.is_active and user.is_provider):
        return Session.objects.none()
    return Session.objects.filter(
        venue__provider__in=user.providers.all(),
        state=SessionState.ON,
        programme__state=ProgrammeState.PUBLISHED,
        programme__ends_on__gte=localdate(),
    )


def days_of(user: User) -> list[date]:
    return list(sessions_of(user).order_by("begins_on").values_list("begins_on", flat=True).distinct()[:MOST_DAYS])


def people_of(user: User) -> QuerySet[Place]:
    """Who has a place there: booked, come or not come."""
    return Place.objects.filter(session__in=sessions_of(user), state__in=MARKED)

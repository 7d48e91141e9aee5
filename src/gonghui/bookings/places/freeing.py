"""The one way in which a place ends: what was held becomes free, and is offered to who is first in the line."""

from collections.abc import Collection, Sequence

from django.db.models import Q
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.models import Offer, Place, Session
from gonghui.bookings.places.line import fill
from gonghui.bookings.places.notifications import settle_offers
from gonghui.bookings.places.taking import GONE, give_back, lock_sessions
from gonghui.bookings.states import HOLDING, EndReason, OfferState, PlaceState
from gonghui.kit.errors import Refused

ENDING = (PlaceState.APPLIED, PlaceState.WAITING, PlaceState.OFFERED, PlaceState.BOOKED)
"""The states in which a place may end; who came, or did not, stays in the record."""


def lock_places(ids: Collection[int], *more_sessions: int) -> tuple[list[Place], dict[int, Session]]:
    """These places and their members' guests, with the locked sessions. Raises Refused when one has changed meanwhile."""
    wanted = Q(pk__in=ids) | Q(guest_of__in=ids)
    theirs = Place.objects.filter(wanted).values_list("session", flat=True)
    sessions = lock_sessions([*theirs, *more_sessions])
    rows = Place.objects.filter(wanted).select_related("booking", "union", "member", "guest_of", "programme__publisher")
    places = list(rows.select_for_update(of=("self",), no_key=True).order_by("booking", "order", "pk"))
    for place in places:
        if place.session_id not in sessions:
            raise Refused(GONE)
        place.session = sessions[place.session_id]
    return places, sessions


def end_places(
    places: Sequence[Place],
    ended_for: EndReason,
    *,
    by: User | None,
    reason: str = "",
    cost_note: str = "",
    offered_on: bool = True,
) -> list[Place]:
    """Ends those of these locked places that may end. What they held is free, and offered to the line at once."""
    ending = [place for place in places if place.state in ENDING]
    now = timezone.now()
    freed: dict[Session, list[Place]] = {}
    for place in ending:
        if place.state in HOLDING:
            freed.setdefault(place.session, []).append(place)
        place.state, place.ended_for, place.ended_at, place.ended_by = PlaceState.ENDED, ended_for, now, by
        place.reason, place.cost_note = reason, cost_note
    Place.objects.filter(pk__in=[place.pk for place in ending]).update(
        state=PlaceState.ENDED, ended_for=ended_for, ended_at=now, ended_by=by, reason=reason, cost_note=cost_note
    )
    for session, those in sorted(freed.items(), key=lambda one: one[0].pk):
        give_back(session, those)
    void_offers([place.offer_id for place in ending if place.offer_id])
    if offered_on:
        for session in sorted({place.session for place in ending}, key=lambda one: one.pk):
            fill(session)
    return ending


def void_offers(ids: Collection[int]) -> None:
    """Open offers in which nobody is left ask for no answer."""
    empty = Offer.objects.filter(pk__in=ids, state=OfferState.OPEN).exclude(places__state=PlaceState.OFFERED)
    offers = list(empty)
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(
        state=OfferState.VOID, answered_at=timezone.now()
    )
    settle_offers(offers)

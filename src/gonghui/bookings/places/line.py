"""The waiting list: the one function by which a free place finds who is first in the line (SPEC 6.6).

Whatever makes a place free (a withdrawal, a share that is returned, a capacity that is raised, a member who has left)
calls `fill`; and so does a new booking, which is the last in the line. So nobody overtakes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from gonghui.bookings.codes import LargeGroups
from gonghui.bookings.models import Booking, Offer, Place, Programme, Session, Share, WaitingEntry
from gonghui.bookings.places.notifications import notify_offered
from gonghui.bookings.places.taking import take
from gonghui.bookings.states import PlaceState, ProgrammeState, SessionState
from gonghui.unions.models import Union

CHUNK = 100
"""Entries of the line that are read at once."""

Seats = list[tuple[Place, Share]]
"""Who is given a place, and out of which share."""


@dataclass
class Pool:
    """What is free in the shares of a session, while it is given away."""

    shares: Sequence[Share]
    held: bool
    """Whether a free place is kept for a group first in the line that needs more."""

    def __post_init__(self) -> None:
        self.free = {share.pk: share.free for share in self.shares}

    @property
    def is_empty(self) -> bool:
        return not any(self.free.values())

    def usable(self, place: Place) -> list[Share]:
        """The shares out of which the person may be given a place, the narrowest first."""
        union = place.union
        above = (union.pk, union.level3_id, union.level2_id)
        mine = [share for share in self.shares if share.category and share.category in place.categories]
        mine += sorted((one for one in self.shares if one.union_id in above), key=lambda one: above.index(one.union_id))
        return [*mine, *(share for share in self.shares if share.is_common)]

    def seat(self, people: Sequence[Place]) -> Seats:
        """A share for each of them, or nothing at all; who has the fewest to choose from chooses first."""
        choices = sorted(((place, self.usable(place)) for place in people), key=lambda choice: len(choice[1]))
        left, seats = dict(self.free), []
        for place, shares in choices:
            share = next((one for one in shares if left[one.pk]), None)
            if share is None:
                self._hold([shares for _, shares in choices])
                return []
            left[share.pk] -= 1
            seats.append((place, share))
        self.free = left
        return seats

    def _hold(self, choices: Sequence[Sequence[Share]]) -> None:
        """Nobody behind is given what the first might still collect; of what can never be enough nothing is kept."""
        theirs = {share.pk: share for shares in choices for share in shares}
        if self.held and sum(share.capacity for share in theirs.values()) >= len(choices):
            self.free |= dict.fromkeys(theirs, 0)


def pool_of(session: Session) -> Pool:
    """The shares of a locked session, as they are now."""
    held = session.programme.large_groups == LargeGroups.HELD
    return Pool(list(Share.objects.filter(session=session).select_related("union").order_by("pk")), held)


def families(places: Iterable[Place]) -> list[list[Place]]:
    """Each member with his or her guests, in the order given: they go together, or not at all."""
    found: dict[int, list[Place]] = {}
    for place in places:
        head = place.guest_of if place.guest_of is not None else place
        found.setdefault(head.order, []).append(place)
    return list(found.values())


def fill(session: Session, *, now: datetime | None = None) -> list[Offer]:
    """Offers the free places of a locked session to who is first in the line; none after the deadline."""
    now, programme = now or timezone.now(), session.programme
    if session.state != SessionState.ON or not offers_are_made(programme, now):
        return []
    pool = pool_of(session)
    offers = []
    for entry, places in waiting(session, pool):
        seats = seat_group(pool, places, apart=entry.booking.splittable)
        if seats:
            offers.append(_offer(session, entry, seats, now))
        if pool.is_empty:
            break
    notify_offered(offers)
    return offers


def offers_are_made(programme: Programme, now: datetime) -> bool:
    """Until the deadline, while the programme is on."""
    return programme.state == ProgrammeState.PUBLISHED and programme.deadline is not None and now < programme.deadline


def waiting(session: Session, pool: Pool) -> Iterator[tuple[WaitingEntry, list[Place]]]:
    """Who waits and could use what is free, in the order of the line, each with the people who wait."""
    last = -1
    while not pool.is_empty:
        people = Place.objects.filter(session=session, state=PlaceState.WAITING, booking=OuterRef("booking"))
        line = WaitingEntry.objects.filter(Exists(people.filter(_could_use(pool))), session=session, turn__gt=last)
        entries = list(line.select_related("booking__programme", "booking__union").order_by("turn")[:CHUNK])
        if not entries:
            return
        last = entries[-1].turn
        rows = Place.objects.filter(
            booking__in=[entry.booking_id for entry in entries], session=session, state=PlaceState.WAITING
        )
        by_booking: dict[int, list[Place]] = {}
        for place in rows.select_related("union", "guest_of", "member").order_by("booking", "order"):
            by_booking.setdefault(place.booking_id, []).append(place)
        for entry in entries:
            yield entry, by_booking[entry.booking_id]


def _could_use(pool: Pool) -> Q:
    """The people who may be given one of the places that are free now."""
    free = [share for share in pool.shares if pool.free[share.pk]]
    if any(share.is_common for share in free):
        return Q()
    unions = [share.union_id for share in free if share.union_id]
    below = Union.objects.filter(Q(pk__in=unions) | Q(level2__in=unions) | Q(level3__in=unions))
    return Q(union__in=below) | Q(categories__overlap=[share.category for share in free if share.category])


def seat_group(pool: Pool, places: Sequence[Place], *, apart: bool) -> Seats:
    """A share for all of a group, or nothing; ``apart``: for as many of its families as there is room for."""
    units = families(places) if apart else [list(places)]
    return [seat for unit in units for seat in pool.seat(unit)]


def _offer(session: Session, entry: WaitingEntry, seats: Seats, now: datetime) -> Offer:
    """Holds the places for the group, until the hours are over or the deadline."""
    take(session, [share for _, share in seats])
    programme = session.programme
    ends_at = min(now + timedelta(hours=programme.offer_hours), programme.deadline or now)
    offer = Offer.objects.create(entry=entry, ends_at=ends_at)
    for place, share in seats:
        place.state, place.share, place.offer = PlaceState.OFFERED, share, offer
    Place.objects.bulk_update([place for place, _ in seats], ["state", "share", "offer"])
    return offer


def join(session: Session, places: Sequence[Place], *, apart: bool, waits: bool) -> Seats:
    """The places that newcomers are given at once: behind all who wait and could use what is free. For who does not
    wait nothing is kept."""
    pool = pool_of(session)
    for entry, before in waiting(session, pool):
        seat_group(pool, before, apart=entry.booking.splittable)
    pool.held = pool.held and waits
    return seat_group(pool, places, apart=apart)


def queue(session: Session, booking: Booking) -> WaitingEntry:
    """The booking's turn: the last of the line of the locked session."""
    last = WaitingEntry.objects.filter(session=session).aggregate(last=Max("turn"))["last"] or 0
    return WaitingEntry.objects.create(session=session, booking=booking, turn=last + 1)


def position(entry: WaitingEntry) -> int:
    """How many groups wait before this one, and itself."""
    people = Place.objects.filter(session=entry.session_id, state=PlaceState.WAITING, booking=OuterRef("booking"))
    return WaitingEntry.objects.filter(Exists(people), session=entry.session_id, turn__lt=entry.turn).count() + 1

"""What an officer sees of the programmes that are offered to his or her union: places free now, money, who could go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.models import Place, Programme, Session, Share
from gonghui.bookings.programmes.figures import Offer, offers
from gonghui.bookings.states import ACTIVE, PlaceState, ProgrammeState, SessionState
from gonghui.unions.models import Union

NOW, PAST = "", "past"


def offered(user: User, when: str = NOW) -> QuerySet[Programme]:
    """The programmes that can be booked now or soon; with PAST those that are over, whatever their end."""
    published = Q(state=ProgrammeState.PUBLISHED, deadline__gt=timezone.now())
    rows = Programme.objects.visible_to(user).exclude(state=ProgrammeState.DRAFT)
    rows = rows.exclude(published) if when == PAST else rows.filter(published)
    return rows.select_related("publisher")


def counts_by_kind(user: User, when: str = NOW) -> dict[str, int]:
    """How many programmes of each kind are offered."""
    counted = offered(user, when).order_by().values("kind").annotate(count=Count("pk"))
    return {row["kind"]: row["count"] for row in counted}


@dataclass(frozen=True)
class Card:
    """A programme as a card of the officer's list, with what it is to the union."""

    offer: Offer
    free: int
    """Places that the union could take now: of the common pool and of the shares kept for it."""
    own: int
    """People of the union who are in it."""

    @property
    def is_full(self) -> bool:
        return not self.free and not self.offer.programme.is_draw


def cards(programmes: Sequence[Programme], union: Union) -> list[Card]:
    """The cards of these programmes, by the same nine statements however many they are."""
    ids = [programme.pk for programme in programmes]
    usable = usable_shares(union).filter(session__programme__in=ids, session__state=SessionState.ON).order_by()
    left = usable.values("session__programme").annotate(left=Sum(F("capacity") - F("taken")))
    free = {row["session__programme"]: row["left"] for row in left}
    people = Place.objects.filter(programme__in=ids, union=union, state__in=ACTIVE).order_by()
    own = dict(people.values_list("programme").annotate(count=Count("pk")))
    return [
        Card(offer, free.get(offer.programme.pk, 0), own.get(offer.programme.pk, 0)) for offer in offers(programmes)
    ]


def usable_shares(union: Union) -> QuerySet[Share]:
    """The shares out of which the people of a union are given places; those of a category are for some of them only."""
    above = [pk for pk in (union.pk, union.level3_id, union.level2_id) if pk]
    return Share.objects.filter(Q(union=None, category="") | Q(union__in=above))


@dataclass(frozen=True)
class SessionLine:
    """A session with what the union could take of it now, and whether a group of ``people`` fits."""

    session: Session
    own: int
    common: int
    waiting: int
    people: int
    held_until: datetime | None = None

    @property
    def free(self) -> int:
        return self.own + self.common

    @property
    def fits(self) -> bool:
        """Whether all of them would be given a place now. Whoever waits comes first."""
        return not self.waiting and self.free >= self.people

    @property
    def short_of(self) -> int:
        return max(0, self.people - (0 if self.waiting else self.free))


def session_lines(programme: Programme, union: Union, people: int = 0) -> list[SessionLine]:
    """The sessions of a programme, by three statements."""
    sessions = list(programme.sessions.filter(state=SessionState.ON).select_related("venue"))
    own: dict[int, int] = {}
    common: dict[int, int] = {}
    held: dict[int, datetime] = {}
    for share in usable_shares(union).filter(session__in=sessions):
        part = common if share.is_common else own
        part[share.session_id] = part.get(share.session_id, 0) + share.free
        if not share.is_common and share.held_until and not share.returned_at:
            held[share.session_id] = share.held_until
    line = Place.objects.filter(session__in=sessions, state=PlaceState.WAITING).order_by().values("session")
    waiting: Mapping[int, int] = {row["session"]: row["count"] for row in line.annotate(count=Count("pk"))}
    return [
        SessionLine(
            session,
            own.get(session.pk, 0),
            common.get(session.pk, 0),
            waiting.get(session.pk, 0),
            people,
            held.get(session.pk),
        )
        for session in sessions
    ]

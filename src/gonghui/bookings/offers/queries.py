"""What an officer sees of the programmes that are offered to his or her union: places free now, money, who could go."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.codes import FundSource
from gonghui.bookings.models import Fund, LedgerEntry, Place, Programme, Session, Share, Venue
from gonghui.bookings.states import ACTIVE, PlaceState, ProgrammeState, SessionState
from gonghui.unions.models import Union

NOW, PAST = "", "past"


@dataclass
class Offer:
    """A programme as a card of the list."""

    programme: Programme
    free: int = 0
    """Places that the union could take now: of the common pool and of the shares kept for it."""
    waiting: int = 0
    sessions: int = 0
    first: date | None = None
    last: date | None = None
    venues: list[str] = field(default_factory=list)
    funds: list[tuple[str, Decimal | None]] = field(default_factory=list)
    own: int = 0
    """People of the union who are in the programme."""

    @property
    def price(self) -> Decimal:
        return sum((amount for _, amount in self.funds if amount), Decimal(0)) or self.programme.price

    @property
    def opens_later(self) -> bool:
        return bool(self.programme.opens_at and self.programme.opens_at > timezone.now())


def offered(user: User, when: str = NOW, kind: str = "") -> QuerySet[Programme]:
    """The programmes that can be booked now or soon; with PAST those that are over, whatever their end."""
    published = Q(state=ProgrammeState.PUBLISHED, deadline__gt=timezone.now())
    rows = Programme.objects.visible_to(user).exclude(state=ProgrammeState.DRAFT)
    rows = rows.exclude(published) if when == PAST else rows.filter(published)
    return (rows.filter(kind=kind) if kind else rows).select_related("publisher")


def counts_by_kind(user: User, when: str = NOW) -> dict[str, int]:
    """How many programmes of each kind are offered."""
    counted = offered(user, when).order_by().values("kind").annotate(count=Count("pk"))
    return {row["kind"]: row["count"] for row in counted}


def offers(programmes: Sequence[Programme], union: Union) -> list[Offer]:
    """The cards of these programmes, by the same few statements however many they are."""
    cards = {programme.pk: Offer(programme) for programme in programmes}
    sessions = Session.objects.filter(programme__in=cards, state=SessionState.ON).order_by().values("programme")
    for row in sessions.annotate(count=Count("pk"), first=Min("begins_on"), last=Max("ends_on")):
        card = cards[row["programme"]]
        card.sessions, card.first, card.last = row["count"], row["first"], row["last"]
    usable = usable_shares(union).filter(session__programme__in=cards, session__state=SessionState.ON).order_by()
    for row in usable.values("session__programme").annotate(free=Sum(F("capacity") - F("taken"))):
        cards[row["session__programme"]].free = row["free"]
    people = Place.objects.filter(programme__in=cards, state__in=ACTIVE).order_by().values("programme")
    counted = people.annotate(
        waiting=Count("pk", filter=Q(state=PlaceState.WAITING)), own=Count("pk", filter=Q(union=union))
    )
    for row in counted:
        cards[row["programme"]].waiting, cards[row["programme"]].own = row["waiting"], row["own"]
    for programme, name in Venue.objects.filter(programme__in=cards).order_by("pk").values_list("programme", "name"):
        cards[programme].venues.append(name)
    funds = funds_of(list(cards))
    for pk, card in cards.items():
        card.funds = funds[pk]
    return list(cards.values())


def usable_shares(union: Union) -> QuerySet[Share]:
    """The shares out of which the people of a union are given places; those of a category are for some of them only."""
    above = [pk for pk in (union.pk, union.level3_id, union.level2_id) if pk]
    return Share.objects.filter(Q(union=None, category="") | Q(union__in=above))


def funds_of(programmes: Collection[int]) -> dict[int, list[tuple[str, Decimal | None]]]:
    """Of each programme all sources in their order, with what they pay a person (None: nothing)."""
    amounts: dict[tuple[int, str], Decimal] = {
        (fund.programme_id, fund.source): fund.amount for fund in Fund.objects.filter(programme__in=programmes)
    }
    return {
        pk: [(SHORT[FundSource(source)], amounts.get((pk, source))) for source in FundSource.values]
        for pk in programmes
    }


SHORT = {
    FundSource.CITY: "市总",
    FundSource.LEVEL2: "区局",
    FundSource.UNION: "工会",
    FundSource.EMPLOYER: "行政",
    FundSource.SELF: "个人",
}
"""The sources as a card names them."""


@dataclass(frozen=True)
class SessionLine:
    """A session with what the union could take of it now, and whether a group of ``people`` fits."""

    session: Session
    own: int
    common: int
    waiting: int
    people: int
    held_until: object = None

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
    held: dict[int, object] = {}
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


def last_times(members: Collection[int], kind: str) -> dict[int, LedgerEntry]:
    """The last time that each of these members has been, of those who have."""
    rows = LedgerEntry.objects.been().filter(member__in=members, kind=kind).order_by("member", "-year", "-id")
    return {entry.member_id: entry for entry in rows.distinct("member")}

"""What lists and pages of programmes count: sessions, places taken and free, who waits; for all rows of a page at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Sum

from gonghui.bookings.codes import FundSource
from gonghui.bookings.models import Draw, Fund, Package, Picture, Place, Programme, Session, Venue
from gonghui.bookings.phases import next_step
from gonghui.bookings.pictures.queries import covers
from gonghui.bookings.states import Phase, PlaceState, SessionState
from gonghui.codelists.queries import label
from gonghui.members.codes import Sex

SHORT = {
    FundSource.CITY: "市总",
    FundSource.LEVEL2: "区局",
    FundSource.UNION: "工会",
    FundSource.EMPLOYER: "行政",
    FundSource.SELF: "个人",
}
"""The sources of money as the head of a narrow column."""


@dataclass
class Offer:
    """A programme with its figures, as a card of a list shows it (bookings/offer.html)."""

    programme: Programme
    funds: dict[str, str] = field(default_factory=dict)  # the amounts by source
    venues: list[str] = field(default_factory=list)
    sessions: int = 0
    capacity: int = 0
    taken: int = 0
    waiting: int = 0
    applied: int = 0
    drawn: bool = False
    cover: Picture | None = None

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def where(self) -> str:
        """The one venue, or how many there are."""
        return self.venues[0] if len(self.venues) == 1 else f"{len(self.venues)} 个线路或地点" if self.venues else ""

    @property
    def money(self) -> list[tuple[str, str]]:
        """Each source with its amount; 「-」 for none."""
        return [(label, self.funds.get(source, "-")) for source, label in SHORT.items()]

    @property
    def price(self) -> str:
        return money(self.programme.price)

    @property
    def phase(self) -> str:
        """In words; of lots that are drawn, that they are."""
        phase = self.programme.phase
        return "已抽签" if self.drawn and phase == Phase.DRAWING else phase.label

    @property
    def tone(self) -> str:
        """The state whose colour the phase has: what is over is grey."""
        return "lapsed" if self.programme.phase == Phase.ENDED else self.programme.phase

    @property
    def next_step(self) -> str:
        return next_step(self.programme)


def offers(programmes: Iterable[Programme]) -> list[Offer]:
    """The programmes with their figures, in seven statements."""
    found = {programme.pk: Offer(programme) for programme in programmes}
    for key, cover in covers(found).items():
        found[key].cover = cover
    for key, source, amount in Fund.objects.filter(programme__in=found).values_list("programme", "source", "amount"):
        found[key].funds[source] = money(amount)
    for key, name in Venue.objects.filter(programme__in=found).order_by("pk").values_list("programme", "name"):
        found[key].venues.append(name)
    sessions = Session.objects.filter(programme__in=found, state=SessionState.ON).order_by()
    for row in sessions.values("programme").annotate(number=Count("pk"), all=Sum("capacity"), held=Sum("taken")):
        offer = found[row["programme"]]
        offer.sessions, offer.capacity, offer.taken = row["number"], row["all"], row["held"]
    for key in Draw.objects.filter(programme__in=found, drawn_at__isnull=False).values_list("programme", flat=True):
        found[key].drawn = True
    for key, state, number in _people(found):
        setattr(found[key], "waiting" if state == PlaceState.WAITING else "applied", number)
    return list(found.values())


def _people(programmes: Collection[int]) -> Iterable[tuple[int, str, int]]:
    states = [PlaceState.WAITING, PlaceState.APPLIED]
    places = Place.objects.filter(programme__in=programmes, state__in=states).order_by()
    return places.values_list("programme", "state").annotate(number=Count("pk"))


def money(amount: object) -> str:
    """「3,200」, 「99.50」."""
    text = f"{amount:,.2f}"
    return text.removesuffix(".00")


def people_and_unions(programme: Programme, session: Session | None = None) -> tuple[int, int]:
    """How many people are in the programme or session, booked, offered, waiting or collected; and of how many unions."""
    places = Place.objects.filter(programme=programme).active().order_by()
    places = places.filter(session=session) if session else places
    counts = places.aggregate(people=Count("pk"), unions=Count("union", distinct=True))
    return counts["people"], counts["unions"]


def for_whom(package: Package) -> str:
    """「女，35 至 54 岁，已婚」; 「所有人」."""
    said = ["、".join(label(Sex, sex) for sex in package.sexes)] if package.sexes else []
    if package.age_from is not None or package.age_to is not None:
        said.append(_ages(package.age_from, package.age_to))
    said += [] if package.married is None else ["已婚" if package.married else "未婚"]
    return "，".join(said) or "所有人"


def _ages(first: int | None, last: int | None) -> str:
    if first is not None and last is not None:
        return f"{first} 至 {last} 岁"
    return f"{last} 岁以下" if first is None else f"{first} 岁以上"

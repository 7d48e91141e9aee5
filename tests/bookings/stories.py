"""What happens in the stories of bookings, in one line each."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.attachments.actions import attach
from gonghui.attachments.models import Attachment
from gonghui.bookings.models import Booking, Offer, Place, Programme, SelfCheck, Session, Share, Venue
from gonghui.bookings.places.actions import book_group
from gonghui.bookings.places.people import Guest, Person
from gonghui.bookings.programmes.actions import create_programme, publish_programme, save_venue, set_funds, set_rules
from gonghui.bookings.providers.actions import open_account
from gonghui.bookings.self_checks.actions import send_self_check
from gonghui.bookings.self_checks.kind import CODE, about
from gonghui.bookings.self_checks.validation import Invoice
from gonghui.bookings.sessions.actions import add_session
from gonghui.bookings.states import OfferState
from gonghui.members.models import Member
from gonghui.reviews.scans import ScanKind
from tests.factories import live, make_member
from tests.people import Cast
from tests.scans import png

SOON = timedelta(days=60)


def drafted(
    cast: Cast, *, publisher=None, by: User | None = None, rules: Sequence[tuple[str, dict]] = (), **values
) -> Programme:
    """A draft with a venue; it opens in five minutes and closes in 30 days."""
    now = timezone.now()
    values = {
        "kind": "recuperation",
        "title": "莫干山疗休养",
        "opens_at": now + timedelta(minutes=5),
        "deadline": now + timedelta(days=30),
        **values,
    }
    by = by or cast.platform_admin
    programme = create_programme(publisher or cast.city, values, by=by)
    set_funds(programme, {"city": 1200, "union": 800}, by=by)
    set_rules(programme, rules, by=by)
    save_venue(programme, {"name": "莫干山线"}, by=by)
    return programme


def published(cast: Cast, *, capacity: int | Sequence[int] = 2, by: User | None = None, **values) -> Programme:
    """Open for booking, with a session of so many places, or several."""
    by = by or cast.platform_admin
    programme = drafted(cast, by=by, **values)
    for number, places in enumerate([capacity] if isinstance(capacity, int) else capacity):
        session_of(programme, capacity=places, after=SOON + timedelta(days=10 * number), by=by)
    publish_programme(programme, by=by)
    opened(programme)
    return live(programme)


def session_of(programme: Programme, *, capacity: int = 2, after: timedelta = SOON, days: int = 5, by: User) -> Session:
    first = timezone.localdate() + after
    venue = Venue.objects.filter(programme=programme).order_by("pk")[0]
    return add_session(venue, begins_on=first, ends_on=first + timedelta(days=days - 1), capacity=capacity, by=by)


def opened(programme: Programme) -> None:
    """As if it had been published two hours ago, and had opened an hour later."""
    now, hour = timezone.now(), timedelta(hours=1)
    Programme.objects.filter(pk=programme.pk).update(publishes_at=now - 2 * hour, opens_at=now - hour)


def first_session(programme: Programme) -> Session:
    return Session.objects.filter(programme=programme).order_by("pk")[0]


def booked(
    by: User,
    programme: Programme | Session,
    *members: Member | int,
    mode: str = "all",
    waits: bool = True,
    splittable: bool = False,
    key: UUID | None = None,
    guests: Sequence[Guest] = (),
    **fields: Any,
) -> Booking:
    """The officer books these members (a number: so many new ones) for the first session; the first brings the guests."""
    session = first_session(programme) if isinstance(programme, Programme) else programme
    if members and isinstance(members[0], int):
        members = tuple(make_member(live(by.union)) for _ in range(members[0]))
    people = [Person(one.pk, guests=guests if number == 0 else (), **fields) for number, one in enumerate(members)]
    return book_group(session, people, mode=mode, waits=waits, splittable=splittable, key=key or uuid4(), by=by)


def invoice(number: str = "20260001", **more: Any) -> Invoice:
    """What an officer says of a check at another hospital, today."""
    said = {"hospital": "上海市示例医院", "checked_on": timezone.localdate(), "amount": Decimal("500.50")}
    return Invoice(number=number, **(said | more))


def scanned(by: User, programme: Programme, member: Member) -> Attachment:
    """The scan of the invoice that ``by`` has uploaded."""
    file = SimpleUploadedFile(f"{member.name}发票.png", png())
    return attach(CODE, about(programme.pk, member.pk), ScanKind.INVOICE, file, by=by)


def sent(by: User, programme: Programme, member: Member, *, number: str = "20260001", **more: Any) -> SelfCheck:
    """The officer sends a member's invoice with its scan."""
    scanned(by, programme, member)
    return send_self_check(programme, member.pk, invoice(number, **more), by=by)


def states(booking: Booking) -> list[str]:
    return [str(place.state) for place in Place.objects.filter(booking=booking).order_by("order")]


def ids(booking: Booking) -> list[int]:
    return [place.pk for place in Place.objects.filter(booking=booking).order_by("order")]


def open_offer(booking: Booking) -> Offer:
    return Offer.objects.get(entry__booking=booking, state=OfferState.OPEN)


def later(passed: timedelta) -> None:
    """As if so much time had passed for the programmes, their offers and shares; the days of the sessions stay."""
    for model, columns in (
        (Programme, ("publishes_at", "opens_at", "collects_until", "deadline")),
        (Offer, ("ends_at",)),
        (Share, ("held_until",)),
        (Place, ("marked_at",)),
    ):
        model.objects.update(**{column: F(column) - passed for column in columns})


def reached(moment: datetime) -> None:
    """As if it were that time."""
    later(moment - timezone.now())


def clinic_account(cast: Cast, email: str = "clinic@example.org", provider: str = "示例体检中心") -> User:
    """Of a 体检机构, opened by the district."""
    return open_account(cast.district, provider=provider, email=email, name="体检前台", by=cast.district_admin)


def begun(programme: Programme) -> None:
    """As if its sessions had begun yesterday."""
    yesterday: date = timezone.localdate() - timedelta(days=1)
    now = timezone.now()
    Programme.objects.filter(pk=programme.pk).update(
        opens_at=now - timedelta(days=9), publishes_at=now - timedelta(days=9), deadline=now - timedelta(days=3),
        begins_on=yesterday,
    )  # fmt: skip
    for number, session in enumerate(Session.objects.filter(programme=programme).order_by("-pk")):
        first = yesterday - timedelta(days=number)  # a venue has one session a day
        Session.objects.filter(pk=session.pk).update(begins_on=first, ends_on=first + timedelta(days=4))

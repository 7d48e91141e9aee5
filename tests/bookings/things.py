"""The things of the world (tests/world.py) that are of bookings."""

from datetime import timedelta
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.marks.actions import contest_absence, mark_places
from gonghui.bookings.models import (
    Booking,
    Contest,
    Document,
    EligibilityRule,
    LedgerFund,
    Offer,
    Package,
    Picture,
    Place,
    Programme,
    SelfCheck,
    Session,
    Venue,
)
from gonghui.bookings.places.actions import withdraw_places
from gonghui.bookings.programmes.actions import cancel_programme, save_package
from tests.bookings.shown import documented, pictured
from tests.bookings.stories import begun, booked, clinic_account, drafted, first_session, ids, open_offer, published
from tests.factories import make_member
from tests.people import Cast


class Bookings:
    """Programmes of the district; a member of `cast.union` is in each that has people."""

    cast: Cast

    def _published(self, **values: object) -> Programme:
        return published(self.cast, publisher=self.cast.district, by=self.cast.district_admin, **values)

    def _booked(self, programme: Programme) -> Booking:
        return booked(self.cast.officer, programme, make_member(self.cast.union))

    @cached_property
    def programme(self) -> Programme:
        """Open, with a session of ten places."""
        return self._published(capacity=10)

    @cached_property
    def draft_programme(self) -> Programme:
        return drafted(self.cast, publisher=self.cast.district, by=self.cast.district_admin)

    @cached_property
    def session(self) -> Session:
        return first_session(self.programme)

    @cached_property
    def venue(self) -> Venue:
        return self.session.venue

    @cached_property
    def package(self) -> Package:
        return save_package(self.programme, {"name": "女职工套餐"}, by=self.cast.district_admin)

    @cached_property
    def programme_picture(self) -> Picture:
        return pictured(self.programme, by=self.cast.district_admin)

    @cached_property
    def programme_rendition(self) -> list[object]:
        return [self.programme_picture.key, self.programme_picture.width, "webp"]

    @cached_property
    def programme_document(self) -> Document:
        return documented(self.programme, by=self.cast.district_admin)

    @cached_property
    def provider_account(self) -> User:
        """Of a 体检机构, opened by the district."""
        return clinic_account(self.cast)

    @cached_property
    def booking(self) -> Booking:
        return self._booked(self.programme)

    @cached_property
    def place(self) -> Place:
        return Place.objects.get(booking=self.booking)

    @cached_property
    def sign_in_code(self) -> UUID:
        return self.place.code

    @cached_property
    def offer(self) -> Offer:
        """Of the place that another union gave up; `cast.union` waited for it."""
        programme = self._published(capacity=1)
        first = booked(self.cast.neighbour_officer, programme, make_member(self.cast.neighbour))
        mine = self._booked(programme)
        withdraw_places(ids(first), by=self.cast.neighbour_officer)
        return open_offer(mine)

    @cached_property
    def rule(self) -> EligibilityRule:
        programme = self._published(rules=[("card", {})])
        return EligibilityRule.objects.get(programme=programme)

    @cached_property
    def waiting_place(self) -> Place:
        """Of a member of `cast.union`, behind the one who has the only place."""
        programme = self._published(capacity=1)
        self._booked(programme)
        return Place.objects.get(booking=self._booked(programme))

    @cached_property
    def cancelled_programme(self) -> Programme:
        return cancel_programme(self._published(), reason="天气原因", by=self.cast.district_admin)

    @cached_property
    def ledger_fund(self) -> LedgerFund:
        """What was paid for somebody who has been there."""
        programme = self._published()
        place = Place.objects.get(booking=self._booked(programme))
        begun(programme)
        mark_places([place.pk], came=True, by=self.cast.district_admin)
        return LedgerFund.objects.filter(entry__place=place).order_by("pk")[0]

    @cached_property
    def self_check(self) -> SelfCheck:
        return SelfCheck.objects.create(
            programme=self.programme, member=make_member(self.cast.union), union=self.cast.union,
            checked_on=timezone.localdate(), amount=500, paid=300, by=self.cast.officer,
        )  # fmt: skip

    @cached_property
    def contest(self) -> Contest:
        """About somebody who did not come."""
        programme = self._published()
        place = Place.objects.get(booking=self._booked(programme))
        begun(programme)
        mark_places([place.pk], came=False, by=self.cast.district_admin)
        return contest_absence(place, text="当天到场", by=self.cast.officer)

    @cached_property
    def drawn_programme(self) -> Programme:
        """Its lots are drawn."""
        programme = self._published(allocation="draw", collects_until=timezone.now() + timedelta(days=10))
        self._booked(programme)
        Programme.objects.filter(pk=programme.pk).update(collects_until=timezone.now() - timedelta(minutes=1))
        run_draw(programme, by=self.cast.district_admin)
        return programme

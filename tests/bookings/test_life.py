"""Anything in any order: sessions, shares, groups, the line, moves and deaths; what must hold holds after each step."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gonghui.bookings.due.actions import settle_due
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.models import LedgerEntry, Offer, Place, Session, Share, WaitingEntry
from gonghui.bookings.places.actions import accept_offer, change_session, decline_offer, substitute, withdraw_places
from gonghui.bookings.places.people import Guest
from gonghui.bookings.queries import wrong_counts
from gonghui.bookings.sessions.actions import add_share, cancel_session, move_places, set_capacity
from gonghui.bookings.states import ACTIVE, OfferState
from gonghui.kit.errors import Refused
from tests.bookings.stories import begun, booked, later, published, reached
from tests.factories import live, make_member, resident_id
from tests.people import make_cast
from tests.transfers.stories import agreed, left, requested

pytestmark = [pytest.mark.django_db, pytest.mark.server]

FEW = st.integers(0, 50)


class Life(RuleBasedStateMachine):
    """A programme of two sessions, three unions of two districts, and a minute between two jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.cast = make_cast()
        self.programme = published(
            self.cast, capacity=(4, 3), guests_max=1, deadline=timezone.now() + timedelta(days=10), offer_hours=48
        )
        self.officers = [self.cast.officer, self.cast.neighbour_officer, self.cast.far_officer]
        self.city = self.cast.platform_admin
        self.guests = count(1)

    def teardown(self) -> None:
        """Afterwards it takes place: each who was there, or was not, has one line in the ledger, with its booking."""
        try:
            begun(self.programme)
            going = list(Place.objects.filter(state="booked").values_list("pk", flat=True))
            for number, pk in enumerate(going):
                mark_places([pk], came=number % 3 > 0, by=self.city)
            entries = {entry.place_id: entry for entry in LedgerEntry.objects.all()}
            marked = Place.objects.filter(state__in=["attended", "absent"], member__isnull=False)
            assert set(entries) == set(marked.values_list("pk", flat=True))
            assert all(entries[place.pk].came == (place.state == "attended") for place in marked)
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    def session(self, number: int) -> Session:
        sessions = list(Session.objects.order_by("pk"))
        return sessions[number % len(sessions)]

    def place(self, number: int, *wanted: str) -> Place | None:
        places = list(Place.objects.filter(state__in=wanted, member__isnull=False).order_by("pk"))
        return places[number % len(places)] if places else None

    def officer_of(self, place: Place):
        return next(one for one in self.officers if one.union_id == place.union_id)

    def try_to(self, act) -> None:
        """A refusal changes nothing."""
        try:
            with transaction.atomic():
                act()
        except Refused:
            pass

    @rule(who=FEW, where=FEW, people=st.integers(1, 4), as_many=st.booleans(), waits=st.booleans(),
          splittable=st.booleans(), guest=st.booleans(), model=st.booleans())  # fmt: skip
    def book(self, who, where, people, as_many, waits, splittable, guest, model) -> None:
        by = self.officers[who % 3]
        honour = {"honour_level": "national"} if model else {}
        members = [make_member(live(by.union), **honour) for _ in range(people)]
        family = [Guest("李家属", "resident_id", resident_id(next(self.guests)))] if guest else []
        mode = "as_many" if as_many else "all"
        self.try_to(
            lambda: booked(
                by, self.session(where), *members, mode=mode, waits=waits, splittable=splittable, guests=family
            )
        )

    @rule(which=FEW)
    def withdraw(self, which) -> None:
        if place := self.place(which, "booked", "waiting", "offered"):
            self.try_to(lambda: withdraw_places([place.pk], reason="有事", cost_note="无", by=self.officer_of(place)))

    @rule(which=FEW, accept=st.booleans())
    def answer(self, which, accept) -> None:
        offers = list(Offer.objects.filter(state=OfferState.OPEN).select_related("entry__booking").order_by("pk"))
        if offers:
            offer = offers[which % len(offers)]
            by = self.officer_of(offer.entry.booking)
            self.try_to(lambda: (accept_offer if accept else decline_offer)(offer, by=by))

    @rule(which=FEW, where=FEW)
    def change(self, which, where) -> None:
        if place := self.place(which, "booked"):
            self.try_to(lambda: change_session([place.pk], self.session(where), by=self.officer_of(place)))

    @rule(which=FEW)
    def send_a_colleague(self, which) -> None:
        if place := self.place(which, "booked"):
            colleague = make_member(live(place.union))
            self.try_to(lambda: substitute(place, colleague.pk, by=self.officer_of(place)))

    @rule(where=FEW, capacity=st.integers(1, 8))
    def resize(self, where, capacity) -> None:
        self.try_to(lambda: set_capacity(self.session(where), capacity, by=self.city))

    @rule(where=FEW, places=st.integers(1, 3), whom=st.integers(0, 3), hours=st.integers(1, 100))
    def share(self, where, places, whom, hours) -> None:
        until = timezone.now() + timedelta(hours=hours)
        whose = [
            {"union": self.cast.district}, {"union": self.cast.street}, {"union": self.cast.bureau},
            {"category": "model_worker"},
        ][whom]  # fmt: skip
        self.try_to(lambda: add_share(self.session(where), places=places, held_until=until, by=self.city, **whose))

    @rule(where=FEW, first=FEW, second=FEW, places=st.integers(1, 3))
    def move_between_shares(self, where, first, second, places) -> None:
        session = self.session(where)
        shares = list(session.shares.order_by("pk"))
        origin, target = (shares[one % len(shares)] for one in (first, second))
        self.try_to(
            lambda: move_places(session, origin=origin, target=target, places=places, reason="调整", by=self.city)
        )

    @rule(which=FEW, dies=st.booleans(), moves=st.booleans())
    def leave(self, which, dies, moves) -> None:
        place = self.place(which, "booked", "waiting", "offered")
        if place is None or place.union_id != self.cast.union.pk:
            return
        if moves:
            agreed(requested(self.cast, place.member), by=self.cast.officer)
        else:
            left(self.cast, place.member, reason="died" if dies else "resigned")

    @rule(hours=st.sampled_from([1, 24, 49]))
    def time_passes(self, hours) -> None:
        later(timedelta(hours=hours))

    @precondition(lambda self: Session.objects.filter(state="on").count() > 1)
    @rule(where=FEW, now=st.sampled_from([True, False, False, False]))
    def cancel(self, where, now) -> None:
        if now:
            self.try_to(lambda: cancel_session(self.session(where), reason="停业", by=self.city))

    @rule(now=st.sampled_from([True, False, False, False, False]))
    def the_deadline_comes(self, now) -> None:
        if now:
            reached(live(self.programme).deadline)

    @invariant()
    def the_numbers_are_those_of_the_people(self) -> None:
        assert wrong_counts() == []
        assert all(session.taken <= session.capacity for session in Session.objects.all())

    @invariant()
    def nobody_is_in_it_twice(self) -> None:
        active = Place.objects.filter(state__in=ACTIVE).values("document_hash").annotate(times=Count("pk"))
        assert not active.filter(times__gt=1).exists()

    @invariant()
    def after_the_job_no_place_is_free_that_the_first_in_the_line_could_take(self) -> None:
        settle_due()
        over = timezone.now() >= live(self.programme).deadline
        if over:
            assert not Place.objects.filter(state__in=["waiting", "offered"]).exists()
            return
        for session in Session.objects.filter(state="on"):
            self.look_along_the_line(session)

    def look_along_the_line(self, session: Session) -> None:
        """By itself, as a person would: who is first and can be seated has been offered a place."""
        free = {share: share.free for share in Share.objects.filter(session=session)}
        for entry in WaitingEntry.objects.filter(session=session).order_by("turn").select_related("booking"):
            waiting = list(entry.booking.places.filter(state="waiting").select_related("union", "guest_of"))
            if not waiting:
                continue
            unit = waiting if not entry.booking.splittable else family(waiting)
            choices = [[share for share in free if may_use(place, share)] for place in unit]
            assert not seatable(choices, free), f"{entry.booking} could be seated in {session}"
            if sum(share.capacity for share in {one for shares in choices for one in shares}) >= len(unit):
                for shares in choices:
                    free |= dict.fromkeys(shares, 0)


def family(waiting: list[Place]) -> list[Place]:
    """The first of those who wait, with the guests."""
    head = waiting[0].guest_of or waiting[0]
    return [one for one in waiting if (one.guest_of or one) == head]


def may_use(place: Place, share: Share) -> bool:
    if share.category:
        return share.category in place.categories
    union = place.union
    return share.union_id is None or share.union_id in (union.pk, union.level3_id, union.level2_id)


def seatable(choices: list[list[Share]], free: dict[Share, int]) -> bool:
    """Whether each can be given one of his or her choices: every way is tried."""
    if not choices:
        return True
    first, *rest = choices
    return any(seatable(rest, free | {share: free[share] - 1}) for share in first if free[share] > 0)


def test_whatever_happens_in_whatever_order(db):
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

"""Every move of the tables of states is made by what people and the clock do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.bookings.draws.actions import run_draw
from gonghui.bookings.due.actions import settle_due
from gonghui.bookings.marks.actions import contest_absence, decide_contest, mark_places
from gonghui.bookings.models import Contest, Offer, Place, Programme, SelfCheck, Session
from gonghui.bookings.places.actions import accept_offer, decline_offer, withdraw_places
from gonghui.bookings.programmes.actions import cancel_programme
from gonghui.bookings.self_checks.actions import decide_self_check, withdraw_self_check
from gonghui.bookings.sessions.actions import cancel_session
from tests.bookings.stories import begun, booked, first_session, ids, later, open_offer, published, reached, sent
from tests.factories import make_member
from tests.people import Cast
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def test_every_move_happens(cast):
    with every_move_is_made(Programme, Session, Place, Offer, Contest, SelfCheck):
        _invoices(cast)
        _lots(cast)
        _offers(cast)
        _who_came(cast)
        programme = published(cast, title="取消的")
        cancel_session(first_session(programme), reason="停业", by=cast.platform_admin)
        cancel_programme(programme, reason="停业", by=cast.platform_admin)


def _invoices(cast: Cast) -> None:
    """Accepted, refused, taken back; one waits."""
    programme = published(cast, kind="checkup", self_check_price=300)
    one, two, three, _ = (
        sent(cast.officer, programme, make_member(cast.union), number=f"2026000{number}") for number in range(4)
    )
    decide_self_check(one, accepted=True, by=cast.platform_admin)
    decide_self_check(two, accepted=False, opinion="发票不清楚", by=cast.platform_admin)
    withdraw_self_check(three, by=cast.officer)


def _lots(cast: Cast) -> None:
    """Two draw for one place; a third withdraws before."""
    until = timezone.now() + timedelta(days=3)
    programme = published(cast, capacity=1, allocation="draw", collects_until=until)
    for by in (cast.officer, cast.neighbour_officer):
        booked(by, programme, 1)
    withdraw_places(ids(booked(cast.far_officer, programme, 1)), by=cast.far_officer)
    reached(programme.collects_until)
    run_draw(programme, by=cast.platform_admin)


def _offers(cast: Cast) -> None:
    """Taken, declined, not answered, and of somebody who withdraws; one waits in vain."""
    programme = published(cast, capacity=4, title="候补")
    first = booked(cast.officer, programme, 4)
    waiting = [booked(cast.neighbour_officer, programme, 1) for _ in range(5)]
    withdraw_places(ids(first), by=cast.officer)
    accept_offer(open_offer(waiting[0]), by=cast.neighbour_officer)
    withdraw_places(ids(waiting[2]), by=cast.neighbour_officer)
    decline_offer(open_offer(waiting[1]), by=cast.neighbour_officer)
    later(timedelta(hours=25))
    settle_due()
    booked(cast.officer, programme, 4, mode="as_many")
    reached(Programme.objects.get(pk=programme.pk).deadline)
    settle_due()


def _who_came(cast: Cast) -> None:
    programme = published(cast, capacity=3, title="参加")
    booking = booked(cast.officer, programme, 3)
    begun(programme)
    one, two, three = ids(booking)
    mark_places([one, two, three], came=False, by=cast.platform_admin)
    mark_places([three], came=True, by=cast.platform_admin)
    mark_places([three], came=False, by=cast.platform_admin)
    for pk, upheld in ((one, True), (two, False)):
        contest = contest_absence(Place.objects.get(pk=pk), text="有照片", by=cast.officer)
        decide_contest(contest, upheld=upheld, answer="看过", by=cast.platform_admin)
    other = booked_again(cast)
    mark_places(other, came=True, by=cast.platform_admin)


def booked_again(cast: Cast) -> list[int]:
    programme = published(cast, title="又一个")
    booking = booked(cast.officer, programme, 1)
    begun(programme)
    return ids(booking)

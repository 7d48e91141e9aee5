"""Who came and who did not: the ledger, its consequences, objections."""

from datetime import timedelta

import pytest

from gonghui.bookings.marks.actions import contest_absence, decide_contest, mark_places
from gonghui.bookings.models import Contest, LedgerEntry, LedgerFund, Place, Provider, Venue
from gonghui.kit.errors import Refused
from gonghui.notices.models import Notice
from tests.bookings.stories import begun, booked, ids, later, published, states
from tests.factories import live, make_user

pytestmark = pytest.mark.django_db


def gone(cast, **values):
    """A booking of a programme that has begun."""
    programme = published(cast, **values)
    booking = booked(cast.officer, programme, 1)
    begun(programme)
    return booking


def test_who_came_has_it_in_the_ledger_with_the_money(cast):
    booking = gone(cast)
    for _ in range(2):
        mark_places(ids(booking), came=True, by=cast.platform_admin)
    entry = LedgerEntry.objects.get()
    place = Place.objects.get()
    assert (entry.place, entry.member, entry.union, entry.came, entry.counts) == (
        place,
        place.member,
        cast.union,
        True,
        True,
    )
    assert (entry.days, entry.year) == (5, place.session.begins_on.year)
    assert dict(LedgerFund.objects.values_list("source", "amount")) == {"city": 1200, "union": 800}


def test_who_did_not_come_is_told_and_may_be_corrected(cast):
    booking = gone(cast)
    mark_places(ids(booking), came=False, by=cast.platform_admin)
    entry = LedgerEntry.objects.get()
    assert (entry.came, entry.counts, entry.barred_until, entry.funds.count()) == (False, False, None, 0)
    assert Notice.objects.filter(user=cast.officer, title="有人被登记为未到").exists()
    mark_places(ids(booking), came=True, by=cast.platform_admin)
    assert live(entry).counts
    assert LedgerFund.objects.count() == 2


@pytest.mark.parametrize(("no_show", "counts", "barred"), [("counted", True, False), ("barred", False, True)])
def test_what_follows_a_no_show_is_the_programmes_rule(cast, no_show, counts, barred):
    booking = gone(cast, no_show=no_show, no_show_years=3 if barred else None)
    mark_places(ids(booking), came=False, by=cast.platform_admin)
    entry = LedgerEntry.objects.get()
    begins_on = Place.objects.get().session.begins_on
    assert entry.counts == counts
    assert entry.barred_until == (begins_on.replace(year=begins_on.year + 3) if barred else None)


def test_marked_by_publisher_or_provider_after_it_has_begun(cast):
    programme = published(cast)
    booking = booked(cast.officer, programme, 1)
    with pytest.raises(Refused, match="还没有开始"):
        mark_places(ids(booking), came=True, by=cast.platform_admin)
    begun(programme)
    clinic = make_user(None)
    for user in (cast.officer, cast.district_admin, clinic):
        with pytest.raises(Refused, match="承办机构"):
            mark_places(ids(booking), came=True, by=user)
    provider = Provider.objects.create(name="示例体检中心", created_by=cast.platform_admin)
    provider.accounts.add(clinic)
    Venue.objects.update(provider=provider)
    mark_places(ids(booking), came=True, by=clinic)
    assert states(booking) == ["attended"]


def test_who_has_withdrawn_is_not_marked(cast):
    from gonghui.bookings.places.actions import withdraw_places

    programme = published(cast)
    booking = booked(cast.officer, programme, 1)
    withdraw_places(ids(booking), by=cast.officer)
    begun(programme)
    with pytest.raises(Refused, match="不能登记"):
        mark_places(ids(booking), came=True, by=cast.platform_admin)


def absent(cast) -> Place:
    booking = gone(cast)
    mark_places(ids(booking), came=False, by=cast.platform_admin)
    return Place.objects.get()


def test_an_objection_that_is_upheld_corrects_the_ledger(cast):
    contest = contest_absence(absent(cast), text="有签到照片", by=cast.officer)
    assert Notice.objects.filter(user=cast.platform_admin, title__startswith="对未到的异议").exists()
    decide_contest(contest, upheld=True, answer="核实已到", by=cast.platform_admin)
    assert Place.objects.get().state == "attended"
    assert LedgerEntry.objects.get().came
    assert Notice.objects.filter(user=cast.officer, title__contains="已更正").exists()


def test_an_objection_that_is_refused_changes_nothing(cast):
    contest = contest_absence(absent(cast), text="有签到照片", by=cast.officer)
    decide_contest(contest, upheld=False, answer="照片不是当天的", by=cast.platform_admin)
    assert Place.objects.get().state == "absent"
    assert Contest.objects.get().state == "refused"


def test_objected_once_in_time_by_the_officer_and_decided_once_by_the_publisher(cast):
    place = absent(cast)
    with pytest.raises(Refused, match="经办人"):
        contest_absence(place, text="有照片", by=cast.neighbour_officer)
    later(timedelta(days=15))
    with pytest.raises(Refused, match="超过 14 天"):
        contest_absence(place, text="有照片", by=cast.officer)
    later(-timedelta(days=15))
    contest = contest_absence(place, text="有照片", by=cast.officer)
    with pytest.raises(Refused, match="已经提出过"):
        contest_absence(place, text="有照片", by=cast.officer)
    with pytest.raises(Refused, match="管理员"):
        decide_contest(contest, upheld=True, answer="好", by=cast.district_admin)
    decide_contest(contest, upheld=True, answer="好", by=cast.platform_admin)
    with pytest.raises(Refused, match="无需再处理"):
        decide_contest(contest, upheld=True, answer="好", by=cast.platform_admin)
    with pytest.raises(Refused, match="没有被登记为未到"):
        contest_absence(place, text="有照片", by=cast.officer)

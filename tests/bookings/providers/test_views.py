"""What a 体检机构 sees and marks (SPEC 6.7): its own places, a day at a time, after the second factor."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from gonghui.accounts.models import PrivacyAcceptance
from gonghui.accounts.privacy import current_version
from gonghui.audit.models import Entry
from gonghui.bookings.models import LedgerEntry, Place, Programme, Session, Venue
from gonghui.bookings.programmes.actions import cancel_programme
from gonghui.bookings.providers.actions import suspend
from tests.bookings.stories import booked, clinic_account, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db
ROSTER = "/bookings/roster/"


def today(programme: Programme) -> None:
    """As if its session were today."""
    Session.objects.filter(programme=programme).update(begins_on=localdate(), ends_on=localdate())
    Programme.objects.filter(pk=programme.pk).update(begins_on=localdate(), ends_on=localdate())


def check(cast, account, *names: str) -> Programme:
    """A health check today, at the account's place if there is one, with these people."""
    programme = published(cast, publisher=cast.district, by=cast.district_admin, capacity=60, kind="checkup")
    if names:
        booked(cast.officer, programme, *[make_member(cast.union, name=name) for name in names])
    if account:
        Venue.objects.filter(programme=programme).update(provider=account.providers.get())
    today(programme)
    return programme


@pytest.fixture
def account(cast):
    account = clinic_account(cast)
    PrivacyAcceptance.objects.get_or_create(user=account, defaults={"version": current_version()})
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return account


@pytest.fixture
def clinic(client, account):
    client.force_login(account)
    return client


def test_without_a_second_factor_it_sees_nothing(clinic, account, cast):
    check(cast, account, "王小明")
    Authenticator.objects.filter(user=account).delete()
    answer = clinic.get(ROSTER)
    assert answer.status_code == 302
    assert answer.url == reverse("mfa_activate_totp")
    assert not Entry.objects.filter(verb="roster.looked_at").exists()


def test_home_leads_to_the_roster(clinic):
    assert clinic.get("/home/").url == ROSTER


def test_it_sees_the_people_of_its_own_place_today_masked_and_the_look_is_recorded(clinic, account, cast):
    check(cast, account, "王小明")
    check(cast, None, "李小红")
    page = clinic.get(ROSTER).text
    assert "王小明" in page
    assert "李小红" not in page
    assert Place.objects.get(member__name="王小明").member.document_number not in page
    look = Entry.objects.get(verb="roster.looked_at")
    assert (look.data["count"], look.union_id) == (1, cast.district.pk)


def test_another_day_is_chosen(clinic, account, cast):
    programme = check(cast, account, "王小明")
    tomorrow = localdate() + timedelta(days=1)
    Session.objects.filter(programme=programme).update(begins_on=tomorrow, ends_on=tomorrow)
    Programme.objects.filter(pk=programme.pk).update(ends_on=tomorrow)
    assert "王小明" not in clinic.get(ROSTER).text
    assert "王小明" in clinic.get(ROSTER, {"day": f"{tomorrow}"}).text
    assert clinic.get(ROSTER, {"day": "2001-01-01"}).status_code == 422


def test_checked_is_marked_undone_and_written_to_the_ledger(clinic, account, cast):
    check(cast, account, "王小明")
    place = Place.objects.get(member__name="王小明")
    for do, state, came in (("came", "attended", True), ("absent", "absent", False), ("came", "attended", True)):
        assert clinic.post(f"{ROSTER}mark/", {"place": place.pk, "do": do}).status_code == 302
        assert Place.objects.get(pk=place.pk).state == state
        assert LedgerEntry.objects.get(place=place).came is came
    assert "已检" in clinic.get(ROSTER).text


def test_somebody_of_another_place_is_not_marked(clinic, account, cast):
    check(cast, account, "王小明")
    check(cast, None, "李小红")
    place = Place.objects.get(member__name="李小红")
    assert clinic.post(f"{ROSTER}mark/", {"place": place.pk}).status_code == 409
    assert Place.objects.get(pk=place.pk).state == "booked"


def test_nobody_is_marked_before_the_day(clinic, account, cast):
    programme = check(cast, account, "王小明")
    tomorrow = localdate() + timedelta(days=1)
    Session.objects.filter(programme=programme).update(begins_on=tomorrow, ends_on=tomorrow)
    Programme.objects.filter(pk=programme.pk).update(ends_on=tomorrow)
    place = Place.objects.get(member__name="王小明")
    assert clinic.post(f"{ROSTER}mark/", {"place": place.pk}).status_code == 409
    assert Place.objects.get(pk=place.pk).state == "booked"


def test_what_is_over_leaves_an_empty_page(clinic, account, cast):
    programme = check(cast, account, "王小明")
    yesterday = localdate() - timedelta(days=1)
    Programme.objects.filter(pk=programme.pk).update(begins_on=yesterday, ends_on=yesterday)
    assert "没有进行中的项目" in clinic.get(ROSTER).text
    Programme.objects.filter(pk=programme.pk).update(begins_on=localdate(), ends_on=localdate())
    assert "王小明" in clinic.get(ROSTER).text


def test_what_is_cancelled_leaves_an_empty_page(clinic, account, cast):
    programme = published(cast, publisher=cast.district, by=cast.district_admin)
    Venue.objects.filter(programme=programme).update(provider=account.providers.get())
    assert "这一天没有人预约" in clinic.get(ROSTER).text
    cancel_programme(programme, reason="天气原因", by=cast.district_admin)
    assert "没有进行中的项目" in clinic.get(ROSTER).text


def test_a_suspended_account_is_out(clinic, account, cast):
    suspend(account, by=cast.district_admin)
    assert clinic.get(ROSTER).status_code == 302


@pytest.mark.parametrize("name", ["programmes", "offers", "booked", "ledger", "report", "contests", "providers"])
def test_everything_else_is_out_of_its_scope(clinic, name):
    assert clinic.get(reverse(f"bookings:{name}")).status_code == 404


def test_the_programme_is_out_of_its_scope(clinic, account, cast):
    programme = check(cast, account, "王小明")
    for name in ("programme", "people", "sessions", "insurance", "sign_in_sheet"):
        assert clinic.get(reverse(f"bookings:{name}", args=[programme.pk])).status_code == 404


def test_the_roster_asks_no_more_for_many_than_for_few(clinic, account, cast):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            clinic.get(ROSTER)
        return len(queries)

    programme = check(cast, account, "王小明")
    asked()
    few = asked()
    Session.objects.filter(programme=programme).update(
        begins_on=localdate() + timedelta(days=60), ends_on=localdate() + timedelta(days=60)
    )
    check(cast, account, *[f"成员{number}" for number in range(10)])
    assert asked() == few


def test_the_list_of_accounts_asks_no_more_for_many_than_for_few(client, cast):
    client.force_login(cast.district_admin)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/bookings/providers/")
        return len(queries)

    clinic_account(cast)
    asked()
    few = asked()
    for number in range(5):
        clinic_account(cast, email=f"c{number}@example.org")
    assert asked() == few


def test_the_publisher_opens_an_account_and_names_the_provider_at_a_place(client, cast):
    client.force_login(cast.district_admin)
    sent = {"provider": "市工人疗养院体检中心", "name": "前台", "email": "front@example.org"}
    assert client.post("/bookings/providers/create/", sent).status_code == 302
    assert "front@example.org" in client.get("/bookings/providers/").text
    programme = published(cast, publisher=cast.district, by=cast.district_admin)
    venue = Venue.objects.get(programme=programme)
    address = reverse("bookings:venue_edit", args=[venue.pk])
    provider = client.get(address).context["form"].fields["provider"].queryset.get()
    assert client.post(address, {"name": "体检中心", "provider": provider.pk}).status_code == 302
    assert Venue.objects.get(pk=venue.pk).provider == provider


def test_a_provider_of_another_publisher_is_not_offered(client, cast):
    account = clinic_account(cast)
    programme = published(cast, publisher=cast.bureau, by=cast.bureau_admin)
    client.force_login(cast.bureau_admin)
    venue = Venue.objects.get(programme=programme)
    sent = {"name": "体检中心", "provider": account.providers.get().pk}
    assert client.post(reverse("bookings:venue_edit", args=[venue.pk]), sent).status_code == 422

"""The accounts of a 体检机构 (SPEC 6.7)."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.bookings.models import Provider
from gonghui.bookings.providers.actions import (
    invite_again,
    open_account,
    reset_sign_in,
    resume,
    suspend,
)
from gonghui.filings.registration.actions import register_employer
from gonghui.kit.errors import Refused
from tests.accounts.outbox import last_body
from tests.bookings.stories import clinic_account
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def test_the_publisher_opens_an_account_of_no_union(cast):
    account = clinic_account(cast)
    assert account.is_provider
    assert account.union is None
    assert account.roles == [Role.PROVIDER]
    assert not account.has_usable_password()
    assert [one.name for one in account.providers.all()] == ["示例体检中心"]
    assert Entry.objects.get(verb="account.created").union_id == cast.district.pk


def test_a_second_account_is_of_the_same_provider(cast):
    clinic_account(cast)
    clinic_account(cast, email="second@example.org")
    assert Provider.objects.get().accounts.count() == 2


def test_another_publisher_does_not_get_into_a_provider_by_its_name(cast):
    clinic_account(cast)
    with pytest.raises(Refused, match="同名机构"):
        open_account(cast.bureau, provider="示例体检中心", email="b@example.org", name="前台", by=cast.bureau_admin)
    assert not User.objects.filter(email="b@example.org").exists()


@pytest.mark.parametrize("who", ["officer", "reviewer", "bureau_admin", "claimant"])
def test_only_the_publishers_administrator_opens_accounts(cast, who):
    with pytest.raises(Refused):
        open_account(cast.district, provider="甲", email="a@example.org", name="乙", by=getattr(cast, who))
    assert not Provider.objects.exists()


def test_an_email_with_an_account_is_refused_whole(cast):
    with pytest.raises(Refused, match="已有账号"):
        clinic_account(cast, email=cast.officer.email)
    assert not Provider.objects.exists()


def test_it_is_suspended_and_resumed_once_each(cast):
    account = clinic_account(cast)
    suspend(account, by=cast.district_admin)
    assert not User.objects.get(pk=account.pk).is_active
    with pytest.raises(Refused, match="已经停用"):
        suspend(account, by=cast.district_admin)
    resume(account, by=cast.district_admin)
    assert User.objects.get(pk=account.pk).is_active
    with pytest.raises(Refused, match="已经启用"):
        resume(account, by=cast.district_admin)


def test_it_is_invited_again_until_its_password_is_set(cast):
    account = clinic_account(cast)
    invite_again(account, by=cast.district_admin)
    assert Entry.objects.filter(verb="account.invited").count() == 1
    account.set_password("Clinic-2026-gonghui")
    account.save()
    with pytest.raises(Refused, match="已经设置了密码"):
        invite_again(account, by=cast.district_admin)


def test_a_lost_second_factor_goes_by_the_tick_alone(client, cast):
    account = clinic_account(cast)
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(cast.district_admin)
    address = reverse("bookings:provider_reset", args=[account.pk])
    assert "同时移除动态口令" in client.get(address).text
    client.post(address)
    assert account.authenticator_set.exists()
    assert client.post(address, {"second_factor": "on"}).status_code == 302
    assert not account.authenticator_set.exists()
    assert "动态口令已移除" in last_body(account.email)
    assert {(entry.union_id, entry.data["second_factor"]) for entry in Entry.objects.filter(verb="account.reset")} == {
        (cast.district.pk, False), (cast.district.pk, True)
    }  # fmt: skip
    assert "同时移除动态口令" not in client.get(address).text
    with pytest.raises(Refused, match="没有启用动态口令"):
        reset_sign_in(account, second_factor=True, by=cast.district_admin)


def test_a_reset_signs_it_out_at_once(cast):
    account, clinic = clinic_account(cast), Client()
    account.set_password(PASSWORD)
    account.save()
    clinic.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
    assert clinic.get("/bookings/roster/").url == "/accounts/privacy/"
    reset_sign_in(account, second_factor=False, by=cast.district_admin)
    assert clinic.get("/bookings/roster/").url.startswith("/accounts/login/")


def test_a_suspended_account_is_not_reset_and_the_page_says_so(client, cast):
    account = clinic_account(cast)
    suspend(account, by=cast.district_admin)
    client.force_login(cast.district_admin)
    answer = client.post(reverse("bookings:provider_reset", args=[account.pk]))
    assert answer.status_code in {409, 422}
    assert "已停用，请先启用" in answer.text


def reset_only(account: User, *, by: User) -> None:
    reset_sign_in(account, second_factor=False, by=by)


@pytest.mark.parametrize("act", [suspend, resume, invite_again, reset_only])
@pytest.mark.parametrize("who", ["bureau_admin", "platform_admin", "reviewer", "officer"])
def test_nobody_else_switches_it(cast, act, who):
    with pytest.raises(Refused, match="只有开通这个账号的工会"):
        act(clinic_account(cast), by=getattr(cast, who))


def test_an_account_of_a_union_is_none_of_a_provider(cast):
    with pytest.raises(Refused):
        suspend(cast.reviewer, by=cast.district_admin)


def test_it_claims_no_union(cast):
    with pytest.raises(Refused, match="体检机构的账号"):
        register_employer(clinic_account(cast), name="上海示例科技有限公司", registered_id=None)

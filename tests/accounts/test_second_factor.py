"""TOTP: optional, or mandatory for superiors by a setting of the city (SPEC 1.3)."""

import time
from dataclasses import replace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings as django_settings
from django.core.cache import cache

from gonghui.accounts.sign_in import MAX_FAILURES, is_locked, unlock
from gonghui.audit.models import Entry
from tests.accounts.outbox import last_body
from tests.factories import PASSWORD

# allauth reports the second factor's events after its own commit.
pytestmark = pytest.mark.django_db(transaction=True)


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _sign_in(client, user):
    return client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def _confirm_password(client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def _enable(client) -> str:
    """Set TOTP up as a person does; returns the secret."""
    _confirm_password(client)
    form = client.get("/accounts/2fa/totp/activate/").context["form"]
    response = client.post("/accounts/2fa/totp/activate/", {"code": _code(form.secret)})
    assert response.url == "/accounts/2fa/recovery-codes/"
    return form.secret


@pytest.fixture
def mandatory(settings):
    settings.ENVIRONMENT = replace(django_settings.ENVIRONMENT, superiors_need_totp=True)


def test_second_factor_is_asked_for_once_it_is_set_up(client, cast):
    _sign_in(client, cast.officer)
    _enable(client)
    assert "已启用" in client.get("/accounts/settings/").text
    client.post("/accounts/logout/")
    assert _sign_in(client, cast.officer).url == "/accounts/2fa/authenticate/"
    assert client.get("/home/").status_code == 302
    assert "动态口令" in client.get("/accounts/2fa/authenticate/").text
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    codes = Authenticator.objects.get(user=cast.officer, type="recovery_codes").wrap().get_unused_codes()
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).url == "/home/"
    assert Entry.objects.filter(verb="account.totp_enabled", actor=cast.officer).count() == 1
    assert "启用了动态口令" in last_body(cast.officer.email)


def test_a_code_opens_once_whatever_else_is_cached_meanwhile(client, cast, monkeypatch):
    _sign_in(client, cast.officer)
    secret = _enable(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # the code remains valid
    code = {"code": _code(secret)}
    for expected in ("/home/", None):
        client.post("/accounts/logout/")
        _sign_in(client, cast.officer)
        response = client.post("/accounts/2fa/authenticate/", code)
        assert getattr(response, "url", None) == expected
        for number in range(350):
            cache.set(f"z{number}", number)


def test_its_secret_is_sealed_at_rest(client, cast):
    _sign_in(client, cast.officer)
    secret = _enable(client)
    assert secret not in str(Authenticator.objects.get(user=cast.officer, type="totp").data)


def test_it_can_be_switched_off_and_the_recovery_codes_go_with_it(client, cast):
    _sign_in(client, cast.officer)
    _enable(client)
    assert "恢复码同时作废" in client.get("/accounts/2fa/totp/deactivate/").text
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=cast.officer).exists()
    assert Entry.objects.filter(verb="account.totp_disabled", actor=cast.officer).count() == 1


def test_new_recovery_codes_make_the_old_ones_void(client, cast):
    _sign_in(client, cast.officer)
    _enable(client)
    old = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    client.post("/accounts/2fa/recovery-codes/generate/")
    new = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert not set(old) & set(new)
    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 200


def test_when_mandatory_a_superior_must_set_it_up_first(client, cast, mandatory):
    _sign_in(client, cast.reviewer)
    for path in ("/home/", "/notices/", "/accounts/users/", "/accounts/settings/"):
        assert client.get(path).url == "/accounts/2fa/totp/activate/"
    page = client.get("/accounts/2fa/totp/activate/", follow=True).text
    assert "确认身份" in page
    assert "按照市总工会的要求" in page
    assert client.get("/help/").status_code == 200
    _enable(client)
    assert client.get("/home/").status_code == 200


def test_when_mandatory_grassroots_unions_are_free(client, cast, mandatory):
    _sign_in(client, cast.officer)
    assert client.get("/home/").status_code == 200


def test_wrong_codes_are_counted_and_past_the_limit_none_is_looked_at(client, cast):
    _sign_in(client, cast.officer)
    _enable(client)
    client.post("/accounts/logout/")
    _sign_in(client, cast.officer)
    page = "/accounts/2fa/authenticate/"
    right = Authenticator.objects.get(user=cast.officer, type="recovery_codes").wrap().get_unused_codes()[0]
    for _ in range(MAX_FAILURES):
        answer = client.post(page, {"code": "000000"})
    assert "动态口令连续输错多次" in answer.text
    assert "动态口令连续输错多次" in client.post(page, {"code": right}).text
    assert is_locked(cast.officer.email)
    unlock(cast.officer.email)
    assert client.post(page, {"code": right}).url == "/home/"

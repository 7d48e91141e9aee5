"""Sign-in, lock-out, sessions, sign-out (SPEC 1.3)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from gonghui.audit.models import Entry
from tests.factories import PASSWORD, make_user

LOGIN = "/accounts/login/"


def _sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


def test_right_password_leads_home(client, cast):
    assert _sign_in(client, cast.officer.email).url == "/home/"
    assert client.get("/home/").status_code == 200
    assert Entry.objects.filter(verb="account.signed_in", actor=cast.officer).count() == 1


def test_email_is_found_whatever_its_case(client, cast):
    assert _sign_in(client, f" {cast.officer.email.upper()} ").url == "/home/"


def test_superiors_sign_in_from_the_portal_with_the_same_accounts(client, cast):
    page = client.get("/").text
    assert "登录报送系统" in page
    assert 'action="/accounts/login/"' in page
    assert _sign_in(client, cast.reviewer.email).url == "/home/"


@pytest.mark.parametrize("email", ["user@unknown.test", None])
def test_wrong_password_and_unknown_account_get_the_same_sentence(client, cast, email):
    page = _sign_in(client, email or cast.officer.email, "wrong-password-1").text
    assert "用户名或密码不正确" in page
    entry = Entry.objects.get(verb="account.sign_in_failed")
    assert entry.data["email"].startswith("us****@")
    assert "wrong-password-1" not in str(entry.data)


def test_five_failures_lock_out_even_the_right_password_and_say_until_when(client, cast):
    for _ in range(4):
        assert _sign_in(client, cast.officer.email, "wrong-password-1").status_code == 200
    locked = _sign_in(client, cast.officer.email, "wrong-password-1")
    assert locked.status_code == 429
    until = timezone.localtime(timezone.now() + timedelta(minutes=15))
    assert f"{until:%H:%M}" in locked.text
    assert "重设密码" in locked.text
    assert _sign_in(client, cast.officer.email).status_code == 429
    assert Entry.objects.filter(verb="account.locked").exists()


def test_lock_is_for_one_account_from_one_address(client, cast):
    for _ in range(5):
        _sign_in(client, cast.officer.email, "wrong-password-1")
    assert _sign_in(client, cast.reviewer.email).url == "/home/"
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert _sign_in(elsewhere, cast.officer.email).url == "/home/"


def test_tries_during_the_lock_do_not_push_it_on(client, cast):
    for _ in range(5):
        _sign_in(client, cast.officer.email, "wrong-password-1")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert _sign_in(client, cast.officer.email).status_code == 429
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=2))
    assert _sign_in(client, cast.officer.email).url == "/home/"


def test_guessing_one_account_from_many_addresses_is_stopped(cast):
    for number in range(20):
        _sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), cast.officer.email, "wrong-password-1")
    assert "登录失败的次数太多" in _sign_in(Client(REMOTE_ADDR="10.0.1.1"), cast.officer.email, "wrong-password-1").text


def test_disabled_account_is_told_so_only_with_the_right_password(client, cast):
    cast.officer.is_active = False
    cast.officer.save()
    assert "用户名或密码不正确" in _sign_in(client, cast.officer.email, "wrong-password-1").text
    response = _sign_in(client, cast.officer.email)
    assert response.url == "/accounts/inactive/"
    assert "停用" in client.get(response.url).text


def test_unproved_email_cannot_sign_in_and_is_told_how(client, cast):
    EmailAddress.objects.filter(user=cast.officer).update(verified=False)
    response = _sign_in(client, cast.officer.email)
    assert response.url == "/accounts/confirm-email/"
    page = client.get(response.url).text
    assert "请验证邮箱" in page
    assert "重新发送" in page
    assert client.get("/home/").status_code == 302


def test_sign_out_ends_the_session(client, cast):
    client.force_login(cast.officer)
    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/home/").url.startswith(LOGIN)
    assert Entry.objects.filter(verb="account.signed_out", actor=cast.officer).exists()


def test_other_devices_are_signed_out_this_one_stays(client, cast):
    other = Client(headers={"user-agent": "另一台设备"})
    _sign_in(client, cast.officer.email)
    _sign_in(other, cast.officer.email)
    client.get("/home/")
    other.get("/home/")
    page = client.get("/accounts/sessions/").text
    assert "退出其他设备" in page
    assert "另一台设备" in page
    client.post(client.post("/accounts/sessions/").url, {"password": PASSWORD})
    assert client.get("/home/").status_code == 200
    assert other.get("/home/").status_code == 302
    assert UserSession.objects.filter(user=cast.officer).count() == 1


def test_who_signs_other_devices_out_is_asked_for_the_password(client, cast):
    other = Client()
    _sign_in(other, cast.officer.email)
    _sign_in(client, cast.officer.email)
    response = client.post("/accounts/sessions/")
    assert response.url.startswith("/accounts/reauthenticate/")
    client.post(response.url, {"password": "wrong-password-1"})
    assert other.get("/home/").status_code == 200
    assert client.post(response.url, {"password": PASSWORD}).url == "/accounts/sessions/"
    assert other.get("/home/").status_code == 302


def test_a_session_has_another_key_after_each_password(client, cast):
    client.get("/accounts/login/")
    client.post("/accounts/resend-verification/", {"email": "no@demo.test"})  # the message makes a session
    keys = [client.session.session_key]
    _sign_in(client, cast.officer.email)
    keys.append(client.session.session_key)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    keys.append(client.session.session_key)
    assert len(set(keys)) == 3
    assert not Session.objects.filter(session_key__in=keys[:2]).exists()
    assert list(UserSession.objects.values_list("session_key", flat=True)) == keys[2:]
    assert "本设备" in client.get("/accounts/sessions/").text


def test_idle_session_ends(client, cast, settings):
    _sign_in(client, cast.officer.email)
    age = client.session.get_expiry_age()
    assert settings.SESSION_COOKIE_AGE - 5 <= age <= settings.SESSION_COOKIE_AGE
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/home/").status_code == 302


def test_sign_in_leads_on_only_within_the_site(client, cast):
    url = f"{LOGIN}?next=https://evil.example/"
    assert client.post(url, {"login": cast.officer.email, "password": PASSWORD}).url == "/home/"


@pytest.mark.parametrize(
    "path",
    [
        "phone/verify/",
        "login/code/",
        "login/code/confirm/",
        "2fa/webauthn/",
        "signup/passkey/",
        "password/set/",
        "3rdparty/",
    ],
)
def test_pages_that_are_not_used_have_no_address(client, cast, path):
    client.force_login(make_user(cast.union))
    assert client.get(f"/accounts/{path}").status_code == 404

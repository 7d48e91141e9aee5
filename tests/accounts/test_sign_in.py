"""Sign-in, lock-out, sessions, sign-out (SPEC 1.3)."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from gonghui.accounts.models import RateLimit
from gonghui.accounts.sign_in import ADDRESS, MAX_FAILURES
from gonghui.audit.models import Entry
from gonghui.notices.models import Mail
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD, make_user
from tests.jobs import run_jobs

LOGIN = "/accounts/login/"
with_jobs = pytest.mark.django_db(transaction=True)


def _sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": email, "password": password})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        " OFFICER@Example.test",
        "officer@example.test\u200b",
        "ｏｆｆｉｃｅｒ＠ｅｘａｍｐｌｅ．ｔｅｓｔ",
        "officer@example。test",
    ],
)
def test_the_email_is_read_as_it_is_stored(client, typed):
    make_user(None, "officer", email="officer@example.test")
    assert _sign_in(client, typed).status_code == 302
    assert "_auth_user_id" in client.session


def _without_token(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}|data-printed>[^<]*<", "", page)  # token and minute


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
    assert 0 < int(locked["Retry-After"]) <= 15 * 60
    assert "重设密码" in locked.text
    assert _sign_in(client, cast.officer.email).status_code == 429
    assert Entry.objects.filter(verb="account.locked", object_id=cast.officer.pk).count() == 1


def test_an_account_that_is_not_there_is_locked_alike(client, cast):
    somebody, nobody = ([_fail(client, email).status_code for _ in range(6)] for email in _somebody_and_nobody(cast))
    assert somebody == nobody == [200] * 4 + [429] * 2


def _somebody_and_nobody(cast):
    return cast.officer.email, "user@unknown.test"


def _fail(client, email, times=1):
    for _ in range(times):
        answer = _sign_in(client, email, "wrong-password-1")
    return answer


def _device_of(email, **client):
    """A device that has signed in and out again."""
    device = Client(**client)
    _sign_in(device, email)
    device.post("/accounts/logout/")
    return device


def test_a_lock_leaves_other_accounts_and_devices_that_signed_in_before_alone(client, cast):
    own = _device_of(cast.officer.email)
    _fail(client, cast.officer.email, times=5)
    assert _sign_in(client, cast.reviewer.email).url == "/home/"
    assert _sign_in(Client(REMOTE_ADDR="10.0.0.9"), cast.officer.email).status_code == 429
    assert _sign_in(own, cast.officer.email).url == "/home/"


def test_a_known_device_has_a_limit_of_its_own(client, cast):
    own, own_too = _device_of(cast.officer.email), _device_of(cast.officer.email)
    assert _fail(own, cast.officer.email, times=5).status_code == 429
    assert _sign_in(own, cast.officer.email).status_code == 429
    assert _sign_in(own_too, cast.officer.email).url == "/home/"
    assert _sign_in(client, cast.officer.email).url == "/home/", "new devices are not concerned"


@pytest.mark.parametrize("forged", ["", "x", "e30:1:1", "AAAA:BBBB:CCCC"])
def test_a_forged_device_is_a_new_one(client, cast, forged):
    client.cookies["device"] = forged
    _fail(client, cast.officer.email, times=5)
    client.cookies["device"] = forged
    assert _sign_in(client, cast.officer.email).status_code == 429


def test_one_accounts_device_is_a_new_one_to_another_account(cast):
    device = _device_of(cast.reviewer.email)
    _fail(device, cast.officer.email, times=5)
    assert _sign_in(Client(), cast.officer.email).status_code == 429


def test_tries_during_the_lock_do_not_push_it_on(client, cast):
    _fail(client, cast.officer.email, times=5)
    RateLimit.objects.update(ends_at=timezone.now() + timedelta(minutes=1))
    assert _sign_in(client, cast.officer.email).status_code == 429
    assert RateLimit.objects.get(key__startswith="sign_in_account").ends_at < timezone.now() + timedelta(minutes=2)
    RateLimit.objects.update(ends_at=timezone.now())
    assert _sign_in(client, cast.officer.email).url == "/home/"


@with_jobs
def test_of_a_thousand_guesses_from_a_hundred_addresses_five_are_looked_at_and_the_owner_gets_in(cast):
    own = _device_of(cast.officer.email)
    for number in range(1000):
        _sign_in(Client(REMOTE_ADDR=f"10.0.0.{number % 100}"), cast.officer.email, f"guess-number-{number}")
    assert Entry.objects.filter(verb="account.sign_in_failed").count() == MAX_FAILURES
    assert _sign_in(own, cast.officer.email).url == "/home/"
    new = Client(REMOTE_ADDR="10.0.9.9")
    assert _sign_in(new, cast.officer.email).status_code == 429
    _open_device_link(new, cast.officer.email)
    assert _sign_in(new, cast.officer.email).url == "/home/"


def test_past_the_limit_the_right_password_is_answered_as_a_wrong_one(client, cast):
    _fail(client, cast.officer.email, times=5)
    looked_at = Entry.objects.filter(verb="account.sign_in_failed").count()
    right, wrong = _sign_in(client, cast.officer.email), _fail(client, cast.officer.email)
    assert _without_token(right.text) == _without_token(wrong.text)
    assert Entry.objects.filter(verb="account.sign_in_failed").count() == looked_at == MAX_FAILURES


def _open_device_link(client: Client, email: str) -> None:
    assert "如果这个邮箱有账号" in client.post("/accounts/device-link/", {"email": email}).text
    run_jobs("urgent_mail")
    link = last_link(email, "/accounts/device/")
    assert "确认这台设备" in client.get(link).text
    assert client.post(link).url == LOGIN


@with_jobs
def test_the_mailed_link_serves_once_and_the_device_that_opened_it(client, cast):
    _fail(client, cast.officer.email, times=5)
    new = Client()
    _open_device_link(new, cast.officer.email)
    assert _sign_in(client, cast.officer.email).status_code == 429, "this one has not opened it"
    assert _sign_in(new, cast.officer.email).url == "/home/"
    used = client.get(last_link(cast.officer.email, "/accounts/device/"))
    assert used.status_code == 410
    assert "链接已失效" in used.text


@with_jobs
def test_the_mailed_link_opens_nothing_without_the_password(client, cast):
    _open_device_link(client, cast.officer.email)
    assert client.get("/home/").status_code == 302
    assert _fail(client, cast.officer.email, times=5).status_code == 429


@pytest.mark.parametrize("token", ["x", "WzEsImEiXQ:1:1", "AAAA:BBBB:CCCC"])
def test_a_forged_link_makes_no_device_known(client, cast, token):
    response = client.post(f"/accounts/device/{token}/")
    assert response.status_code == 410
    assert "device" not in response.cookies


@with_jobs
def test_an_old_link_makes_no_device_known(client, cast, monkeypatch):
    client.post("/accounts/device-link/", {"email": cast.officer.email})
    run_jobs("urgent_mail")
    link = last_link(cast.officer.email, "/accounts/device/")
    monkeypatch.setattr("gonghui.accounts.devices.LINK_SECONDS", -1)
    assert client.post(link).status_code == 410


@with_jobs
def test_the_link_is_mailed_to_owners_alone_and_not_without_limit(client, cast):
    texts = [client.post("/accounts/device-link/", {"email": email}).text for email in _somebody_and_nobody(cast)]
    assert _without_token(texts[0]) == _without_token(texts[1])
    for _ in range(4):
        client.post("/accounts/device-link/", {"email": cast.officer.email})
    run_jobs("urgent_mail")
    assert set(Mail.objects.values_list("to", flat=True)) == {cast.officer.email}
    assert Mail.objects.count() == 3


@with_jobs
def test_the_owner_is_told_by_mail_once_a_day(client, cast):
    for _ in range(2):
        _fail(client, cast.officer.email, times=5)
        RateLimit.objects.filter(key__startswith="sign_in_account").update(ends_at=timezone.now())
    run_jobs("urgent_mail")
    assert Mail.objects.filter(to=cast.officer.email).count() == 1
    assert "用错误的密码登录您的账号" in last_body(cast.officer.email)


def test_a_hundred_failures_over_all_accounts_shut_out_an_address_but_not_the_devices_behind_it(cast):
    own = _device_of(cast.officer.email, REMOTE_ADDR="10.1.1.1")
    stranger = Client(REMOTE_ADDR="10.1.1.1")
    for number in range(ADDRESS.times):
        assert _fail(stranger, f"nobody{number}@unknown.test").status_code == 200
    assert _sign_in(stranger, cast.reviewer.email).status_code == 429
    assert _sign_in(own, cast.officer.email).url == "/home/"
    assert _sign_in(Client(REMOTE_ADDR="10.1.1.2"), cast.reviewer.email).url == "/home/"


def test_sixty_right_passwords_in_a_minute_from_one_address_all_get_in(cast):
    for number in range(60):
        assert _sign_in(Client(), make_user(cast.union, email=f"officer{number}@demo.test").email).url == "/home/"


def test_a_session_ends_twelve_hours_after_its_sign_in_however_much_it_is_used(client, cast):
    _sign_in(client, cast.officer.email)
    assert client.get("/home/").status_code == 200
    session = client.session
    session["began"] -= 12 * 3600 - 60
    session.save()
    assert client.get("/home/").status_code == 200
    session = client.session
    session["began"] -= 60
    session.save()
    assert client.get("/home/").status_code == 302
    assert "_auth_user_id" not in client.session


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
    assert age == settings.ENVIRONMENT.idle_minutes * 60
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

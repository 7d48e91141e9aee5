"""Forgotten password, change of password and e-mail, the MLPS password profile (SPEC 1.3)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.passwords import CompositionValidator, GuessableValidator
from gonghui.accounts.sign_in import is_locked
from gonghui.audit.models import Entry
from gonghui.notices.models import Mail
from tests.accounts.outbox import last_body, last_link
from tests.factories import PASSWORD

NEW = "Another-2026-word"


def _reset_link(client, email: str) -> str:
    assert client.post("/accounts/password/reset/", {"email": email}).url == "/accounts/password/reset/done/"
    return last_link(email, "/password/reset/key/")


def _set_password(client, link: str, password: str = NEW):
    form = client.get(link)
    assert form.status_code == 302, "the key leaves the address"
    return client.post(form.url, {"password1": password, "password2": password})


def test_forgotten_password_is_set_by_the_link_once(client, cast):
    link = _reset_link(client, cast.officer.email)
    assert _set_password(client, link).url == "/accounts/password/reset/key/done/"
    cast.officer.refresh_from_db()
    assert cast.officer.check_password(NEW)
    used = client.get(link).text
    assert "链接已失效" in used
    assert "重新申请" in used
    assert Entry.objects.filter(verb="account.password_reset", object_id=cast.officer.pk).exists()


def test_setting_a_new_password_ends_the_lock(client, cast):
    for _ in range(5):
        client.post("/accounts/login/", {"login": cast.officer.email, "password": "wrong-password-1"})
    _set_password(client, _reset_link(client, cast.officer.email))
    assert not is_locked(cast.officer.email)
    assert client.post("/accounts/login/", {"login": cast.officer.email, "password": NEW}).url == "/home/"


def test_unknown_email_gets_the_same_answer(client, db):
    assert client.post("/accounts/password/reset/", {"email": "no@demo.test"}).url == "/accounts/password/reset/done/"
    assert "没有账号" in last_body("no@demo.test")


def test_link_for_a_password_goes_stale(client, cast, settings):
    link = _reset_link(client, cast.officer.email)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "链接已失效" in client.get(link).text


def test_change_of_password_needs_the_old_one_and_is_told_by_mail(client, cast):
    client.force_login(cast.officer)
    form = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "当前密码不正确" in client.post("/accounts/password/change/", form).text
    assert client.post("/accounts/password/change/", form | {"oldpassword": PASSWORD}).url == "/accounts/settings/"
    assert "密码已修改" in last_body(cast.officer.email)
    assert client.get("/home/").status_code == 200


def test_weak_password_is_refused_in_words(client, cast):
    client.force_login(cast.officer)
    form = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "密码太短，至少要有 12 个字符" in client.post("/accounts/password/change/", form).text


def test_change_of_email_waits_for_its_proof(client, cast):
    old, new = cast.officer.email, "new@demo.test"
    client.post("/accounts/login/", {"login": old, "password": PASSWORD})
    response = client.post("/accounts/email/", {"email": new, "action_add": "1"})
    assert response.url.startswith("/accounts/reauthenticate/")
    client.post(response.url, {"password": PASSWORD})
    assert User.objects.get(pk=cast.officer.pk).email == old
    assert "等待验证" in client.get("/accounts/email/").text
    client.post(last_link(new, "confirm-email"))
    assert User.objects.get(pk=cast.officer.pk).email == new
    assert EmailAddress.objects.get(user=cast.officer).email == new
    assert "更换为 new@demo.test" in last_body(old)
    entry = Entry.objects.get(verb="account.email_changed")
    assert entry.data["new"] == "n****@demo.test"


def test_taken_email_cannot_be_changed_to_and_is_not_given_away(client, cast):
    client.post("/accounts/login/", {"login": cast.officer.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.post("/accounts/email/", {"email": cast.reviewer.email, "action_add": "1"})
    assert response.url == "/accounts/email/", "the same answer as for a free one"
    assert User.objects.get(pk=cast.officer.pk).email == cast.officer.email


def test_sensitive_pages_ask_for_the_password_again(client, cast):
    client.force_login(cast.officer)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")


@pytest.mark.parametrize("password", ["alllowercase", "ALL-UPPER-CASE", "12345678-9012"])
def test_mlps_profile_wants_three_kinds_of_characters(password):
    with pytest.raises(ValidationError, match="至少三种"):
        CompositionValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "aaaaaaaaaaaa",
        "qwertyuiop12",
        "1q2w3e4r5t6y",
        "password1234",
        "shanghai2026",
        "gonghui123456",
        "woaini1314520",
        "19900101199001",
        "officer12345",
        "x" * 500,
    ],
)
def test_what_a_guesser_tries_early_is_refused(password):
    with pytest.raises(ValidationError, match="太容易被猜到"):
        GuessableValidator().validate(password, User(email="yangpu.officer@demo.test", name="杨浦"))


@pytest.mark.parametrize(
    "password",
    [PASSWORD, NEW, "lower-UPPER-x", "水稻 台灯 1987 骆驼", "tulip-basin-41-ferry", "tulip-basin-41-ferry" * 20],
)
def test_a_password_of_unrelated_words_is_taken_whatever_its_length(password):
    GuessableValidator().validate(password, User(email="yangpu.officer@demo.test"))


def test_resetting_a_password_signs_the_account_out_everywhere(client, cast):
    other = Client()
    other.post("/accounts/login/", {"login": cast.officer.email, "password": PASSWORD})
    assert other.get("/home/").status_code == 200
    _set_password(client, _reset_link(client, cast.officer.email))
    assert other.get("/home/").status_code == 302


def test_mlps_profile_takes_three_kinds():
    CompositionValidator().validate("lower-UPPER-x")


def test_mlps_profile_wants_a_new_password_after_ninety_days(client, cast, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    client.force_login(cast.officer)
    assert client.get("/home/").status_code == 200
    User.objects.filter(pk=cast.officer.pk).update(password_changed_at=timezone.now() - timedelta(days=91))
    response = client.get("/home/")
    assert response.url == "/accounts/password/change/"
    assert "超过 90 天" in client.get(response.url).text
    assert client.get("/").status_code == 200
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get("/home/").status_code == 200


def test_an_email_is_proved_by_its_link_once(client, cast):
    EmailAddress.objects.filter(user=cast.officer).update(verified=False)
    client.post("/accounts/resend-verification/", {"email": cast.officer.email})
    link = last_link(cast.officer.email, "confirm-email")
    assert client.post(link).status_code == 302
    page = client.get(link).text
    assert "验证链接已失效" in page
    assert "重新发送" in page


@pytest.mark.parametrize("email", ["no@demo.test", None])
def test_proof_is_sent_again_without_saying_who_has_an_account(client, cast, email):
    response = client.post("/accounts/resend-verification/", {"email": email or cast.officer.email}, follow=True)
    assert "如果这个邮箱有等待验证的账号" in response.text
    assert not Mail.objects.exists()


def test_proof_is_sent_again_at_most_once_in_three_minutes(client, cast):
    EmailAddress.objects.filter(user=cast.officer).update(verified=False)
    for _ in range(3):
        client.post("/accounts/resend-verification/", {"email": cast.officer.email})
    assert Mail.objects.filter(to=cast.officer.email).count() == 1


def test_too_many_requests_get_a_page_in_words(client, db):
    for _ in range(11):
        response = client.post("/accounts/resend-verification/", {"email": "no@demo.test"})
    assert response.status_code == 429
    assert "操作太频繁" in response.text

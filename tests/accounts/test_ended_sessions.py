"""A request without a session, or with a stale token: its redirect, and its form's fields (SPEC 1.3)."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.kept import MAX_BYTES
from gonghui.accounts.models import KeptForm
from gonghui.kit import cleanup
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
ADD = "/members/add/"
OFFER = "恢复刚才填写的内容"


@pytest.fixture
def visitor(cast) -> Client:
    """The officer's browser, with an open form 「新增会员」; unlike Django's test client it checks CSRF tokens."""
    client = Client(enforce_csrf_checks=True)
    sign_in(client, cast.officer.email)
    return client


def token(client: Client, page: str) -> str:
    return client.get(page).context["csrf_token"]


def sign_in(client: Client, email: str, page: str = "/accounts/login/"):
    data = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": str(token(client, page))}
    return client.post(page, data | {"next": parse_qs(urlsplit(page).query).get("next", [""])[0]})


def idle() -> None:
    """Expires all sessions."""
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def send(client: Client, path: str, data: dict, *, page: str = ADD, **headers: str):
    return client.post(path, data, headers={"referer": HERE + page, "origin": HERE, **headers})


def typed(client: Client, **more: str) -> dict[str, str]:
    return {"name": "王小明", "mobile": "19900001234", "csrfmiddlewaretoken": str(token(client, ADD)), **more}


def take(client: Client) -> tuple[int, dict]:
    response = client.post(reverse("accounts:kept_form"), headers={"x-csrftoken": str(token(client, "/home/"))})
    return response.status_code, json.loads(response.content or b"{}")


def test_a_field_that_asks_leaves_the_form_where_it_is(client):
    response = client.post(
        "/members/check/",
        {"document_number": "1"},
        headers={"hx-request": "true", "hx-trigger-name": "document_number"},
    )
    assert (response.status_code, response["HX-Retarget"]) == (401, "#messages")
    assert "HX-Redirect" not in response
    assert "登录已过期" in response.text


@pytest.mark.parametrize("end", ["idle", "whole"])
def test_what_was_typed_is_there_again_once_for_the_same_account(visitor, cast, end):
    data = typed(visitor, password="geheim", file="")
    if end == "idle":
        idle()
    else:
        session = visitor.session
        session["began"] -= settings.ENVIRONMENT.session_hours * 3600
        session.save()
    visitor.get("/home/")  # another window notices it first
    response = send(visitor, ADD, data)
    page = visitor.get(response.url).text
    assert "登录已过期，刚才的操作没有保存" in page
    assert "保留 1 小时" in page
    assert sign_in(visitor, cast.officer.email, response.url).url == ADD
    assert OFFER not in visitor.get("/home/").text
    assert OFFER in visitor.get(ADD).text
    status, form = take(visitor)
    assert (status, form["action"]) == (200, ADD)
    assert dict(form["fields"]) == {"name": "王小明", "mobile": "19900001234", "file": ""}
    assert OFFER not in visitor.get(ADD).text
    assert take(visitor)[0] == 410


def test_another_account_is_offered_nothing(visitor, cast):
    data = typed(visitor)
    idle()
    send(visitor, ADD, data)
    sign_in(visitor, cast.neighbour_officer.email)
    assert OFFER not in visitor.get(ADD).text
    assert take(visitor)[0] == 410
    assert KeptForm.objects.get().user == cast.officer


def test_what_is_kept_is_gone_after_an_hour(visitor, cast):
    data = typed(visitor)
    idle()
    send(visitor, ADD, data)
    KeptForm.objects.update(kept_at=timezone.now() - timedelta(hours=1))
    sign_in(visitor, cast.officer.email)
    assert OFFER not in visitor.get(ADD).text
    sweep = next(sweep for sweep in cleanup.SWEEPS.values() if sweep.model is KeptForm)
    assert list(cleanup.sweep_out(sweep)) == [1]


def test_what_is_kept_is_sealed_and_the_last_of_the_account_alone(visitor):
    data = typed(visitor)
    idle()
    send(visitor, ADD, data)
    send(visitor, ADD, data | {"name": "李小红"})
    form = KeptForm.objects.get()
    assert "李小红".encode() not in bytes(form.fields_sealed)
    assert form.page == ADD


@pytest.mark.parametrize(
    "why", ["signed out", "another password", "disabled", "a day ago", "no cookie", "token", "too much", "other site"]
)
def test_nothing_is_kept_without_proof_or_beyond_measure(visitor, cast, why):
    data = typed(visitor)
    headers = {}
    if why == "signed out":
        visitor.post("/accounts/logout/", {"csrfmiddlewaretoken": data["csrfmiddlewaretoken"]})
    elif why == "another password":
        cast.officer.set_password("Another-2026-word")
        cast.officer.save()
    elif why == "disabled":
        type(cast.officer).objects.filter(pk=cast.officer.pk).update(is_active=False)
    elif why == "token":
        data["csrfmiddlewaretoken"] = "a" * 32
    elif why == "too much":
        data["address"] = "路" * (MAX_BYTES // 3)
    elif why == "other site":
        headers = {"origin": "https://evil.example"}
    idle()
    if why == "a day ago":
        Session.objects.update(expire_date=timezone.now() - timedelta(days=1, seconds=1))
    if why == "no cookie":
        del visitor.cookies[settings.SESSION_COOKIE_NAME]
    response = send(visitor, ADD, data, **headers)
    if why == "other site":
        assert response.status_code == 403
    else:
        assert "刚才的操作没有保存" in visitor.get(response.url).text
    assert not KeptForm.objects.exists()


def test_a_stale_token_of_our_own_page_keeps_and_offers_what_was_typed(visitor):
    data = typed(visitor, csrfmiddlewaretoken="a" * 32)
    response = send(visitor, ADD, data)
    assert response.url == ADD
    page = visitor.get(ADD).text
    assert "刚才的操作没有保存" in page
    assert OFFER in page
    assert dict(take(visitor)[1]["fields"])["name"] == "王小明"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver:81", "null", ""])
def test_a_stale_token_of_another_origin_keeps_nothing(visitor, origin):
    data = typed(visitor, csrfmiddlewaretoken="a" * 32)
    assert send(visitor, ADD, data, origin=origin).status_code == 403
    assert not KeptForm.objects.exists()


def test_a_second_sign_in_page_leads_on(visitor, cast):
    data = {"login": cast.officer.email, "password": PASSWORD, "csrfmiddlewaretoken": "a" * 32}
    login = reverse("account_login")
    assert send(visitor, login, data | {"next": "/members/"}, page=login).url == "/members/"
    assert send(visitor, login, data | {"next": "/notices/read-all/"}, page=login).url == "/home/"
    guest = Client(enforce_csrf_checks=True)
    guest.get(login)
    response = send(guest, login, data | {"next": "/members/"}, page=login)
    assert "请重新输入用户名和密码" in guest.get(response.url).text
    assert send(guest, login, data, page=login, origin="https://evil.example").status_code == 403


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/email/", "/accounts/2fa/totp/activate/"])
def test_pages_that_take_secrets_keep_nothing(visitor, path):
    data = typed(visitor, oldpassword=PASSWORD, code="123456")
    idle()
    send(visitor, path, data, page=path)
    assert not KeptForm.objects.exists()


def test_staying_puts_the_end_off(visitor):
    key = str(token(visitor, "/home/"))
    soon = timezone.now() + timedelta(minutes=1)
    Session.objects.update(expire_date=soon)
    assert visitor.post("/accounts/stay/", headers={"x-csrftoken": key}).status_code == 204
    assert Session.objects.get().expire_date > soon + timedelta(minutes=20)
    idle()
    assert visitor.post("/accounts/stay/", headers={"x-csrftoken": key, "hx-request": "true"}).status_code == 401

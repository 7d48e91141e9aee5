"""The city's rules of sessions and the second factor hold at once, in every session there is (SPEC 1.3, 5.4)."""

import time
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gonghui.accounts.sign_in_rules import rules_now
from tests.factories import PASSWORD
from tests.policies.stories import bind, ruled

pytestmark = pytest.mark.django_db

BIND = "/accounts/2fa/totp/activate/"


def signed_in(user) -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).url == "/home/"
    assert client.get("/home/").status_code == 200
    return client


def unused_for(client: Client, minutes: int, **more: int) -> None:
    session = client.session
    session["seen"] -= minutes * 60
    for name, seconds in more.items():
        session[name] -= seconds
    session.save()


def test_a_shorter_idle_time_ends_the_sessions_that_were_not_used_for_as_long(cast):
    client, other = signed_in(cast.officer), signed_in(cast.neighbour_officer)
    unused_for(client, 11)
    assert client.get("/home/").status_code == 200
    unused_for(client, 11)
    ruled(cast, idle_minutes=10)
    assert "/accounts/login/" in client.get("/home/").url
    assert other.get("/home/").status_code == 200


def test_a_longer_idle_time_keeps_the_session_from_its_next_use_on(cast):
    client = signed_in(cast.officer)
    ruled(cast, idle_minutes=120)
    unused_for(client, 2)
    client.get("/home/")
    left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(minutes=120)
    assert client.get("/home/").context["session_left"].idle == 119 * 60


def test_a_new_session_has_the_city_s_time(cast):
    ruled(cast, idle_minutes=45)
    client = signed_in(cast.officer)
    left = Session.objects.get(pk=client.session.session_key).expire_date - timezone.now()
    assert timedelta(minutes=44) < left <= timedelta(minutes=45)


def test_a_session_ends_so_many_hours_after_its_sign_in(cast):
    client = signed_in(cast.officer)
    unused_for(client, 1, began=5 * 3600)
    assert client.get("/home/").status_code == 200
    ruled(cast, session_hours=5)
    assert "/accounts/login/" in client.get("/home/").url


def test_a_superior_must_bind_before_the_next_page_and_a_grassroots_union_need_not(cast):
    reviewer, officer, city = signed_in(cast.reviewer), signed_in(cast.officer), signed_in(cast.platform_admin)
    bind(cast.platform_admin)
    ruled(cast, superiors_need_totp=True)
    assert reviewer.get("/home/").url == BIND
    assert officer.get("/home/").status_code == 200
    assert city.get("/home/").status_code == 200, "who has one is not disturbed"
    ruled(cast, superiors_need_totp=False)
    assert reviewer.get("/home/").status_code == 200


def test_the_rules_come_along_with_the_account_without_a_statement_of_their_own(cast):
    client = signed_in(cast.officer)
    ruled(cast, idle_minutes=20)
    client.get("/accounts/settings/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/accounts/settings/")
    reading = [query["sql"] for query in captured if "policies_policy" in query["sql"]]
    assert "accounts_user" in reading[0]
    assert [sql for sql in reading if sql.startswith('SELECT "policies_policy"')] == []


def test_without_a_city_the_operator_s_values_hold(db, settings):
    assert rules_now().idle_minutes == settings.ENVIRONMENT.idle_minutes


def test_a_session_without_its_last_use_is_not_ended(cast):
    client = signed_in(cast.officer)
    session = client.session
    del session["seen"]
    session.save()
    assert client.get("/home/").status_code == 200
    assert client.session["seen"] > time.time() - 60

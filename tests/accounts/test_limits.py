"""Rate limits: what counts, for how long, and that no rollback or parallel try resets them (SPEC 1.3)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.utils import timezone

from gonghui.accounts import limits
from gonghui.accounts.limits import Limit
from gonghui.accounts.models import RateLimit
from gonghui.accounts.sign_in import is_locked

FIVE = Limit("five", 5, timedelta(minutes=10))


@pytest.fixture(autouse=True)
def _database(db):
    pass


def test_a_limit_passes_so_many_and_counts_no_further():
    assert [limits.spend(FIVE, "a") for _ in range(7)] == [1, 2, 3, 4, 5, None, None]
    assert RateLimit.objects.get().count == 5
    assert limits.spend(FIVE, "b") == 1, "another key has its own"


def test_a_window_begins_with_the_first_and_ends_whatever_follows():
    for _ in range(7):
        limits.spend(FIVE, "a")
    until = limits.used_up_until(FIVE, "a")
    assert timedelta(minutes=9) < until - timezone.now() <= FIVE.window
    RateLimit.objects.update(ends_at=timezone.now())
    assert limits.used_up_until(FIVE, "a") is None
    assert limits.spend(FIVE, "a") == 1


def test_what_is_given_back_does_not_count():
    limits.spend(FIVE, "a")
    limits.give_back(FIVE, "a")
    limits.give_back(FIVE, "a")
    assert limits.spend(FIVE, "a") == 1


def test_an_owner_forgets_all_that_counts_against_an_email():
    for key in ("a", "b"):
        limits.spend(FIVE, key, owner="officer@demo.test")
    limits.spend(FIVE, "c", owner="other@demo.test")
    limits.forget("officer@demo.test")
    assert [limits.spend(FIVE, key) for key in "abc"] == [1, 1, 2]


def test_keys_are_not_readable_at_rest():
    limits.spend(FIVE, "officer@demo.test 10.0.0.1", owner="officer@demo.test")
    row = RateLimit.objects.get()
    assert "officer" not in row.key
    assert b"officer" not in bytes(row.owner)


def test_ended_rows_go_and_counting_ones_stay():
    for number in range(50):
        limits.spend(FIVE, f"ended {number}")
    RateLimit.objects.update(ends_at=timezone.now())
    for number in range(50):
        limits.spend(FIVE, f"counting {number}")
    assert RateLimit.objects.filter(ends_at__lte=timezone.now()).count() == 0
    assert RateLimit.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_of_parallel_tries_no_more_than_the_limit_pass():
    def spend(_: int) -> int | None:
        try:
            return limits.spend(FIVE, "a")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        passed = [number for number in threads.map(spend, range(40)) if number]
    assert sorted(passed) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("unknown", "unknown", True),
    ],
)
def test_an_address_is_one_customers_network(first, second, equal):
    keys = [limits.by_address(RequestFactory().get("/", REMOTE_ADDR=address)) for address in (first, second)]
    assert (keys[0] == keys[1]) is equal


def test_ten_thousand_anonymous_requests_erase_no_lock(client, cast):
    for _ in range(5):
        client.post("/accounts/login/", {"login": cast.officer.email, "password": "wrong-password-1"})
    for number in range(100):  # the real decorator and view; then as many rows as ten thousand of them make
        Client(REMOTE_ADDR=f"10.1.{number}.1").get("/filings/register/suggest/?employer_name=上海")
    suggest = Limit("suggest_employer", 120, timedelta(minutes=1))
    for number in range(10_000):
        limits.spend(suggest, f"10.9.{number // 250}.{number % 250}")
    assert is_locked(cast.officer.email)
    assert client.post("/accounts/login/", {"login": cast.officer.email, "password": "x"}).status_code == 429


def test_who_is_over_a_limit_is_told_when_to_come_again(client, cast):
    for _ in range(11):
        response = client.post("/accounts/resend-verification/", {"email": "no@demo.test"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60


UNCOUNTED = {
    "account_login": "counted where the password is looked at",
    "mfa_authenticate": "counted where the code is looked at",
    "account_confirm_email": "wants a signed key",
    "device": "wants a signed token",
    "account_logout": "changes nothing for others",
    "privacy": "text",
    "account_inactive": "text",
    "account_email_verification_sent": "text",
    "account_reset_password_done": "text",
    "account_reset_password_from_key_done": "text",
}


def test_every_public_page_of_accounts_counts_its_callers_or_says_why_not():
    """The URLs that accept POST or run a look-up without a session. Pages that only show something are in other apps."""
    public = [
        pattern
        for pattern in _patterns(get_resolver())
        if not getattr(pattern.callback, "login_required", True)
        and pattern.callback.__module__.startswith(("allauth.", "gonghui.accounts.", "gonghui.filings."))
    ]
    assert len(public) > 10
    uncounted = {pattern.name for pattern in public if not _is_counted(pattern.callback)}
    assert uncounted == set(UNCOUNTED)


def _patterns(resolver):
    for entry in resolver.url_patterns:
        yield from _patterns(entry) if hasattr(entry, "url_patterns") else [entry]


def _is_counted(view) -> bool:
    while view:
        if view.__code__.co_name == "counted":
            return True
        view = getattr(view, "__wrapped__", None)
    return False

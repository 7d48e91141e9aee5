"""Who gets in where: every address, for everybody of the cast, by GET and by POST, and who changes anything by it.

The table below is the whole: a test fails on an address that it lacks. Out of scope is "not found" (404), so that nobody
learns what exists; 403 stands where the page is there for other roles of the same union. Whoever is not signed in is
led to the sign-in. All things asked for belong to `cast.union`, so that every row is also the proof that another
union's number in an address opens nothing and changes nothing.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.filings.models import AccountClaim
from gonghui.filings.registration import register_employer
from gonghui.imports.actions import upload_workbook
from gonghui.imports.kinds import KINDS
from gonghui.imports.models import Batch
from gonghui.inspections.actions import version_of
from gonghui.inspections.models import Confirmation, Window
from gonghui.members.models import Member
from gonghui.notices.models import Notice
from gonghui.portal.models import News
from gonghui.reviews.models import Phrase, Review
from tests.factories import make_member
from tests.filings.stories import submitted
from tests.inspections.stories import confirmed, opened
from tests.people import Cast, make_cast
from tests.workbooks import member_row, upload

pytestmark = pytest.mark.django_db

NOBODY = "nobody"  # not signed in
ABOVE = {"platform_admin", "district_admin", "reviewer", "viewer"}  # `cast.union` is in their scope
SUPERIORS = ABOVE | {"other_reviewer", "bureau_admin", "company_reviewer"}
ADMINS = SUPERIORS - {"viewer"}
APPROVED = {"officer", "neighbour_officer", "far_officer"}
OFFICERS = APPROVED | {"newcomer"}
SIGNED_IN = SUPERIORS | OFFICERS | {"claimant"}
EVERYBODY = SIGNED_IN | {NOBODY}
LOGIN = "login"  # redirected to the sign-in

Statuses = dict[int, set[str]]


@dataclass(frozen=True)
class Row:
    """What everybody gets at one address by one method: ``rest``, or LOGIN for NOBODY, who is not in ``statuses``."""

    name: str
    method: str
    statuses: Statuses
    of: str = ""  # the thing of the World whose number stands in the address
    given: str = ""  # a thing that must be there without standing in the address
    query: str = ""  # likewise, its number as ``?query=``
    data: dict[str, str] = field(default_factory=dict)
    changes: set[str] = field(default_factory=set)  # whose request leaves a trace in our tables
    rest: int = 404

    @property
    def expected(self) -> dict[str, int | str]:
        found: dict[str, int | str] = dict.fromkeys(SIGNED_IN, self.rest) | {NOBODY: LOGIN}
        return found | {who: status for status, people in self.statuses.items() for who in people}

    def __str__(self) -> str:
        return f"{self.method} {self.name}{f'?{self.query}' if self.query else ''}"


def page(name: str, of: str = "", statuses: Statuses | None = None, **more: Any) -> list[Row]:
    """An address that is only looked at."""
    seen = {200: SIGNED_IN} if statuses is None else statuses
    return [Row(name, "get", seen, of, **more), Row(name, "post", {405: SIGNED_IN}, of)]


def act(name: str, of: str, statuses: Statuses, **more: Any) -> list[Row]:
    """An address that only takes a POST. Whose request is accepted changes something, if nothing else is said."""
    more.setdefault("changes", statuses.get(302, set()))
    return [Row(name, "get", {405: SIGNED_IN}, of), Row(name, "post", statuses, of, **more)]


def form(name: str, of: str, shown: Statuses, sent: Statuses, *, opening: Collection[str] = (), rest: int = 404):
    """An address that shows a form and takes it; here nothing is filled in. ``opening``: whose GET is recorded."""
    get = Row(name, "get", shown, of, changes=set(opening), rest=rest)
    return [get, Row(name, "post", sent, of, data={"sent": "yes"}, rest=rest)]


def public(name: str, get: int = 200, post: int = 200, of: str = "") -> list[Row]:
    """An address that answers everybody alike."""
    return [Row(name, "get", {get: EVERYBODY}, of), Row(name, "post", {post: EVERYBODY}, of)]


def for_guests(name: str) -> list[Row]:
    """An entrance: whoever is in already is led home."""
    statuses = {200: {NOBODY}, 302: SIGNED_IN}
    return [Row(name, "get", statuses), Row(name, "post", statuses)]


def own(name: str, get: int = 200, post: int = 200) -> list[Row]:
    """A page of one's own account: the same for all who are signed in."""
    return [Row(name, "get", {get: SIGNED_IN}), Row(name, "post", {post: SIGNED_IN})]


UNION_AND_ABOVE = ABOVE | {"officer"}
IN_DISTRICT = ABOVE | {"other_reviewer"}
EMPTY_LIST = {409: SUPERIORS | OFFICERS, 403: {"claimant"}}  # an export of nothing is refused

TABLE: list[Row] = [
    # The portal
    *public("portal"),
    *public("news"),
    *public("news_item", of="news"),
    *public("platform"),
    *public("help"),
    *public("demo_mail"),
    *public("healthz"),
    *public("readyz", 503, 503),  # no worker runs here
    *own("home"),
    # One's own account: allauth's pages by the rule that each follows
    *for_guests("account_login"),
    *for_guests("account_signup"),
    Row("account_logout", "get", {200: SIGNED_IN, 302: {NOBODY}}),
    Row("account_logout", "post", {302: EVERYBODY}, changes=SIGNED_IN),
    *public("account_inactive", post=405),
    *public("account_email_verification_sent", post=405),
    *public("account_confirm_email", post=404, of="no_key"),
    *public("account_reset_password"),
    *public("account_reset_password_done", post=405),
    *public("account_reset_password_from_key", of="no_link"),
    *public("account_reset_password_from_key_done", post=405),
    *own("account_reauthenticate"),
    *own("account_email", post=302),
    *own("account_change_password"),
    *own("usersessions_list", post=302),
    *own("mfa_index", post=405),
    *own("mfa_authenticate", 302, 302),
    *own("mfa_reauthenticate", 302, 302),
    *own("mfa_activate_totp", 302, 302),  # asks for the password again
    *own("mfa_deactivate_totp", 404, 404),  # not set up
    *own("mfa_view_recovery_codes", 404, 405),
    *own("mfa_generate_recovery_codes", 302, 302),
    *own("mfa_download_recovery_codes", 404, 404),
    # Accounts
    *own("accounts:settings"),
    *[Row("accounts:resend_verification", "get", {405: EVERYBODY})],
    *[Row("accounts:resend_verification", "post", {302: EVERYBODY})],
    *[Row("accounts:list", method, {200: ADMINS}, rest=403) for method in ("get", "post")],
    *form("accounts:create", "", {200: ADMINS}, {422: ADMINS}, rest=403),
    *act("accounts:disable", "account", {302: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *act("accounts:enable", "account", {409: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    *act("accounts:invite", "account", {409: {"reviewer"}, 404: ADMINS - {"reviewer"}}, rest=403),
    # Filings
    *page("filings:own", "", {200: OFFICERS}),
    *form("filings:start", "", {200: {"newcomer"}, 302: APPROVED}, {200: {"newcomer"}, 302: APPROVED}),
    *page("filings:superiors", "", {}),
    *page("filings:union", "union", {200: ABOVE, 302: {"officer"}}),
    *act("filings:withdraw", "review", {302: {"newcomer"}}),
    *form(
        "filings:register", "",
        {200: {"claimant"}, 302: SUPERIORS | OFFICERS}, {422: {"claimant"}, 302: SUPERIORS | OFFICERS},
    ),
    *public("filings:suggest", post=405),
    *act("filings:withdraw_claim", "claim", {302: {"claimant"}}),
    # Reviews: this one waits for `cast.street`; its union has no superior yet, so the district does not see it
    *page("reviews:desk", "", {200: SUPERIORS}),
    *page("reviews:review", "review", {200: {"platform_admin", "reviewer", "viewer", "newcomer"}}),
    *act(
        "reviews:decide", "review",
        {302: {"reviewer"}, 409: {"platform_admin", "viewer", "newcomer"}}, data={"decision": "refused", "opinion": "不全"},
    ),
    *act(
        "reviews:several", "", {302: SUPERIORS}, given="review",
        data={"decision": "refused", "opinion": "不全", "review": "{review}"}, changes={"reviewer"},
    ),
    *act("reviews:remove_phrase", "phrase", {302: {"reviewer"}}),
    # Unions
    *page("unions:tree", "", {200: SUPERIORS}),
    *page("unions:node", "street", {200: {"platform_admin", "district_admin"}, 302: {"reviewer", "viewer"}}),
    # Members
    *form("members:list", "", {200: SIGNED_IN}, {302: SIGNED_IN}),
    Row("members:list", "get", {200: UNION_AND_ABOVE | {"newcomer", "claimant"}}, query="union"),
    *form("members:add", "", {200: APPROVED}, {422: APPROVED}, rest=403),
    *act("members:check", "", {200: SIGNED_IN}),
    *form("members:export", "", {200: SUPERIORS | OFFICERS, 403: {"claimant"}}, EMPTY_LIST),
    Row("members:export", "post", {409: UNION_AND_ABOVE, 403: {"claimant"}}, query="union"),
    *page("members:view", "member", {200: UNION_AND_ABOVE}),
    *page("members:versions", "member", {200: UNION_AND_ABOVE}),
    *page("members:masked", "member", {302: UNION_AND_ABOVE}),
    *form(
        "members:edit", "member", {200: {"officer"}, 403: ABOVE}, {422: {"officer"}, 403: ABOVE}, opening={"officer"}
    ),
    *act(
        "members:reveal", "member",
        {200: UNION_AND_ABOVE - {"viewer"}, 409: {"viewer"}}, changes=UNION_AND_ABOVE - {"viewer"},
    ),
    # Inspections: a window of `cast.district` alone, so that bureau and company have nothing to do with it
    *page("inspections:home", "", {200: SUPERIORS | OFFICERS}),
    Row(
        "inspections:confirm", "get",
        {200: {"officer", "neighbour_officer"}, 302: {"far_officer", "newcomer"}}, given="window",
    ),
    Row(
        "inspections:confirm", "post", {302: {"officer"}, 409: {"neighbour_officer"}}, given="window",
        data={"window": "{window}", "version": "{version}", "checked": "1"}, changes={"officer"},
    ),
    *page("inspections:confirmation", "confirmation", {200: UNION_AND_ABOVE}),
    *act(
        "inspections:reopen", "confirmation",
        {302: {"platform_admin", "reviewer"}, 409: {"district_admin", "viewer", "officer"}}, data={"reason": "有误"},
    ),
    *page("inspections:windows", "", {200: SUPERIORS}),
    *form(
        "inspections:open", "", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    *page("inspections:completion", "window", {200: IN_DISTRICT}),
    Row("inspections:completion", "get", {200: {"platform_admin", "district_admin", "reviewer", "viewer"}}, "window", query="node"),
    *act("inspections:remind", "window", {302: IN_DISTRICT - {"viewer"}, 409: {"viewer"}}),
    *act("inspections:export", "window", {200: IN_DISTRICT}, changes=IN_DISTRICT),
    *form(
        "inspections:extend", "window", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    *form(
        "inspections:close", "window", {200: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
        {422: {"platform_admin"}, 403: SUPERIORS - {"platform_admin"}},
    ),
    # Imports: the officers' alone
    *form("imports:members", "", {200: OFFICERS}, {422: OFFICERS}),
    *page("imports:template", "kind", {200: OFFICERS}),
    *page("imports:progress", "kind", {200: OFFICERS}),
    *page("imports:batch", "batch", {200: {"officer"}}),
    *page("imports:marked", "batch", {200: {"officer"}}, changes={"officer"}),
    *act("imports:take", "batch", {302: {"officer"}}),
    *act("imports:discard", "batch", {302: {"officer"}}),
    # Notices
    *own("notices:list"),
    *act("notices:open", "notice", {302: {"officer"}}),
    *act("notices:read_all", "", {302: SIGNED_IN}, given="notice", changes={"officer"}),
    # Audit
    *page("audit:search", "", {200: {"platform_admin"}}),
]  # fmt: skip


class World:
    """The cast, their sessions, and what they may ask for; each thing is made when a row first needs it."""

    def __init__(self, cast: Cast, sessions: dict[str, str]) -> None:
        self.cast, self.sessions = cast, sessions
        self.union, self.street, self.account = cast.union, cast.street, cast.viewer
        self.node = cast.street
        self.kind, self.no_key, self.no_link = "members", "nokey", ["1", "nokey"]

    @cached_property
    def member(self) -> Member:
        return make_member(self.union)

    @cached_property
    def batch(self) -> Batch:
        """With a row to mend and a good one: it waits for the officer."""
        file = upload([member_row(1), member_row(2, mobile="1")])
        return upload_workbook(self.union, KINDS["members"], file, by=self.cast.officer)

    @cached_property
    def review(self) -> Review:
        """The filing of `cast.unfiled`, waiting for `cast.street`."""
        return submitted(self.cast).review

    @cached_property
    def claim(self) -> AccountClaim:
        """The claimant's, on `cast.union`."""
        claim = register_employer(self.cast.claimant, name=self.union.employer.name, registered_id=None)
        assert isinstance(claim, AccountClaim)
        return claim

    @cached_property
    def window(self) -> Window:
        """Open, for `cast.district`; nobody has confirmed."""
        return opened(self.cast, self.cast.district)

    @cached_property
    def confirmation(self) -> Confirmation:
        return confirmed(self.cast, self.window)

    @cached_property
    def version(self) -> str:
        """Of `cast.union`'s particulars, as its officer's page carries it."""
        return version_of(self.union)

    @cached_property
    def phrase(self) -> Phrase:
        return Phrase.objects.create(user=self.cast.reviewer, text="资料齐全，同意。")

    @cached_property
    def notice(self) -> Notice:
        return Notice.objects.create(user=self.cast.officer, title="导入成功")

    @cached_property
    def news(self) -> News:
        return News.objects.create(title="工会新闻", body="正文", published_at=timezone.now())

    def number(self, thing: str) -> Any:
        """What stands for a thing in an address."""
        found = getattr(self, thing)
        return getattr(found, "pk", found)

    def address(self, row: Row) -> str:
        if row.given:
            self.number(row.given)
        arguments = self.number(row.of) if row.of else []
        path = reverse(row.name, args=arguments if isinstance(arguments, list) else [arguments])
        return f"{path}?{row.query}={self.number(row.query)}" if row.query else path

    def client(self, who: str) -> Client:
        client = Client()
        if who != NOBODY:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def ask(self, who: str, row: Row, address: str) -> HttpResponse:
        data = {
            key: str(self.number(value[1:-1])) if value.startswith("{") else value for key, value in row.data.items()
        }
        return getattr(self.client(who), row.method)(address, data)


@pytest.fixture(scope="module")
def signed_in(django_db_setup, django_db_blocker) -> Iterator[tuple[Cast, dict[str, str]]]:
    """One cast for all rows, and everybody's session."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = make_cast()
        yield cast, {who: sign_in(getattr(cast, who)) for who in SIGNED_IN}
        transaction.set_rollback(True)


@pytest.fixture
def world(signed_in) -> World:
    """The world as it is before each row."""
    return World(*signed_in)


def sign_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_everybody_gets_what_the_table_says(world, row):
    got, changed = {}, set()
    address = world.address(row)
    for who in sorted(EVERYBODY):
        with transaction.atomic():
            before = trace()
            response = world.ask(who, row, address)
            to_login = response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
            got[who] = LOGIN if to_login else response.status_code
            b"".join(response)  # a download's file is closed at its end
            if trace() != before:
                changed.add(who)
            transaction.set_rollback(True)
    assert got == row.expected
    assert changed == row.changes


def test_every_address_stands_in_the_table():
    assert sorted(set(addresses())) == sorted({row.name for row in TABLE})
    for method in ("get", "post"):
        assert {row.name for row in TABLE} == {row.name for row in TABLE if row.method == method}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """The name of every address that answers, with its namespaces."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or pattern.pattern}"


def trace() -> list[tuple[str, str]]:
    """Every row of every table of ours, digested: two calls differ if anything was written between them."""
    tables = sorted(model._meta.db_table for model in apps.get_models() if model.__module__.startswith("gonghui."))
    digests = (f"SELECT '{name}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digests))
        return cursor.fetchall()

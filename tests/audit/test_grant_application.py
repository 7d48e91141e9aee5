"""The rights of the application's database role on the real tables: enough for all its work, and no more."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from psycopg.errors import InsufficientPrivilege

from gonghui.audit import heads
from gonghui.audit.actions import record
from gonghui.audit.management.commands.grant_application import append_only_tables
from gonghui.audit.models import Entry
from gonghui.audit.partitions import make_partitions, partitions
from gonghui.audit.sealing import seal_waiting
from gonghui.audit.verification import Verification
from gonghui.imports.models import Batch, ImportState
from gonghui.members.models import Member
from tests.factories import PASSWORD
from tests.filings.stories import form_data
from tests.jobs import run_jobs
from tests.people import Cast, make_cast
from tests.workbooks import member_row, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
KEYS = {"audit_entry": "id", "audit_seal": "number", "audit_subject": "person_id"}
APPLICATION = urlsplit(settings.ENVIRONMENT.database_url).username


@pytest.fixture
def cast(transactional_db) -> Iterator[Cast]:
    """The owner creates the cast; then Django is connected as the application."""
    cast = make_cast()
    call_command("createcachetable")
    call_command("grant_application")
    owner = connection.settings_dict["USER"]
    connect_as(APPLICATION)
    yield cast
    connect_as(owner)


def connect_as(role: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["USER"] = role


def test_the_application_does_all_its_work(client, cast):
    """Sign in, draft, file, decide, import (COPY, the job, its mail), disclose, read, search the audit: through the
    pages.
    """
    assert_signed_in(client, cast.newcomer)
    assert client.post(reverse("filings:start"), form_data(cast) | {"draft": "1"}).status_code == 302
    assert client.post(reverse("filings:start"), form_data(cast)).status_code == 302
    assert_signed_in(client, cast.reviewer)
    review = cast.unfiled.reviews.get()
    assert client.post(reverse("reviews:decide", args=[review.pk]), {"decision": "approved"}).status_code == 302
    assert_signed_in(client, cast.newcomer)
    assert (
        client.post(
            reverse("imports:upload", args=["members"]), {"file": upload([member_row(1), member_row(2)])}
        ).status_code
        == 302
    )
    connection.close_pool()
    run_jobs("imports", "mail")
    assert Batch.objects.get().state == ImportState.DONE
    member = Member.objects.earliest("pk")
    assert client.post(reverse("members:reveal", args=[member.pk])).status_code == 200
    assert client.post(reverse("notices:read_all")).status_code == 302
    assert_signed_in(client, cast.platform_admin)
    assert client.get(reverse("audit:search")).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (APPLICATION,)


def assert_signed_in(client, user) -> None:
    client.logout()
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse("home")


def test_what_is_recorded_stays_recorded(cast):
    assert Entry._meta.db_table in append_only_tables()
    assert {"members_memberevent", "audit_seal", "audit_subject", "audit_entry_default"} <= {*append_only_tables()}
    for table in append_only_tables():
        column = KEYS.get(table.removesuffix("_default").rstrip("0123456789_"), "pgh_id")
        for statement in (f"UPDATE {table} SET {column} = 1", f"DELETE FROM {table}", f"TRUNCATE {table}"):  # noqa: S608
            refused(statement)


def test_the_application_makes_next_years_partition_and_nothing_else(cast):
    assert make_partitions() == []
    refused("CREATE TABLE audit_entry_9999 PARTITION OF audit_entry DEFAULT")
    for table in partitions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", [table])
            assert cursor.fetchone() == (False,)


def test_the_application_seals_and_verifies(cast, settings, tmp_path):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, audit_heads=tmp_path)
    with transaction.atomic():
        record("account.signed_in", cast.officer, by=cast.officer)
    assert seal_waiting() > 0
    assert Verification().run(heads.kept()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE other (id int)",
        "CREATE TEMPORARY TABLE other (id int)",
        "DROP TABLE members_member",
        "ALTER TABLE members_member ADD COLUMN other text",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "TRUNCATE members_member CASCADE",
        "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE gonghui_owner",
    ],
)
def test_the_application_changes_no_tables(cast, statement):
    refused(statement)


def refused(statement: str) -> None:
    with pytest.raises(ProgrammingError) as problem, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(problem.value.__cause__, InsufficientPrivilege), problem.value

"""The nightly clean-up: each table is listed as cleaned or as kept."""

from datetime import timedelta

import pgtrigger
import psycopg
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from gonghui.audit.management.commands.grant_application import append_only_tables
from gonghui.audit.models import Entry
from gonghui.kit import cleanup
from gonghui.kit.cleanup import SWEEPS, sweep_out
from gonghui.members.models import Lookups
from gonghui.notices.models import Mail, Notice
from gonghui.portal import upkeep
from tests import factories

pytestmark = pytest.mark.server

# The tables that no clean-up changes, besides the audit and the row histories, with the reason.
KEPT = {
    "what the platform is for": """
        accounts_listsetting accounts_savedview notices_noticesetting reviews_bulkdecision accounts_user accounts_privacyacceptance account_emailaddress mfa_authenticator
        bookings_announcement bookings_booking bookings_contest bookings_document bookings_draw bookings_drawline bookings_eligibilityrule bookings_fund
        bookings_ledgerentry bookings_ledgerfund bookings_offer bookings_package bookings_picture bookings_place bookings_programme bookings_provider
        bookings_provideraccount bookings_rendition bookings_selfcheck bookings_session bookings_share bookings_sharemove bookings_venue bookings_waitingentry
        cards_agreedname cards_application cards_batch cards_card circulars_circular circulars_circular_branches circulars_receipt duplicates_merge
        duplicates_pair duplicates_progress duplicates_trace
        cards_line cards_order exports_export cards_unioncode codelists_code filings_accountclaim filings_amendment filings_dissolution filings_filing filings_registration
        filings_relocation inspections_confirmation inspections_coveredlist inspections_memberlist inspections_scope inspections_window
        members_alias members_codeimport members_correction members_duplicate members_member members_membership national_export national_memberreport national_unionreport policies_columnpolicy policies_policy
        publishing_article publishing_download publishing_downloadversion publishing_formerslug publishing_localsection publishing_picture
        publishing_rendition publishing_revision publishing_site reviews_cover reviews_phrase
        reviews_review reviews_step superiors_treechange transfers_transfer registers_employermark unions_coveredemployer unions_employer unions_registeredemployer unions_union
        yearbooks_entry yearbooks_line yearbooks_sheet yearbooks_signature yearbooks_yearbook""",
    "part of the row histories": "pghistory_context pghistory_events",
    "what was sent on whose behalf, a row an inspection or a session": """
        bookings_sessionreminder circulars_delivery inspections_mailing inspections_reminder""",
    "a row a reminder, so that none comes twice: five a union in five years": "filings_reminder",
    "a row a use, whose files and people's data another job drops": """
        imports_batch registers_line registers_load registers_piece transfers_upload cards_part cards_resultfile cards_resultpart national_file national_held exports_file""",
    "a row a union or a block of numbers": "cards_figure members_numberrange statistics_monthfigure",
    "the ends of months are kept for ever; the job removes other days": "statistics_closing statistics_dutycount statistics_employercount statistics_figure",
    "emptied by the import itself, by the next one, or by giving it up": "members_stagedmember",
    "goes with its job": "procrastinate_events",
    "procrastinate keeps the last row of each task, and drops workers that died": """
        procrastinate_periodic_defers procrastinate_workers""",
    "Django's cache drops what has expired when it holds 10,000 rows": "cache",
    "never written: groups are not used": """
        auth_group auth_group_permissions
        accounts_user_groups accounts_user_user_permissions""",
    "fixed by the code": "auth_permission django_content_type django_migrations",
}


@pytest.fixture
def long_ago():
    return timezone.now() - timedelta(days=1000)


def job(status: str, ended) -> int:
    """A job in that state whose only event was at that time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('mail', 'some', %s) RETURNING id",
            [status],
        )
        (pk,) = cursor.fetchone()
        # The trigger wrote it for a waiting job.
        cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [pk])
        cursor.execute("INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'started', %s)", [pk, ended])
    return pk


def mail(state: str, created, sent=None) -> Mail:
    row = factories.mail(body="链接", state=state, created_at=created, sent_at=sent)
    with pgtrigger.ignore("notices.Mail:state_begins"):
        row.save()
    return row


def sweep(name: str) -> cleanup.Sweep:
    return SWEEPS[name]


def test_every_table_is_cleaned_up_or_kept_for_a_reason(db):
    listed = {table for tables in KEPT.values() for table in tables.split()}
    cleaned = {sweep.table for sweep in SWEEPS.values()}
    recorded = set(append_only_tables())
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
    tables |= {model._meta.db_table for model in apps.get_models()}
    assert tables - listed - cleaned - recorded == set(), (
        "decide: register with kit.cleanup, or list here with a reason"
    )
    assert listed & (cleaned | recorded) == set()
    assert cleaned & recorded == set()


def test_what_is_old_goes_and_a_second_run_finds_nothing(cast, long_ago):
    now = timezone.now()
    ended = [job(status, long_ago) for status in ("succeeded", "cancelled", "aborted", "failed")]
    stays = [job(status, long_ago) for status in ("todo", "doing")]
    stays += [job(status, now) for status in ("succeeded", "failed")]
    stays += [job("failed", now - timedelta(days=30))]
    Session.objects.create(session_key="old", session_data="", expire_date=long_ago)
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(hours=1))
    for read in (None, long_ago):
        Notice.objects.create(user=cast.officer, title="旧", created_at=long_ago, read_at=read)
    Lookups.objects.create(union=cast.union, kind=Lookups.Kind.PERSON, day=long_ago.date(), used=3)
    Lookups.objects.create(union=cast.union, kind=Lookups.Kind.PERSON, used=3)

    report = upkeep.clean_up()
    assert set(ProcrastinateJob.objects.values_list("pk", flat=True)) >= set(stays)
    assert not ProcrastinateJob.objects.filter(pk__in=ended).exists()
    assert not ProcrastinateEvent.objects.filter(job__in=ended).exists()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["new"]
    assert Notice.objects.get().read_at is None
    assert Lookups.objects.get().day == timezone.localdate()
    assert report["jobs: finished"] == 3
    assert report["jobs: failed"] == report["sessions: expired"] == report["notices: read"] == 1
    assert Entry.objects.get(verb="upkeep.cleaned").data == {"removed": report}

    assert not any(upkeep.clean_up().values())


def test_the_text_of_mail_goes_soon_and_its_row_stays_and_what_waits_is_not_touched(client, db, settings):
    days_ago = [timezone.now() - timedelta(days=days) for days in range(6)]
    old = [mail("sent", days_ago[5], days_ago[3]), mail("failed", days_ago[5])]
    fresh = [mail("sent", days_ago[5], days_ago[1]), mail("failed", days_ago[1]), mail("waiting", days_ago[5])]
    report = upkeep.clean_up()
    assert report["mail: texts"] == 2
    assert {bytes(row.body_sealed) for row in Mail.objects.filter(pk__in=[row.pk for row in old])} == {b""}
    texts = [row.body for row in Mail.objects.filter(pk__in=[row.pk for row in fresh])]
    assert texts == ["链接"] * 3
    page = client.get("/demo/mail/").text
    assert page.count("正文已按保留期限清除") == 2
    assert page.count("a@demo.test") >= 5


def test_a_run_that_was_killed_is_finished_by_the_next(db, long_ago, monkeypatch):
    monkeypatch.setattr(cleanup, "BATCH", 10)
    for _ in range(35):
        job("succeeded", long_ago)
    killed = sweep_out(sweep("jobs: finished"))
    assert next(killed) == 10  # committed in its own transaction, even if the next batch fails
    killed.close()
    assert ProcrastinateJob.objects.count() == 25
    assert upkeep.last_run() == (None, {})
    assert upkeep.clean_up()["jobs: finished"] == 25


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_taken_up_again_meanwhile_is_not_deleted(long_ago):
    pk = job("failed", long_ago)
    with psycopg.connect(**_where()) as other:
        other.execute("UPDATE procrastinate_jobs SET status = 'todo' WHERE id = %s", [pk])
        assert upkeep.clean_up()["jobs: failed"] == 0
    assert ProcrastinateJob.objects.get().status == "todo"


def _where() -> dict[str, str]:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {variable: connection.settings_dict[its] for variable, its in names.items() if connection.settings_dict[its]}


def test_the_command_prints_its_report(db, long_ago, capsys):
    job("succeeded", long_ago)
    call_command("clean_up")
    report = capsys.readouterr().out
    assert "       1  jobs: finished" in report
    assert "       0  jobs: failed" in report


def test_it_is_overdue_two_days_after_the_last_run_or_the_first_migration(db):
    assert not upkeep.is_overdue()  # a database that was created today
    three_days_ago = timezone.now() - timedelta(days=3)
    MigrationRecorder(connection).migration_qs.update(applied=three_days_ago)
    assert upkeep.is_overdue()
    Entry.objects.create(verb="upkeep.cleaned", at=three_days_ago, data={"removed": {}})
    assert upkeep.is_overdue()
    upkeep.clean_up()
    assert not upkeep.is_overdue()


def test_every_size_is_told(db, long_ago):
    job("succeeded", long_ago)
    sizes = {size.table: size for size in upkeep.sizes()}
    assert set(sizes) == {sweep.table for sweep in SWEEPS.values()}
    assert all(size.bytes > 0 for size in sizes.values())
    assert sizes["procrastinate_jobs"].oldest == long_ago

"""The nightly clean-up: the sweeps that apps register with kit.cleanup, those of the job queue, and the report.

It deletes what is no longer needed: finished jobs, expired sessions, read notices, texts of sent mail. It never deletes
audit records, row histories, or waiting rows.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.audit.models import Entry
from gonghui.kit.cleanup import SWEEPS, Sweep, sweep_out

verbs.register(upkeep__cleaned="夜间清理")
verbs.facts("upkeep", removed=("清理", lambda removed: f"{sum(removed.values())} 行"))

CLEANED = "upkeep.cleaned"
OVERDUE_DAYS = 2


def _jobs(before: datetime, *states: str) -> QuerySet:
    """Selects the jobs in these states that ended before a time. A job has no time: its last event is its end."""
    events = ProcrastinateEvent.objects.filter(job=OuterRef("pk"))
    ended = Exists(events.filter(at__lt=before)) & ~Exists(events.filter(at__gte=before))
    return ProcrastinateJob.objects.filter(ended, status__in=states)


JOBS = (
    Sweep(
        "jobs: finished",
        ProcrastinateJob,
        lambda before: _jobs(before, "succeeded", "cancelled", "aborted"),
        "procrastinateevent__at",
        keep="keep_jobs_days",
    ),
    Sweep(
        "jobs: failed",
        ProcrastinateJob,
        lambda before: _jobs(before, "failed"),
        "procrastinateevent__at",
        keep="keep_failed_jobs_days",
    ),
)


def clean_up() -> dict[str, int]:
    """Deletes all old rows, and records the number of each kind, including 0."""
    report = {sweep.name: sum(sweep_out(sweep)) for sweep in SWEEPS.values()}
    with transaction.atomic():
        record(CLEANED, by=None, removed=report)
    return report


class Size(NamedTuple):
    """A table of the clean-up: rows by PostgreSQL's estimate, bytes with indexes, and the time of its oldest row."""

    table: str
    rows: int
    bytes: int
    oldest: datetime | None


def sizes() -> list[Size]:
    """Returns the size of every table of the clean-up."""
    return [_size(sweep) for sweep in {sweep.table: sweep for sweep in SWEEPS.values()}.values()]


def _size(sweep: Sweep) -> Size:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class WHERE oid = %s::regclass",
            [sweep.table],
        )
        rows, size = cursor.fetchone()
    return Size(sweep.table, rows, size, sweep.model._base_manager.aggregate(oldest=Min(sweep.moment))["oldest"])


def last_run() -> tuple[datetime | None, dict[str, int]]:
    """Returns when the clean-up last ended, and its report; (None, {}) if it has never run."""
    entry = Entry.objects.filter(verb=CLEANED).order_by("-at", "-id").first()
    return (entry.at, entry.data["removed"]) if entry else (None, {})


def is_overdue() -> bool:
    """Whether no run has ended for OVERDUE_DAYS, counted from the first migration if there was none."""
    at, _ = last_run()
    if at is None:
        at = MigrationRecorder(connection).migration_qs.aggregate(first=Min("applied"))["first"]
    return at is not None and timezone.now() - at > timedelta(days=OVERDUE_DAYS)

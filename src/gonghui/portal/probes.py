"""The checks of /readyz."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from gonghui.kit import disk
from gonghui.kit.jobs import QUEUES
from gonghui.notices.queries import oldest_due

FINE = "ok"
# A worker writes a heartbeat every few seconds.
WORKER_SILENT_SECONDS = 30


def findings() -> dict[str, str]:
    """Returns FINE or the fault of disk, database, migrations and worker; without database or migrations only these."""
    return {"disk": disk.lack(settings.ENVIRONMENT.var, floor=disk.FULL) or FINE, **_database()}


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return {"database": f"cannot be reached: {type(error).__name__}"}
    states = {"database": FINE, "migrations": _migrations()}
    return states | ({"worker": _worker()} if states["migrations"] == FINE else {})


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} not applied: run gonghui migrate" if missing else FINE


def _worker() -> str:
    since = timezone.now() - timedelta(seconds=WORKER_SILENT_SECONDS)
    if ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).exists():
        return FINE
    return f"no sign of life for {WORKER_SILENT_SECONDS} seconds: start gonghui worker"


@dataclass(frozen=True)
class Waiting:
    """How long the oldest job or mail of a kind has waited, in seconds (0: none waits), and the limit."""

    what: str
    seconds: int
    patience: int


def waiting() -> list[Waiting]:
    """Returns the oldest due job of each queue, and the oldest due mail, urgent and other.

    A job of a queue that this version does not have is never run: its limit is 0.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_JOBS)
        jobs = dict(cursor.fetchall())
    return [
        *(Waiting(name, jobs.pop(name, 0), queue.patience) for name, queue in QUEUES.items()),
        *(Waiting(name, seconds, 0) for name, seconds in jobs.items()),
        Waiting("outbox_of_urgent_mail", oldest_due(urgent=True), QUEUES["urgent_mail"].patience),
        Waiting("outbox_of_mail", oldest_due(urgent=False), QUEUES["mail"].patience),
    ]


_OLDEST_JOBS = """
SELECT queue_name, extract(epoch FROM now() - coalesce(scheduled_at, (
    SELECT min(at) FROM procrastinate_events WHERE job_id = oldest.id)))::int
FROM (
    SELECT DISTINCT ON (queue_name) id, queue_name, scheduled_at FROM procrastinate_jobs
    WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() ORDER BY queue_name, id
) AS oldest
"""

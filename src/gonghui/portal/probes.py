"""What /readyz asks of the installation."""

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
# A worker gives a sign of life every few seconds.
WORKER_SILENT_SECONDS = 30


def findings() -> dict[str, str]:
    """FINE, or what is wrong, for the disk, the database, its migrations and the worker, as far as they can be asked."""
    return {"disk": disk.lack(settings.ENVIRONMENT.var, floor=disk.FULL) or FINE, **_database()}


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return {"database": f"cannot be reached: {type(error).__name__}"}
    migrations = _migrations()
    if migrations != FINE:
        return {"database": FINE, "migrations": migrations}
    return {"database": FINE, "migrations": FINE, "worker": _worker()}


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
    """How long the oldest of one kind has waited, in seconds (0: none does), and how long it may."""

    what: str
    seconds: int
    patience: int


def waiting() -> list[Waiting]:
    """The oldest job of each queue that could run, and the oldest mails that could leave, urgent and other.

    A job of a queue that this version does not know waits for ever: its patience is 0.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_JOBS)
        jobs = dict(cursor.fetchall())
    found = [Waiting(name, jobs.pop(name, 0), queue.patience) for name, queue in QUEUES.items()]
    found += [Waiting(name, seconds, 0) for name, seconds in jobs.items()]
    for name, urgent in (("urgent_mail", True), ("mail", False)):
        found.append(Waiting(f"outbox_of_{name}", oldest_due(urgent=urgent), QUEUES[name].patience))
    return found


_OLDEST_JOBS = """
SELECT queue_name, extract(epoch FROM now() - coalesce(scheduled_at, (
    SELECT min(at) FROM procrastinate_events WHERE job_id = oldest.id)))::int
FROM (
    SELECT DISTINCT ON (queue_name) id, queue_name, scheduled_at FROM procrastinate_jobs
    WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() ORDER BY queue_name, id
) AS oldest
"""

"""What /readyz asks of the installation."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from gonghui.kit import disk

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

"""The jobs of the import engine."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.imports import job
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.jobs import awaited

DAYS_KEPT = 30


@awaited("imports", waiting=lambda: Batch.objects.filter(state=ImportState.QUEUED), give_up=job.give_up)
def commit_batch(batch_id: int) -> None:
    """Commits one queued batch."""
    job.run_batch(batch_id)


@app.periodic(cron="17 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_files")
def drop_old_files(timestamp: int) -> None:
    """Runs every night: SPEC 3.4 needs a file only until its import has ended and its result was read."""
    job.drop_old_files(timezone.now() - timedelta(days=DAYS_KEPT))

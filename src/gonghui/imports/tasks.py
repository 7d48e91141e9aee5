"""The jobs of the import engine."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.imports import actions
from gonghui.imports.models import Batch, State

DAYS_KEPT = 30


@app.task(queue="imports", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
def commit_batch(batch_id: int) -> None:
    """Commit one queued batch. What goes wrong by chance is tried again after 3, 9, 27 … seconds."""
    actions.run_batch(batch_id)


@app.periodic(cron="* * * * * */20")
@app.task(queue="upkeep", queueing_lock="fail_abandoned")
def fail_abandoned(timestamp: int) -> None:
    """No import stays 「处理中」 for ever: one whose job has used up its attempts fails, with a sentence.

    A batch and its job are written in one transaction, so that a queued batch without a job has none coming.
    """
    queued = set(
        Batch.objects.filter(state=State.QUEUED).values_list("pk", flat=True)
    )  # before their jobs: none is missed
    jobs = ProcrastinateJob.objects.filter(task_name=commit_batch.name, status__in=("todo", "doing"))
    for batch_id in queued - {args["batch_id"] for args in jobs.values_list("args", flat=True)}:
        actions.give_up(batch_id)


@app.periodic(cron="17 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_files")
def drop_old_files(timestamp: int) -> None:
    """Every night; SPEC 3.4 needs a file only until its import has ended and been looked at."""
    actions.drop_old_files(timezone.now() - timedelta(days=DAYS_KEPT))

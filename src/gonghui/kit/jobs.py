"""Background jobs: deferred inside the caller's transaction, run at least once, taken up again when a worker dies."""

from collections.abc import Sequence
from typing import Any

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

STALLED_AFTER_SECONDS = 12
"""A worker that has not given a sign of life for so long is dead; it gives one every 3 seconds (settings.py)."""

MAX_ATTEMPTS = 12
"""A job that has been taken up so often and still killed its worker each time is not taken up again."""


def defer(task: Any, **arguments: Any) -> int:
    """Queue ``task`` in the current transaction: it runs if and only if that commits. Returns the job's id."""
    return task.defer(**arguments)


def defer_many(task: Any, arguments: Sequence[dict[str, Any]]) -> None:
    """As ``defer``, once for each set of arguments, by one statement."""
    if arguments:
        task.batch_defer(*arguments)


@app.periodic(cron="* * * * * */5")
@app.task(queue="upkeep", queueing_lock="rescue", pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of a killed worker to a living one; procrastinate itself leaves them ``doing`` for ever.

    With the time a worker may sleep before it looks for jobs (5 s) that is 22 s after the kill at the latest.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.attempts < MAX_ATTEMPTS:
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, Status.FAILED, delete_job=False)

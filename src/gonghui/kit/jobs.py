"""Background jobs: deferred inside the caller's transaction, run at least once, taken up again when a worker dies."""

from typing import Any

from procrastinate.contrib.django import app

# A worker that has not given a sign of life for so long is dead, and its jobs are taken up by others.
STALLED_AFTER_SECONDS = 20


def defer(task: Any, **arguments: Any) -> int:
    """Queue ``task`` in the current transaction: it runs if and only if the transaction commits. Returns the job's id."""
    return task.defer(**arguments)


@app.periodic(cron="* * * * * */10")
@app.task(queue="upkeep", queueing_lock="rescue", pass_context=True)
async def rescue_stalled_jobs(context, timestamp: int) -> None:
    """Give the jobs of a killed worker to a living one; procrastinate itself leaves them ``doing`` for ever."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(job)

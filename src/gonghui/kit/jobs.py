"""Background jobs: deferred inside the caller's transaction, run at least once, taken up again when a worker dies.

Each urgency is a queue with its own slots, so that slow or hanging work (a mail server) does not block other work.

A job that a user waits for is ``awaited``: however it ends, its row does not show 「正在…」 permanently.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import JobDeferrer, Status
from procrastinate.manager import JobManager
from procrastinate.signals import on_stop

from gonghui.kit.database.queue import WorkerConnector, worker_connector
from gonghui.kit.hooks import Registry

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Queue:
    """``slots``: so many of its jobs run at once in a worker. ``patience``: seconds after which a job that still waits
    for a slot is a fault (``gonghui check``). ``prompt``: its jobs start at once, others within five seconds.
    """

    slots: int
    patience: int
    prompt: bool = False


QUEUES = {
    "rescue": Queue(slots=1, patience=60),  # separate: it must run in any case
    "urgent_mail": Queue(slots=1, patience=300, prompt=True),  # a user waits for it
    "imports": Queue(slots=3, patience=900, prompt=True),
    "mailings": Queue(slots=1, patience=3600),
    "mail": Queue(slots=1, patience=4 * 3600),  # 200,000 at 40 a second take an hour and a half
    "upkeep": Queue(slots=2, patience=900),  # two: a long one of the night does not hold up the frequent ones
}
"""Every queue there is. A task names one of these; a worker serves all."""

STALLED_AFTER_SECONDS = 12
"""A worker without a heartbeat for this time is dead; it sends one every 3 seconds (settings.py)."""

MAX_ATTEMPTS = 12
"""A job that was started this often, and killed its worker each time, is not started again."""

STOP_SECONDS = 20
"""Time for running jobs to finish when the worker stops; then they are asked to abort (``JobContext.should_abort``)."""

_OWN_CONNECTIONS = 2
"""Connections with which the queues fetch jobs; the jobs use Django's connections."""

_SPARE_THREADS = 4
"""For other asyncio work in threads (resolving host names), so that it never waits for a job."""


def defer(task: Any, **arguments: Any) -> int:
    """Queues ``task`` in the current transaction: it runs if and only if that commits. Returns the job's id."""
    return _deferrer(task).defer(**arguments)


def defer_at(task: Any, at: datetime, **arguments: Any) -> int:
    """As ``defer``, but the job runs at ``at`` or later."""
    return JobDeferrer(JobManager(DjangoConnector()), task.configure(schedule_at=at).job).defer(**arguments)


def defer_many(task: Any, arguments: Sequence[dict[str, Any]]) -> None:
    """As ``defer``, once for each set of arguments, by one statement."""
    if arguments:
        _deferrer(task).batch_defer(*arguments)


def _deferrer(task: Any) -> JobDeferrer:
    """Uses Django's connection, also inside a job: a worker's own would commit even if the caller is rolled back."""
    return JobDeferrer(JobManager(DjangoConnector()), task.configure().job)


class TryAgain(Exception):
    """Raised by an awaited job for a failure that may be gone in its next run."""


DATABASE_LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
"""A lost connection, a deadlock, a wait that took too long: not an error of the job. The last two come from COPY."""

_later = RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=(*DATABASE_LOST, TryAgain))


@dataclass(frozen=True)
class Awaited:
    """``waiting`` returns all rows whose task is deferred and has not ended. ``give_up`` ends one of them
    with a sentence and a remedy for the user, or does nothing if it has ended.
    """

    waiting: Callable[[], QuerySet[Any]]
    give_up: Callable[[int], None]


AWAITED: Registry[Awaited] = Registry()
"""By the task's name."""


def awaited(
    queue: str, *, waiting: Callable[[], QuerySet[Any]], give_up: Callable[[int], None]
) -> Callable[[Callable[[int], None]], Any]:
    """Makes a task of a function with one argument, the id of the row that a user waits for. See ``Awaited``.

    A lost database and ``TryAgain`` cause another run after 3, 9, 27 … seconds. Any other exception would be repeated,
    so the row is given up at once. ``give_up_abandoned`` gives up a row whose runs are used up, or have killed the
    worker too often. The row and its job must be written in one transaction.
    """

    def made(function: Callable[[int], None]) -> Any:
        @wraps(function)
        def run(*args: int, **arguments: int) -> None:
            (pk,) = (*args, *arguments.values())
            try:
                function(pk)
            except (*DATABASE_LOST, TryAgain):
                raise
            except Exception:
                give_up(pk)
                raise  # into the log

        task = app.task(queue=queue, retry=_later)(run)
        AWAITED.register(task.name, Awaited(waiting, give_up))
        return task

    return made


@app.periodic(cron="* * * * * */20")
@app.task(queue="upkeep", queueing_lock="give_up_abandoned")
def give_up_abandoned(timestamp: int) -> None:
    """Gives up awaited rows without a job; an error with one row does not stop the others."""
    from procrastinate.contrib.django.models import ProcrastinateJob

    for name, task in AWAITED.items():
        waiting = set(task.waiting().values_list("pk", flat=True))  # before their jobs: none is missed
        jobs = ProcrastinateJob.objects.filter(task_name=name, status__in=("todo", "doing")) if waiting else ()
        for pk in waiting - {pk for job in jobs for pk in job.args.values()}:
            try:
                task.give_up(pk)
            except Exception:
                logger.exception("%s cannot be given up", name)


@app.periodic(cron="* * * * * */5")
@app.task(queue="rescue", queueing_lock="rescue", pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Gives the jobs of a killed worker to a living one; procrastinate itself leaves them in ``doing``.

    A worker may sleep 5 s before it fetches jobs, so a job restarts 22 s after the kill at the latest.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        if job.attempts < MAX_ATTEMPTS:
            await manager.retry_job(job)
        else:
            await manager.finish_job(job, Status.FAILED, delete_job=False)


def run_worker() -> int:
    """Runs all queues, each with its own slots. Returns 0 after SIGINT or SIGTERM, 1 after a failure (a lost database):
    then the process supervisor starts the worker again.
    """
    connector = worker_connector(min_size=1, max_size=_OWN_CONNECTIONS)
    with app.replace_connector(connector):
        return asyncio.run(_run_queues(connector))


async def _run_queues(connector: WorkerConnector) -> int:
    # Jobs run in the loop's threads. By default these are as few as five, for all queues together.
    threads = sum(queue.slots for queue in QUEUES.values()) + _SPARE_THREADS
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="job"))
    stop = asyncio.Event()
    async with app.open_async():
        workers = [asyncio.create_task(_run_queue(name, queue), name=name) for name, queue in QUEUES.items()]
        with on_stop(stop.set):
            asked, lost = asyncio.create_task(stop.wait()), asyncio.create_task(connector.lost.wait())
            # No other worker serves the queue of one that has ended: then all end.
            ended, _ = await asyncio.wait([asked, lost, *workers], return_when=asyncio.FIRST_COMPLETED)
        for task in (asked, lost, *workers):
            task.cancel()
        ends = await asyncio.gather(*workers, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            logger.error("The worker ends: %s", end)
    return 0 if asked in ended else 1


async def _run_queue(name: str, queue: Queue) -> None:
    await app.run_worker_async(
        queues=[name],
        name=name,
        concurrency=queue.slots,
        listen_notify=queue.prompt,
        install_signal_handlers=False,
        shutdown_graceful_timeout=STOP_SECONDS,
    )

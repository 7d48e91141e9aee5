"""Queues and slots: every task has its place, no urgency waits for another, and a job stands or falls with its cause."""

import ast
import asyncio
import inspect
import re
import signal
import threading
import time

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.kit import jobs
from gonghui.kit.database.queue import worker_connector
from gonghui.kit.jobs import QUEUES, defer, defer_many
from tests.jobs import run_jobs
from tests.test_architecture import ROOT, SOURCES, sources, tree_of

pytestmark = pytest.mark.server

OURS = {name: task for name, task in app.tasks.items() if name.startswith("gonghui.")}


def test_every_task_names_a_queue_that_has_slots():
    assert len(OURS) > 10
    assert {name: task.queue for name, task in OURS.items() if task.queue not in QUEUES} == {}
    assert [name for name, queue in QUEUES.items() if queue.slots < 1 or queue.patience < 1] == []
    assert {task.queue for task in OURS.values()} == set(QUEUES), "a queue that no task names"


def test_no_two_urgencies_share_slots():
    """Mail that somebody waits for, mail to many, imports, and upkeep: what hangs holds its own alone."""
    queue_of = {name.rpartition(".")[2]: task.queue for name, task in OURS.items()}
    apart = ["send_urgent", "send_bulk", "commit_batch", "tell", "settle_overdue", "rescue_stalled_jobs"]
    assert len({queue_of[name] for name in apart}) == len(apart)


def test_the_operators_handbook_has_the_same_table():
    rows = re.findall(
        r"\| `(\w+)` \| (\d) \| [^|]+ \| (\d+) (minute|hour)", (ROOT / "docs" / "operations.md").read_text()
    )
    seconds = {"minute": 60, "hour": 3600}
    told = {name: (int(slots), int(number) * seconds[unit]) for name, slots, number, unit in rows}
    assert told == {name: (queue.slots, queue.patience) for name, queue in QUEUES.items()}


def test_a_worker_needs_no_more_connections_than_its_pool_gives(settings):
    """Jobs that are coroutines do not touch the database by Django."""
    slots = sum(
        queue.slots
        for name, queue in QUEUES.items()
        if any(task.queue == name and not inspect.iscoroutinefunction(task.func) for task in OURS.values())
    )
    assert slots <= settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]


def test_jobs_are_deferred_in_one_place_only():
    """`task.defer` would commit by itself inside a job (below). `QuerySet.defer` names columns."""
    calls = {
        str(path.relative_to(SOURCES))
        for path in sources("src")
        for call in ast.walk(tree_of(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"defer", "batch_defer", "defer_async", "batch_defer_async"}
        and not (call.args and all(isinstance(argument, ast.Constant) for argument in call.args))
    }
    assert calls == {"kit/jobs.py"}


@pytest.fixture
def inside_a_job():
    """Runs a function as a job; gives a function that takes it."""
    found: list = []

    @app.task(queue="test_outer", name="tests.outer")
    def outer() -> None:
        found.pop()()

    @app.task(queue="test_inner", name="tests.inner")
    def inner(number: int = 0) -> None:
        """Does nothing."""

    def run(function) -> None:
        found.append(lambda: function(inner))
        defer(outer)
        run_jobs("test_outer")

    yield run
    del app.tasks["tests.outer"], app.tasks["tests.inner"]


def waiting_inner() -> int:
    return ProcrastinateJob.objects.filter(task_name="tests.inner").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits", [True, False])
def test_a_job_deferred_by_a_job_stands_or_falls_with_its_transaction(inside_a_job, commits):
    def work(inner) -> None:
        with transaction.atomic():
            defer(inner)
            defer_many(inner, [{"number": 1}, {"number": 2}])
            elsewhere = []
            other = threading.Thread(target=lambda: elsewhere.append(_seen_by_another()))
            other.start()
            other.join()
            assert elsewhere == [0], "another connection sees it before the commit"
            if not commits:
                transaction.set_rollback(True)

    inside_a_job(work)
    assert waiting_inner() == (3 if commits else 0)
    assert not ProcrastinateJob.objects.filter(task_name="tests.outer").exclude(status="succeeded").exists()


def _seen_by_another() -> int:
    try:
        return waiting_inner()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_worker_has_a_thread_for_each_slot(monkeypatch):
    """asyncio's own pool has five threads on a machine of one core; eight jobs that wait must not keep out a ninth."""
    began = threading.Semaphore(0)
    enough = threading.Event()
    names = [f"test_slots_{number}" for number in range(3)]
    monkeypatch.setattr(jobs, "QUEUES", {name: jobs.Queue(slots=8, patience=1, prompt=True) for name in names})

    @app.task(queue="test_slots_0", name="tests.wait")
    def wait() -> None:
        began.release()
        enough.wait(30)

    deferrals = [wait.configure(queue=name) for name in names for _ in range(8)]
    for deferral in deferrals:
        deferral.defer()

    async def run() -> None:
        worker = asyncio.create_task(jobs._run_queues(connector))
        started = time.monotonic()
        count = 0
        while count < len(deferrals) and time.monotonic() - started < 20:
            count += began.acquire(blocking=False)
            await asyncio.sleep(0.01)
        enough.set()
        assert count == len(deferrals)
        signal.raise_signal(signal.SIGTERM)
        assert await worker == 0

    connector = worker_connector(min_size=1, max_size=2)
    try:
        with app.replace_connector(connector):
            asyncio.run(run())
    finally:
        del app.tasks["tests.wait"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_cannot_write_what_became_of_a_job_ends(monkeypatch):
    """Else the job stays 「doing」 with a worker that gives signs of life, and nobody takes it up again."""
    rename = "ALTER FUNCTION {}(bigint, procrastinate_job_status, boolean) RENAME TO {}"
    finish, away = "procrastinate_finish_job_v1", "procrastinate_finish_job_away"
    monkeypatch.setattr(jobs, "QUEUES", {"test_lost": jobs.Queue(slots=1, patience=1, prompt=True)})

    def execute(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    @app.task(queue="test_lost", name="tests.lose")
    def lose() -> None:
        execute(rename.format(finish, away))
        connection.close()

    connector = worker_connector(min_size=1, max_size=2)
    lose.configure().defer()
    try:
        with app.replace_connector(connector):
            assert asyncio.run(asyncio.wait_for(jobs._run_queues(connector), 20)) == 1
        assert ProcrastinateJob.objects.get(task_name="tests.lose").status == "doing"
    finally:
        del app.tasks["tests.lose"]
        execute(rename.format(away, finish))

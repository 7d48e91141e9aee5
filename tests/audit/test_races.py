"""Sealing while others write: late commits, writers at once, a sealer that is killed (SPEC 7.6)."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from gonghui.audit import heads, sealing
from gonghui.audit.actions import record
from gonghui.audit.models import Seal
from gonghui.audit.sealing import seal_next, seal_waiting
from gonghui.audit.verification import Verification
from tests.audit.chains import apart, findings, sealed, write

__all__ = ["apart"]  # a fixture
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


class Worker(threading.Thread):
    """Runs a job with a connection of its own; ``problem`` is what it raised."""

    problem: BaseException | None = None

    def __init__(self, job: Callable[..., Any], *arguments: Any) -> None:
        super().__init__()
        self.job, self.arguments = job, arguments
        self.start()

    def run(self) -> None:
        try:
            self.job(*self.arguments)
        except BaseException as problem:  # noqa: BLE001
            self.problem = problem
        finally:
            connections["default"].close()


def ended(*workers: Worker) -> None:
    for worker in workers:
        worker.join()
    assert [worker.problem for worker in workers] == [None] * len(workers)


@contextmanager
def until_the_end(*jobs: Callable[[], Any]) -> Iterator[None]:
    """Runs each job again and again beside what is inside."""
    stop = threading.Event()

    def again(job: Callable[[], Any]) -> None:
        while not stop.is_set():
            job()

    workers = [Worker(again, job) for job in jobs]
    yield
    stop.set()
    ended(*workers)


def test_what_is_committed_late_is_sealed_then_and_is_no_alarm():
    """A transaction draws a number, others go past it and are sealed, and only then it commits."""
    drawn, may_commit, late = threading.Event(), threading.Event(), []

    def slow() -> None:
        with transaction.atomic():
            late.append(record("account.signed_in", by=None).pk)
            drawn.set()
            may_commit.wait(30)

    worker = Worker(slow)
    assert drawn.wait(30)
    ids = sealed(3)
    assert late[0] < ids[0]
    assert seal_next() == 0
    assert findings() == []
    may_commit.set()
    ended(worker)
    sealed(1)
    assert late[0] in Seal.objects.latest("number").ids
    run = Verification()
    assert run.run(heads.kept()) == []
    assert run.unsealed == {}


def test_a_gap_is_not_given_up_while_a_younger_transaction_than_the_last_ended_one_may_fill_it(monkeypatch):
    """Of two writers the older one, which has drawn the higher number, is done first; the other takes an hour."""
    began, drawn, may_commit, late = threading.Event(), threading.Event(), threading.Event(), []

    def older() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")
            began.set()
            assert drawn.wait(30)
            record("account.signed_in", by=None)

    def younger() -> None:
        with transaction.atomic():
            late.append(record("account.signed_in", by=None).pk)
            drawn.set()
            may_commit.wait(30)

    sealed(1)
    first = Worker(older)
    assert began.wait(30)
    second = Worker(younger)
    ended(first)
    assert seal_next() == 1
    hour_later = time.time() + 3600
    monkeypatch.setattr(sealing.time, "time", lambda: hour_later)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")  # others go on meanwhile
    sealed(1)
    may_commit.set()
    ended(second)
    sealed(1)
    assert late[0] in Seal.objects.latest("number").ids


def test_sealing_waits_for_no_writer_and_no_writer_for_it():
    """Each goes on while the other's transaction is open."""
    drawn, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(1)
            drawn.set()
            may_commit.wait(30)

    worker = Worker(slow)
    assert drawn.wait(30)
    began = time.monotonic()
    with transaction.atomic():
        assert len(sealed(2)) == 2
        other = Worker(write, 2)
        ended(other)
    assert time.monotonic() - began < 20
    may_commit.set()
    ended(worker)


def _writes(chance: random.Random, written: list[int]) -> None:
    """Twenty-five random transactions, every fifth rolled back; ``written``: what was committed."""
    for _ in range(25):
        with transaction.atomic():
            ids = write(chance.randint(1, 4))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [chance.random() / 100])
            if chance.random() < 0.2:
                transaction.set_rollback(True)
                ids = []
        written.extend(ids)


def test_writers_at_once_and_rolled_back_ones_never_give_a_false_alarm(monkeypatch):
    """Randomised: four writers, two sealers and a verifier at once.

    A writer draws its entry's number a moment before its transaction's, so that a gap may seem to be nobody's any more: a
    little grace is for that moment, however busy the machine is.
    """
    monkeypatch.setattr(sealing, "BATCH", 7)
    monkeypatch.setattr(sealing, "GRACE_SECONDS", 10)
    seed, written = random.randrange(10**6), []

    def verify() -> None:
        assert Verification().run() == [], seed

    with until_the_end(seal_next, seal_next, verify):
        ended(*(Worker(_writes, random.Random(seed + number), written) for number in range(4)))
    while seal_next():
        pass
    held = [pk for seal in Seal.objects.all() for pk in seal.ids]
    assert sorted(held) == sorted(written), seed
    run = Verification()
    assert run.run() == [], seed
    assert run.unsealed == {}


def test_sealing_that_is_ended_half_way_goes_on_and_seals_nothing_twice(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 3)
    ids = write(8)
    save, saved = Seal.objects.create, []

    def killed(**values):
        saved.append(values)
        if len(saved) == 2:
            raise KeyboardInterrupt
        return save(**values)

    monkeypatch.setattr(Seal.objects, "create", killed)
    with pytest.raises(KeyboardInterrupt):
        seal_waiting()
    assert [seal.ids for seal in Seal.objects.order_by("number")] == [ids[:3]]
    assert heads.kept() == []
    seal_waiting()
    assert [pk for seal in Seal.objects.order_by("number") for pk in seal.ids] == ids
    assert findings() == []

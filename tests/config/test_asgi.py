"""The queue for the threads of pages: a rush is served in turn, a standstill is told at once."""

import asyncio
import time
from collections.abc import Callable

import pytest

from gonghui.config import asgi
from gonghui.kit import deadlines

WORK_SECONDS, QUEUE_SECONDS, MAX_QUEUE_SECONDS = 0.1, 1.0, 2.5
"""One after the other, fifteen works take longer than the queue waits for a database that answers nobody."""


@pytest.fixture
def ask(monkeypatch):
    """Sends so many works to one thread; returns which of them were done, in the order of their arrival."""
    monkeypatch.setattr(asgi, "QUEUE_SECONDS", QUEUE_SECONDS)
    monkeypatch.setattr(asgi, "MAX_QUEUE_SECONDS", MAX_QUEUE_SECONDS)
    threads = asgi.Threads(1, "test")

    def send(works: int, answer: Callable[[], None]) -> list[bool]:
        def work() -> float:
            time.sleep(WORK_SECONDS)
            answer()
            return time.monotonic()

        async def all_at_once() -> list:
            return await asyncio.gather(*(threads.run(work) for _ in range(works)), return_exceptions=True)

        ends = asyncio.run(all_at_once())
        done = [end for end in ends if not isinstance(end, TimeoutError)]
        assert done == sorted(done), "in turn"
        return [not isinstance(end, TimeoutError) for end in ends]

    return send


def test_who_waits_is_served_as_long_as_the_database_answers_others(ask):
    assert ask(15, deadlines.note_answer) == [True] * 15


def test_who_waits_is_refused_when_the_database_answers_nobody(ask):
    done = ask(20, lambda: None)
    assert done[0] is True
    assert done[-1] is False


def test_nobody_waits_without_an_end_and_a_refused_one_keeps_no_thread(ask):
    done = ask(40, deadlines.note_answer)
    assert done[:15] == [True] * 15
    assert done[-1] is False
    assert ask(5, deadlines.note_answer) == [True] * 5

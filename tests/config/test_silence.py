"""A silent database, a slow statement, a slow client: other requests are still served."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, build_opener

import psutil
import psycopg
import pytest

from gonghui.config.asgi import BODY_SECONDS, PAGE_THREADS
from gonghui.kit import deadlines, postgres
from tests import prepared
from tests.stack import Visitor, environment, free_port, wait_for

PAGE_ANSWER_SECONDS = 10
BUSY_MACHINE_SECONDS = 5


@dataclass
class Answer:
    status: int
    words: str
    headers: Message
    seconds: float


class Stack:
    """A separate empty database with ``gonghui serve`` and ``gonghui worker``."""

    def __init__(self, var: Path) -> None:
        self.env = environment(var, GONGHUI_DEMO="1", PORT=str(port := free_port()))
        self.log, self.address = var.with_name("log"), f"http://127.0.0.1:{port}"
        self.port = port
        prepared.migrated(var)
        self.server = postgres.start(var / "postgres")
        self.processes: list[subprocess.Popen] = []

    def begin(self, name: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "gonghui.config.cli", name]
        with self.log.open("ab") as log:
            self.processes.append(subprocess.Popen(command, env=self.env, stdout=log, stderr=log))
        return self.processes[-1]

    def end(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.server.stop()

    def get(self, path: str, **headers: str) -> Answer:
        begun = time.monotonic()
        try:
            with build_opener().open(Request(self.address + path, headers=headers), timeout=60) as answer:  # noqa: S310 (our own address)
                return Answer(answer.status, answer.read().decode(), answer.headers, time.monotonic() - begun)
        except HTTPError as error:
            return Answer(error.code, error.read().decode(), error.headers, time.monotonic() - begun)

    def serves(self) -> bool:
        with suppress(OSError):
            return self.get("/").status == 200
        return False

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Suspends all processes of the database: the kernel accepts connections, but no answer comes."""
        postmaster = psutil.Process(int((self.server.data_dir / "postmaster.pid").read_text().split()[0]))
        stopped = [postmaster]
        postmaster.send_signal(signal.SIGSTOP)  # first, so that it starts no other processes
        for process in postmaster.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)
                stopped.append(process)
        try:
            yield
        finally:
            for process in stopped:
                process.send_signal(signal.SIGCONT)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Every statement on the table waits: as slow as the slowest."""
        with psycopg.connect(self.server.owner_url) as connection:
            connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("silence") / "var")
    stack.begin("serve")
    try:
        wait_for(stack.serves)
        yield stack
    finally:
        stack.end()


def test_while_the_database_is_silent_pages_say_so_and_the_rest_goes_on(stack):
    worker, asset = stack.begin("worker"), "/static/emblem.svg"
    wait_for(lambda: "worker" not in stack.get("/readyz").words or '"worker": "ok"' in stack.get("/readyz").words)
    with ThreadPoolExecutor(40) as visitors, stack.silent():
        waiting = [visitors.submit(stack.get, "/") for _ in range(19)]
        waiting.append(visitors.submit(stack.get, "/", **{"HX-Request": "true"}))
        time.sleep(1)  # all of them wait by now
        others = [stack.get(path) for path in ("/healthz", asset, "/healthz", asset)]
        answers = [future.result() for future in waiting]
        answers.append(stack.get("/"))  # no connection is left in the pool
        # One wait for an answer, then two for a connection: of the fetch of jobs, and of the worker's exit.
        worker.wait(deadlines.QUEUE_SILENT_SECONDS + 2 * deadlines.QUEUE_POOL_SECONDS + 30)
    assert [other.status for other in others] == [200] * 4
    assert max(other.seconds for other in others) < 1
    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < PAGE_ANSWER_SECONDS
    assert any("数据库暂时没有响应" in answer.words for answer in answers)
    assert all("刚才的操作" in answer.words and answer.headers["Retry-After"] for answer in answers)
    assert "<html" not in answers[19].words
    assert answers[19].headers["HX-Retarget"] == "#messages"
    wait_for(stack.serves, BUSY_MACHINE_SECONDS)
    with ThreadPoolExecutor(20) as visitors:
        assert {answer.status for answer in visitors.map(stack.get, ["/"] * 20)} == {200}


def test_a_page_that_is_too_slow_is_stopped_and_the_connection_stays_good(stack):
    with stack.locked("publishing_article"):
        answer = stack.get("/")
        running = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with psycopg.connect(stack.server.owner_url) as connection:
            assert connection.execute(running).fetchone() == (0,)
    assert answer.status == 503
    assert "花费的时间过长" in answer.words
    assert answer.seconds < PAGE_ANSWER_SECONDS
    assert stack.get("/").status == 200


def test_a_change_may_take_longer_than_a_page(stack):
    visitor = Visitor(stack.address)
    form = visitor.get("/accounts/password/reset/")  # a cookie and a token
    assert "csrfmiddlewaretoken" in form
    with ThreadPoolExecutor(1) as threads:
        with stack.locked("accounts_user"):
            begun = time.monotonic()
            sent = threads.submit(visitor.post, "/accounts/password/reset/", email="nobody@demo.test")
            time.sleep(deadlines.PAGE_SECONDS + deadlines.KNOCK_SECONDS + 1)
            assert not sent.done()
        assert "邮件" in sent.result()
    assert time.monotonic() - begun > deadlines.PAGE_SECONDS


def test_slow_visitors_hold_no_thread_and_are_left(stack):
    def left(request: bytes) -> tuple[float, bytes]:
        """Seconds until the server closes the connection of a client that sends no more, and the server's response."""
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", stack.port), 60) as line:
            line.sendall(request)
            words = b"".join(iter(lambda: line.recv(65536), b""))
        return time.monotonic() - begun, words

    # With the cookie the page reads the form to compare its token; without it the request would be refused unread.
    form = b"Cookie: csrftoken=%b\r\nContent-Type: application/x-www-form-urlencoded\r\n" % (b"a" * 32)
    post = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n%bContent-Length: 1000\r\n\r\nlogin=" % form
    with ThreadPoolExecutor(40) as visitors:
        bodies = [visitors.submit(left, post) for _ in range(3 * PAGE_THREADS)]
        heads = [visitors.submit(left, request) for request in (b"", b"GET / HTTP/1.1\r\nHost: localh")]
        time.sleep(1)
        assert stack.get("/").status == 200
        assert not any(future.done() for future in bodies)
        for future in (*bodies, *heads):
            assert future.result()[0] < BODY_SECONDS + BUSY_MACHINE_SECONDS
    assert all(b" 408 " in future.result()[1] for future in bodies)

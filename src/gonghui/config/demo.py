"""``gonghui demo``: sets everything up, serves it, and keeps it running until a stop signal.

This process never loads Django: it starts the embedded database, runs children that migrate and load data, and restarts
web, worker and database when they end unexpectedly (SPEC 7.4).
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

import psycopg

from gonghui.config import database
from gonghui.config.environment import BadEnvironment, Environment, read
from gonghui.demo_data.cast import PASSWORD, TOLD
from gonghui.kit import postgres

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_SECONDS = 60
STOP_SECONDS = 10
WATCH_SECONDS = 1.0
QUICK_SECONDS = 5  # a child that ends sooner than this after its start is not restarted at once


class _Stop(Exception):
    """Ctrl-C or SIGTERM."""


class DemoError(Exception):
    """The demo cannot start; the text names the reason and the log."""


@dataclass
class _Child:
    """A child process, its log, and the time of its last start."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen | None = None
    started: float = 0.0

    def start(self) -> None:
        """Start or restart; the children of a killed server are killed first."""
        if self.process:
            _kill_group(self.process)
        with self.log.open("ab") as log:
            self.process = _spawn(self.command, log)
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """The exit status, or None while it runs."""
        return self.process.poll() if self.process else 0


def run(*, small: bool = False) -> int:
    """Serve the demo until SIGINT or SIGTERM; returns the exit status. ``small``: the story of forty unions, no city."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    os.environ.setdefault("GONGHUI_BASE_URL", _address(read()).rstrip("/"))  # so that mail carries its links
    environment = read()
    _require_free(environment)
    logs = environment.var / "log"
    logs.mkdir(parents=True, exist_ok=True)
    children = [_Child("web", ("serve",), logs / "web.log"), _Child("worker", ("worker",), logs / "worker.log")]
    databases: list[postgres.Server] = []
    try:
        _set_up(environment, children, databases, logs, small=small)
        _introduce(environment, logs)
        _watch(environment, children, databases)
    except _Stop:
        pass
    except DemoError as problem:
        print(f"gonghui: {problem}", file=sys.stderr, flush=True)
        return 1
    finally:
        _shut_down(children, databases)
    return 0


def _stop(_number: int, _frame: object) -> None:
    raise _Stop


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Delay signals until the block ends, so that no database server is left half started without our reference."""
    signals = []
    for number in SIGNALS:
        signal.signal(number, lambda *_: signals.append(True))
    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, _stop)
        if signals:
            raise _Stop


def _require_free(environment: Environment) -> None:
    """Raises BadEnvironment when another process already listens on the port."""
    family = socket.AF_INET6 if ":" in environment.listen else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.listen, environment.port))
        except OSError as error:
            raise BadEnvironment(
                f"cannot listen on {environment.listen}, port {environment.port} ({error.strerror}). "
                f"Perhaps another demo runs there; choose another port: PORT={environment.port + 1} gonghui demo"
            ) from error


# Setting up


def _set_up(
    environment: Environment, children: list[_Child], databases: list[postgres.Server], logs: Path, *, small: bool
) -> None:
    with _step("Starting the database"), _undisturbed():
        if server := database.ensure(environment):
            databases.append(server)
    with _step("Bringing the database to this version"):
        _complete("migrate", logs=logs)
    with _step("Loading invented data"):
        _complete("manage", "load_demo", *(["--small"] if small else []), logs=logs, as_owner=True)
    with _step("Starting web and worker"):
        for child in children:
            child.log.write_bytes(b"")
            child.start()
        _wait_until_ready(environment, children)


@contextmanager
def _step(words: str) -> Iterator[None]:
    print(f"{words} ... ", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def _complete(*command: str, logs: Path, as_owner: bool = False) -> None:
    """Run a ``gonghui`` command to its end. Raises DemoError with the last lines of its log."""
    path = logs / f"{[word for word in command if not word.startswith('-')][-1]}.log"
    with path.open("wb") as log:
        process = _spawn(command, log, GONGHUI_DATABASE_ROLE="owner" if as_owner else "application")
    try:
        status = process.wait()
    except _Stop:
        _end([process])
        raise
    if status:
        raise DemoError(f"gonghui {' '.join(command)} failed, see {path}:\n{_tail(path)}")


def _spawn(command: Sequence[str], log: IO[bytes], **variables: str) -> subprocess.Popen:
    """Start ``gonghui COMMAND`` in its own session: Ctrl-C in the terminal only reaches this process, which stops it."""
    return subprocess.Popen(
        [sys.executable, "-m", "gonghui.config.cli", *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=os.environ | variables,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (this process has no threads)
    )


_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """Runs in the child: if the demo is killed, the kernel sends SIGTERM to the child."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_ready(environment: Environment, children: list[_Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(f"{_address(environment)}readyz"):
        for child in children:
            if child.ended() is not None:
                raise DemoError(f"{child.name} ended at once, see {child.log}:\n{_tail(child.log)}")
        if time.monotonic() > deadline:
            raise DemoError(f"no answer after {READY_SECONDS} s, see {children[0].log}:\n{_tail(children[0].log)}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 (our own address)
            return answer.status == 200
    except (URLError, OSError):
        return False


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])


def _address(environment: Environment) -> str:
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(environment.listen, environment.listen)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{environment.port}/"


def _introduce(environment: Environment, logs: Path) -> None:
    width = max(len(email) for email, _ in TOLD)
    accounts = "\n".join(f"    {email:{width}}  {role}" for email, role in TOLD)
    mail = "sent to EMAIL_URL" if environment.email_url else f"{_address(environment)}demo/mail/"
    print(
        f"\n  {environment.title}  {_address(environment)}\n\n"
        f"  Accounts, all with the password {PASSWORD}:\n{accounts}\n\n"
        f"  Mail: {mail}\n  Logs: {logs}\n\n"
        "Ctrl-C stops everything; the data stays.",
        flush=True,
    )


# Watching and stopping


def _watch(environment: Environment, children: list[_Child], databases: list[postgres.Server]) -> None:
    """Restart what ends unexpectedly, until _Stop."""
    while True:
        time.sleep(WATCH_SECONDS)
        if databases and not _database_answers(databases[-1]):
            print("The database ended; starting it again.", flush=True)
            with _undisturbed():
                databases.append(postgres.start(environment.var / "postgres"))
        for child in children:
            status = child.ended()
            if status is None or time.monotonic() - child.started < QUICK_SECONDS:
                continue
            print(f"{child.name} ended with status {status}; starting it again. Log: {child.log}", flush=True)
            child.start()


def _database_answers(server: postgres.Server) -> bool:
    """Whether the server runs. A suspended one that does not answer runs, too: a second start would not help."""
    try:
        psycopg.connect(server.app_url, connect_timeout=5).close()
    except psycopg.errors.ConnectionTimeout:
        return True
    except psycopg.OperationalError:
        return False
    return True


def _shut_down(children: list[_Child], databases: list[postgres.Server]) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    with _step("Stopping"):
        _end([child.process for child in children if child.process])
        for server in databases:
            server.leave()


def _end(processes: list[subprocess.Popen]) -> None:
    """Send SIGTERM to each, and after STOP_SECONDS SIGKILL to the rest of their sessions."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_group(process)
            process.wait()


def _kill_group(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)

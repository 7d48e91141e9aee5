"""kill -9 during an import, of the worker and of the database: in the end all rows are imported once, or none.

Real processes on a separate database: `gonghui migrate`, `gonghui worker`, and a small script that uploads.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from gonghui.kit import postgres
from tests import prepared

ROWS = 4_000
ROOT = Path(__file__).parents[2]
GONGHUI = [sys.executable, "-m", "gonghui.config.cli"]
TAKEN_UP_SECONDS = 30
PATIENCE = 120  # seconds: a busy machine is no fault

PEOPLE = """
import django; django.setup()
from tests.people import make_cast
make_cast()
"""
UPLOAD = """
import sys
import django; django.setup()
from gonghui.accounts.models import User
from gonghui.imports import actions
from gonghui.imports.hooks import KINDS
from tests.workbooks import member_row, upload
officer = User.objects.select_related("union").get(name=sys.argv[1])
first = int(sys.argv[2])
rows = (member_row(seed) for seed in range(first, first + {rows}))
print(actions.upload_workbook(officer.union, KINDS["members"], upload(rows), by=officer).pk)
"""


class Seen(NamedTuple):
    """A batch as another connection sees it."""

    state: str
    done: int
    message: str


class Installation:
    """A separate platform in a separate folder, with one worker, which is started again whenever it ends."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "GONGHUI_"))},
            "GONGHUI_VAR": str(var),
            "GONGHUI_DEMO": "1",
            "GONGHUI_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "gonghui.config.settings",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        prepared.migrated(var)
        self.log = (var / "worker.log").open("ab")
        self.server = postgres.start(var / "postgres")
        self.connection = self.connect()
        self.environment["DATABASE_URL"] = ""
        self.script(PEOPLE)
        self.start_worker()

    def script(self, text: str, *arguments: str) -> str:
        environment = self.environment | {"DATABASE_URL": self.server.app_url}
        command = [sys.executable, "-c", text, *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def upload(self, officer: str, first: int) -> int:
        """Uploads while the worker is stopped: otherwise it may be done too early."""
        self.worker.send_signal(signal.SIGSTOP)
        try:
            return int(self.script(UPLOAD.format(rows=ROWS), officer, str(first)))
        finally:
            self.worker.send_signal(signal.SIGCONT)

    def start_worker(self) -> None:
        self.worker = subprocess.Popen([*GONGHUI, "worker"], env=self.environment, stdout=self.log, stderr=self.log)

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker.wait()

    def kill_database(self) -> None:
        """Kills the database and starts it again, as any process of the platform does."""
        pid = int((self.var / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        hold, self.server = self.server, postgres.start(self.var / "postgres")
        hold.leave()

    def ask(self, query: str, *values: object) -> list[tuple]:
        """Returns the rows of a query. The connection is kept: a new one for each look takes the time of those looked at."""
        with suppress(psycopg.OperationalError):
            return self.connection.execute(query, values).fetchall()
        self.connection.close()
        self.connection = self.connect()  # the database has died since the last one
        return self.connection.execute(query, values).fetchall()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.server.owner_url, autocommit=True)

    def look(self, batch: int) -> Seen:
        return Seen(*self.ask("SELECT state, rows_done, message FROM imports_batch WHERE id = %s", batch)[0])

    def wait(self, batch: int, until: Callable[[Seen], bool], seconds: float) -> Seen:
        """Waits for a condition of the batch, and starts the worker again when it has ended, like a supervisor."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if until(state := self.look(batch)):
                    return state
            except psycopg.OperationalError:
                pass  # the database is still starting
            if self.worker.poll() is not None:
                self.start_worker()
            time.sleep(0.005)
        log = (self.var / "worker.log").read_text()[-3000:]
        raise AssertionError(f"after {seconds} s still {self.look(batch)}; the worker said:\n{log}")

    def close(self) -> None:
        self.kill_worker()
        self.connection.close()
        self.server.stop()
        self.log.close()


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


def assert_all_rows_once(installation: Installation, batch: int) -> None:
    """SPEC 3.4 and 3.2: one member per row, with a number and one membership; the counter is right, no row remains
    staged.
    """
    assert installation.ask(COUNTS, batch) == [(ROWS, ROWS, ROWS, ROWS)]
    assert installation.ask(COUNTED, batch) == [(ROWS,)]
    assert installation.ask(RECORDED, batch) == [(1,)]
    assert installation.ask("SELECT count(*) FROM members_stagedmember") == [(0,)]


COUNTS = """
SELECT count(*), count(DISTINCT number), count(DISTINCT document_hash), count(DISTINCT members_membership.id)
FROM members_member JOIN members_membership ON members_member.id = member_id WHERE batch_id = %s
"""
COUNTED = "SELECT member_count FROM unions_union u JOIN imports_batch b ON b.union_id = u.id WHERE b.id = %s"
RECORDED = "SELECT count(*) FROM audit_entry WHERE verb = 'members.imported' AND object_id = %s"


def assert_none_so_far(installation: Installation, batch: int) -> None:
    assert installation.ask("SELECT count(*) FROM members_member WHERE batch_id = %s", batch) == [(0,)]


def ended(state: Seen) -> bool:
    return state.state != "queued"


def half_way(state: Seen) -> bool:
    return 0 < state.done < ROWS


def staged(state: Seen) -> bool:
    """Whether all rows are staged: the final transaction is running."""
    return state.done == ROWS


def test_worker_killed_half_way(installation):
    batch = installation.upload("示例经办人", 0)
    installation.wait(batch, half_way, PATIENCE)
    installation.kill_worker()
    killed = time.monotonic()
    assert installation.look(batch).state == "queued"
    assert_none_so_far(installation, batch)
    before = installation.look(batch).done
    installation.start_worker()
    installation.wait(batch, lambda state: ended(state) or state.done < before, TAKEN_UP_SECONDS)
    taken_up = time.monotonic() - killed
    state = installation.wait(batch, ended, PATIENCE)
    assert state == Seen("done", ROWS, f"新增会员 {ROWS} 人。")
    assert_all_rows_once(installation, batch)
    assert taken_up < TAKEN_UP_SECONDS


def test_worker_killed_while_it_commits(installation):
    batch = installation.upload("邻家经办人", 100_000)
    installation.wait(batch, staged, PATIENCE)
    installation.kill_worker()
    assert installation.wait(batch, ended, PATIENCE).state == "done"
    assert_all_rows_once(installation, batch)


def test_database_killed_half_way(installation):
    batch = installation.upload("电机经办人", 200_000)
    installation.wait(batch, half_way, PATIENCE)
    installation.kill_database()
    assert installation.wait(batch, ended, PATIENCE).state == "done"
    assert_all_rows_once(installation, batch)

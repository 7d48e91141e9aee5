"""kill -9 during a load, of the worker and of the command: run again, the register has every line exactly once.

Real processes on a separate database, as in tests/imports/test_killed.py.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imports.test_killed import GONGHUI, PATIENCE, ROOT, Installation
from tests.registers.files import csv_of, employer_line, people_csv, person_line

ROWS = 30_000
BEGUN = """
import sys
import django; django.setup()
from pathlib import Path
from gonghui.accounts.models import User
from gonghui.registers import actions
from gonghui.registers.models import Load
by = User.objects.get(name="市总平台管理员")
path, register = Path(sys.argv[1]), sys.argv[2]
load = actions.begin(register, path.name, path.stat().st_size, by=by)
actions.add_pieces(load, [path.read_bytes()], by=by)
print(actions.check(load, by=by).pk)
"""
CONFIRMED = """
import sys
import django; django.setup()
from gonghui.accounts.models import User
from gonghui.registers import actions
from gonghui.registers.models import Load
actions.confirm(Load.objects.get(pk=sys.argv[1]), by=User.objects.get(name="市总平台管理员"))
"""
STATE = "SELECT state, rows_done, added, message FROM registers_load WHERE id = %s"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


def wait(installation: Installation, load: int, state: str, *, behind: int = 0) -> tuple:
    """Until it is in this state, with so many lines done."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = installation.ask(STATE, load)[0]
        if found[0] == state and found[1] >= behind:
            return found
        if installation.worker.poll() is not None:
            installation.start_worker()
        time.sleep(0.005)
    log = (installation.var / "worker.log").read_text()[-3000:]
    raise AssertionError(f"still {found}; the worker said:\n{log}")


def test_worker_killed_in_the_check_and_in_the_load(installation):
    path = installation.var / "employers.csv"
    path.write_bytes(csv_of(map(employer_line, range(ROWS))))
    load = int(installation.script(BEGUN, str(path), "employers"))
    wait(installation, load, "checking", behind=1)
    installation.kill_worker()
    assert installation.ask("SELECT count(*) FROM unions_registeredemployer") == [(0,)]
    wait(installation, load, "waiting")
    assert installation.ask("SELECT rows_new, rows_wrong FROM registers_load WHERE id = %s", load) == [(ROWS, 0)]
    installation.script(CONFIRMED, str(load))
    wait(installation, load, "loading", behind=1)
    installation.kill_worker()
    ((so_far,),) = installation.ask("SELECT count(*) FROM unions_registeredemployer")
    assert 0 < so_far < ROWS
    assert wait(installation, load, "done")[2:] == (ROWS, f"新增 {ROWS:,} 家，变更 0 家。")
    assert installation.ask("SELECT count(*), count(DISTINCT code) FROM unions_registeredemployer") == [(ROWS, ROWS)]
    assert installation.ask("SELECT count(*) FROM registers_piece") == [(0,)]


def test_command_killed_half_way_and_run_again(installation):
    path = installation.var / "members.csv"
    path.write_bytes(people_csv(map(person_line, range(ROWS // 3))))
    command = [*GONGHUI, "manage", "load_register", "members", str(path)]
    environment = installation.environment | {"DATABASE_URL": installation.server.app_url}
    killed = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    while not installation.ask("SELECT 1 FROM members_member LIMIT 1"):
        assert killed.poll() is None
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    ((load,),) = installation.ask("SELECT id FROM registers_load WHERE register = 'members'")
    assert (
        "再上传一次同一个文件" in wait(installation, load, "failed")[3]
    )  # the worker has seen that nobody works at it
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert "已载入" in done.stdout
    counts = "SELECT count(*), count(DISTINCT number), count(DISTINCT document_hash) FROM members_member"
    assert installation.ask(counts) == [(ROWS // 3,) * 3]
    stays = "SELECT count(*) FROM members_membership WHERE union_id IS NULL AND ended_on IS NULL"
    assert installation.ask(stays) == [(ROWS // 3,)]

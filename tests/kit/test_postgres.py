"""The embedded PostgreSQL starts, restarts and survives, on real servers."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from gonghui.kit import postgres
from tests.stack import wait_for


@pytest.fixture
def data_dir(tmp_path):
    """A place for a server; what still runs there after the test is stopped."""
    path = tmp_path / "postgres"
    yield path
    if path.exists():
        postgres.start(path).stop()


def postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postmaster.pid").read_text().split()[0]))


def query(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def is_up(server: postgres.Server) -> bool:
    try:
        return query(server.app_url, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_a_new_folder_gets_a_database_and_two_roles(data_dir):
    server = postgres.start(data_dir)
    assert query(server.owner_url, "SELECT current_user, current_database()") == [("gonghui_owner", "gonghui")]
    assert query(server.app_url, "SELECT current_user, current_database()") == [("gonghui", "gonghui")]
    roles = query(
        server.owner_url,
        "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname LIKE 'gonghui%' ORDER BY 1",
    )
    assert roles == [("gonghui", False, False, False), ("gonghui_owner", False, True, False)]


def test_written_rows_are_safe_and_names_sort_the_same_everywhere(data_dir):
    server = postgres.start(data_dir)
    settings = (
        "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('listen_addresses')"
    )
    assert query(server.app_url, settings) == [("on", "on", "")]
    assert query(server.app_url, "SELECT upper('é'), '单' ~ '^\\w$'") == [("É", True)]


def test_the_same_data_is_there_after_a_restart(data_dir):
    server = postgres.start(data_dir)
    query(server.owner_url, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert not is_up(server)
    assert query(postgres.start(data_dir).owner_url, "SELECT n FROM kept") == [(7,)]


def test_the_server_runs_until_the_last_user_leaves(data_dir):
    first = postgres.start(data_dir)
    second = postgres.start(data_dir)
    first.leave()
    first.leave()
    assert is_up(second)
    second.leave()
    assert not is_up(second)


def test_a_killed_user_does_not_count_as_one(data_dir):
    server = postgres.start(data_dir)
    code = f"from pathlib import Path; from gonghui.kit import postgres; s = postgres.start(Path({str(data_dir)!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", code + "; print(1, flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        server.leave()
        assert is_up(server)
        other.kill()
    postgres.start(data_dir).leave()
    assert not is_up(server)


def test_a_forked_child_neither_stops_the_server_nor_ends_our_hold(data_dir):
    server = postgres.start(data_dir)
    child = os.fork()
    if not child:
        server.leave()
        os._exit(0)
    os.waitpid(child, 0)
    postgres.start(data_dir).leave()
    assert is_up(server)


def test_what_was_committed_survives_a_killed_postmaster(data_dir):
    server = postgres.start(data_dir)
    query(server.owner_url, "CREATE TABLE kept AS SELECT 7 AS n")
    for _ in range(3):  # the dying one may still look alive to the next starter, or not
        postmaster(data_dir).kill()
        assert query(postgres.start(data_dir).owner_url, "SELECT n FROM kept") == [(7,)]


def test_a_busy_orphan_of_a_killed_postmaster_does_not_block_the_restart(data_dir, monkeypatch):
    monkeypatch.setattr(postgres, "ORPHAN_SECONDS", 1)
    server = postgres.start(data_dir)
    client = psycopg.pq.PGconn.connect(server.owner_url.encode())
    client.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
    time.sleep(0.2)
    postmaster(data_dir).kill()
    assert is_up(postgres.start(data_dir))
    client.finish()


@pytest.mark.parametrize("whose", ["a stranger's", "a zombie's"])
def test_a_stale_pid_file_with_a_number_in_use_is_seen_through(data_dir, whose):
    server = postgres.start(data_dir)
    pid_file = data_dir / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    account = {"user": data_dir.stat().st_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **account) as other:
        if whose == "a zombie's":
            other.kill()
            time.sleep(0.1)
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, data_dir.stat().st_uid, data_dir.stat().st_gid)
        assert is_up(postgres.start(data_dir))
        other.kill()


def test_an_interrupted_creation_is_begun_again(data_dir):
    half = data_dir.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert is_up(postgres.start(data_dir))


def _start(data_dir: Path) -> int:
    postgres.start(data_dir)
    return postmaster(data_dir).pid


def test_starters_at_once_share_one_server(data_dir):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_start, [data_dir] * 4))) == 1


@pytest.mark.parametrize("name", ["很长的目录名" * 12, "it's $HOME, with `odd` names"], ids=["long", "odd"])
def test_long_and_odd_paths_work(tmp_path, name):
    data_dir = tmp_path / name / "postgres"
    server = postgres.start(data_dir)
    assert is_up(server)
    assert server.socket_dir != data_dir
    assert server.socket_dir.stat().st_mode & 0o077 == 0
    postmaster(data_dir).kill()
    server = postgres.start(data_dir)
    assert is_up(server)
    server.stop()
    server.socket_dir.rmdir()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir):
    server = postgres.start(data_dir)
    assert os.getpgid(postmaster(data_dir).pid) != os.getpgid(0)
    assert os.getsid(postmaster(data_dir).pid) != os.getsid(0)
    assert is_up(server)


def test_the_users_own_postgresql_settings_do_not_reach_it(data_dir, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    assert is_up(postgres.start(data_dir))


def test_failed_statements_are_not_logged(data_dir):
    server = postgres.start(data_dir)
    query(server.owner_url, "CREATE TABLE person (name text UNIQUE)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        query(server.owner_url, "INSERT INTO person VALUES ('王小明'), ('王小明')")

    def log() -> str:
        return "".join(path.read_text() for path in (data_dir / "log").iterdir())

    wait_for(lambda: "duplicate key" in log())  # the server writes its log when it comes to it
    assert "王小明" not in log()


def test_a_server_that_cannot_start_says_why(data_dir):
    postgres.start(data_dir).stop()
    with (data_dir / "postgresql.conf").open("a") as conf:
        conf.write("shared_buffers = nonsense\n")
    with pytest.raises(postgres.PostgresError, match=r"数据目录.*\n.*(?s:.)*shared_buffers"):
        postgres.start(data_dir)
    (data_dir / "postgresql.conf").write_text((data_dir / "postgresql.conf").read_text().replace("nonsense", "16MB"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
class TestAsRoot:
    def test_the_server_runs_as_a_user_of_its_own_with_no_group_of_ours(self, data_dir):
        postgres.start(data_dir)
        process = postmaster(data_dir)
        assert process.username() == postgres.SYSTEM_USER
        assert 0 not in process.gids()
        groups = [line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "Groups:" in line]
        assert groups[0].split()[1:] == []

    def test_a_closed_folder_on_the_way_is_opened_for_passing_only(self, tmp_path):
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        server = postgres.start(closed / "var" / "postgres")
        assert is_up(server)
        assert closed.stat().st_mode & 0o777 == 0o701
        server.stop()

    def test_a_folder_of_another_user_is_served_as_that_user(self, data_dir):
        postgres.start(data_dir).stop()
        subprocess.run(["chown", "-R", "nobody", data_dir], check=True)
        server = postgres.start(data_dir)
        assert is_up(server)
        assert postmaster(data_dir).username() == "nobody"

    def test_a_folder_of_another_user_is_refused_to_others(self, data_dir):
        postgres.start(data_dir)
        postgres._let_in(data_dir.parent)
        assert "属于另一个系统用户" in as_nobody(lambda: postgres.start(data_dir))

    def test_an_ordinary_user_can_start_it(self, tmp_path):
        os.chown(tmp_path, NOBODY, NOBODY)
        postgres._let_in(tmp_path)

        def use() -> str:
            server = postgres.start(tmp_path / "var" / "postgres")
            user = postmaster(server.data_dir).username()
            rows = query(server.app_url, "SELECT 1")
            server.leave()
            return f"{user} {rows}"

        assert as_nobody(use) == "nobody [(1,)]"


NOBODY = 65534


def as_nobody(use: Callable[[], object]) -> str:
    """What `use` returns or raises in a child process that is no longer root."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            said = str(use())
        except Exception as error:  # noqa: BLE001 (whatever it is, the test wants to see it)
            said = repr(error)
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as answer:
        return answer.read().decode()

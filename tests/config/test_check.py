"""``gonghui check`` finds faults of real installations and says how to fix them."""

import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from gonghui.kit import crypto, postgres
from gonghui.kit.jobs import QUEUES, Queue
from tests import prepared
from tests.stack import environment, free_port, gonghui, wait_for

SECRET = "8cK2wq0Zr5tYx1Vn7bMd3Lf6hJp9sGaE4uRiToQy"
SEALING, LOOKUP = SECRET[::-1], SECRET.swapcase()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A migrated database."""
    var = tmp_path_factory.mktemp("check")
    prepared.migrated(var)
    server = postgres.start(var / "postgres")
    yield server
    server.stop()


def of(server: postgres.Server, **variables: str) -> dict[str, str]:
    """The environment of a real installation on the server, where only worker and mail are missing."""
    default = {
        "GONGHUI_SECRET": SECRET,
        "GONGHUI_SEALING_SECRETS": SEALING,
        "GONGHUI_LOOKUP_SECRET": LOOKUP,
        "GONGHUI_HTTPS": "1",
        "GONGHUI_BASE_URL": "https://gonghui.example.test",
        "DATABASE_URL": server.app_url,
        "DATABASE_OWNER_URL": server.owner_url,
    }
    return environment(server.data_dir.parent, **(default | variables))


def check(server: postgres.Server, **variables: str) -> str:
    """The output of the command; checks that the exit status agrees."""
    answer = gonghui("check", env=of(server, **variables))
    assert answer.returncode == ("WRONG" in answer.stdout), answer.stdout + answer.stderr
    return answer.stdout


def test_a_whole_installation_is_right(server):
    with subprocess.Popen([sys.executable, "-m", "gonghui.config.cli", "worker"], env=of(server)) as worker:
        wait_for(lambda: "worker: alive" in check(server))
        report = check(server, GONGHUI_DEMO="1")
        worker.terminate()
    assert "Everything is right." in report
    assert "database: PostgreSQL 18" in report
    assert "rights: the role gonghui may not change what is recorded" in report
    assert "clean-up: has not run yet" in report
    assert "counts: every union has as many members" in report
    assert "table procrastinate_jobs: about" in report


def test_a_missing_worker_and_missing_mail_are_told(server):
    report = check(server)
    assert "WRONG  worker: no sign of life" in report or "worker: alive" in report
    assert "WRONG  mail: EMAIL_URL is not set" in report
    assert "-> set EMAIL_URL=smtp://" in report


def test_a_mail_server_that_is_away_is_told(server):
    assert "WRONG  mail: the server does not take us" in check(server, EMAIL_URL=f"smtp://127.0.0.1:{free_port()}")


def test_what_has_waited_too_long_is_told_for_each_queue_and_for_the_mail(server):
    add_job = "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) VALUES (%s, 'x', now() - %s)"
    add_mail = (
        'INSERT INTO notices_mail ("to", subject, body_sealed, state, urgent, created_at, due_at, error)'
        " VALUES ('a@demo.test', '', '', 'waiting', %s, now(), now() - %s, '')"
    )
    with psycopg.connect(server.owner_url) as connection:
        for name, queue in QUEUES.items():
            connection.execute(add_job, [name, timedelta(seconds=queue.patience - 30)])
    report = check(server)
    assert "ok     waiting: rescue " in report
    assert "outbox_of_mail 0 s" in report
    try:
        with psycopg.connect(server.owner_url) as connection:
            for name, queue in {**QUEUES, "unheard_of": Queue(1, 0)}.items():
                connection.execute("DELETE FROM procrastinate_jobs WHERE queue_name = %s", [name])
                connection.execute(add_job, [name, timedelta(seconds=queue.patience + 30)])
            connection.execute(add_mail, [True, timedelta(minutes=6)])
            connection.execute(add_mail, [False, timedelta(hours=5)])
        report = check(server, EMAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    finally:
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("TRUNCATE procrastinate_jobs CASCADE")
            connection.execute("TRUNCATE notices_mail")
    for name in [*QUEUES, "unheard_of", "outbox_of_urgent_mail", "outbox_of_mail"]:
        assert f"WRONG  waiting: the oldest of {name} waits " in report
    assert "start another gonghui worker" in report


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"GONGHUI_SECRET": "short"}, "WRONG  environment: GONGHUI_SECRET is missing or shorter"),
        ({"GONGHUI_SECRET": "abc" * 12}, "WRONG  secret: GONGHUI_SECRET has 36 characters, but few different"),
        (
            {"GONGHUI_SECRET": LOOKUP},
            "WRONG  secrets: GONGHUI_SECRET, which signs sessions, also seals or finds people",
        ),
        ({"GONGHUI_SEALING_SECRETS": f"{SEALING} {SECRET}"}, "WRONG  secrets: GONGHUI_SECRET, which signs sessions"),
        ({"GONGHUI_SEALING_SECRETS": LOOKUP}, "WRONG  secrets: the first of GONGHUI_SEALING_SECRETS also finds people"),
        ({"GONGHUI_SEALING_SECRETS": f"{SEALING} {LOOKUP}"}, "ok     secrets: three of their own, 1 retired"),
        ({"GONGHUI_TAKE_UNBOUND": "1"}, "-> remove GONGHUI_TAKE_UNBOUND"),
        ({"GONGHUI_BASE_URL": ""}, "WRONG  address: GONGHUI_BASE_URL is not set"),
        ({"GONGHUI_HTTPS": "0", "GONGHUI_BASE_URL": "http://x.test"}, "WRONG  address: passwords and cookies"),
        ({"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "WRONG  database: connection failed"),
        ({"PORT": "http"}, "WRONG  environment: PORT='http'"),
        ({"GONGHUI_VAR": "/nonexistent"}, "WRONG  disk: /nonexistent: cannot be written to: No such file or directory"),
    ],
)
def test_a_wrong_setting_is_told(server, variables, words):
    assert words in check(server, **variables)


def test_the_owner_is_not_to_serve(server):
    report = check(server, DATABASE_URL=server.owner_url)
    assert "WRONG  rights: the application's role gonghui_owner owns" in report


def test_a_record_that_could_be_changed_is_told_and_mended_by_migrate(server):
    with psycopg.connect(server.owner_url) as owner:
        owner.execute(SQL("GRANT UPDATE ON audit_entry TO {}").format(Identifier(postgres.APPLICATION)))
    assert "WRONG  rights: the role gonghui may change what is recorded: audit_entry" in check(server)
    assert gonghui("migrate", env=of(server)).returncode == 0
    assert "ok     rights" in check(server)


def test_a_touched_entry_is_told_by_check_and_named_by_verify(server):
    """By another process, as an operator runs it; the heads lie in GONGHUI_VAR."""
    assert "entries sealed" in gonghui("audit", "seal", env=of(server)).stdout
    assert gonghui("audit", "verify", env=of(server)).returncode == 0
    report = check(server)
    assert "ok     partitions of the audit: next year's is there" in report
    assert "ok     seals of the audit: whole" in report
    assert "sealed entries are as they were" in report
    with psycopg.connect(server.owner_url) as owner:
        (touched,) = owner.execute("SELECT min(id) FROM audit_entry").fetchone()
        for table, *_ in owner.execute("SELECT relid::text FROM pg_partition_tree('audit_entry')").fetchall():
            owner.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(Identifier(table)))
        owner.execute("UPDATE audit_entry SET label = label || 'x' WHERE id = %s", [touched])
    assert f"WRONG  record: entry {touched} was changed" in check(server)
    answer = gonghui("audit", "verify", env=of(server))
    assert answer.returncode == 1
    assert f"TOUCHED  entry {touched} was changed" in answer.stdout
    with psycopg.connect(server.owner_url) as owner:
        owner.execute("UPDATE audit_entry SET label = left(label, -1) WHERE id = %s", [touched])
        for table, *_ in owner.execute("SELECT relid::text FROM pg_partition_tree('audit_entry')").fetchall():
            owner.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(Identifier(table)))
    assert "WRONG  record" not in check(server)


def test_an_empty_database_wants_migrations(server):
    empty = server.owner_url.replace("/gonghui?", "/empty?")
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE empty")
    report = check(server, DATABASE_URL=server.app_url.replace("/gonghui?", "/empty?"), DATABASE_OWNER_URL=empty)
    assert "WRONG  migrations:" in report
    assert "-> run gonghui migrate" in report


def test_values_that_are_not_bound_and_keys_that_are_retired_are_told(server):
    """By an invented mail under a retired key, first as the version before sealed, then bound."""
    retired = "9dL3xr1As6uZy2Wo8cNe4Mg7iKq0tHbF5vSjUpRz"
    keys = {"GONGHUI_SEALING_SECRETS": f"{SEALING} {retired}"}
    key_id = crypto._key_id(retired)
    for version, line in (
        (1, "WRONG  sealed values: of the version before"),
        (2, "retired keys are in use: notices_mail"),
    ):
        blob = bytes((version, len(key_id))) + key_id.encode() + bytes(40)
        with psycopg.connect(server.owner_url) as connection:
            connection.execute("DELETE FROM notices_mail")
            connection.execute(
                'INSERT INTO notices_mail ("to", subject, body_sealed, state, error) VALUES (%s, %s, %s, %s, %s)',
                ["a@example.test", "主题", blob, "waiting", ""],
            )
        assert line in check(server, **keys)
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("DELETE FROM notices_mail")

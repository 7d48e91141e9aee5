"""A real `gonghui worker` and a mail server that hangs, is slow, or serves while the worker is killed.

Real processes on a separate database, as in tests/imports/test_killed.py.
"""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.imports.test_killed import PATIENCE, UPLOAD, Installation
from tests.mailbox import Mailbox, hanging_server
from tests.stack import free_port, wait_for

CONNECTIONS_OF_A_WORKER = 12  # docs/operations.md, "Capacity"
IMPORT_SECONDS = 10
PASSWORD_SECONDS = 5

TOLD = """
import sys
import django; django.setup()
from django.db import transaction
from gonghui.accounts.models import User
from gonghui.notices.actions import notify
officer = User.objects.get(name="示例经办人")
with transaction.atomic():
    for batch in range(int(sys.argv[1]) // 500):
        notify([officer] * 500, "年检已开始")
"""
WRITTEN = """
import sys
import django; django.setup()
from gonghui.notices.actions import send_mail
for number in range(int(sys.argv[1])):
    send_mail(f"{sys.argv[2]}{number}@demo.test", "请重设密码", "链接")
"""
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gonghui'"
IMPORTED_WITHIN = "SELECT extract(epoch FROM ended_at - uploaded_at) FROM imports_batch WHERE id = "


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-mail-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


@contextmanager
def mail_to(installation: Installation, url: str) -> Iterator[None]:
    """A worker that sends to ``url``, on an empty outbox."""
    installation.kill_worker()
    installation.environment["EMAIL_URL"] = url
    _empty(installation)
    installation.start_worker()
    try:
        yield
    finally:
        installation.kill_worker()
        _empty(installation)


def _empty(installation: Installation) -> None:
    with psycopg.connect(installation.server.owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE procrastinate_jobs, notices_mail CASCADE")


def count(installation: Installation, query: str) -> int:
    return installation.ask(query)[0][0]


def test_with_the_mail_server_hanging_an_import_ends_within_ten_seconds(installation):
    with hanging_server() as server, mail_to(installation, f"smtp://127.0.0.1:{server.port}"):
        installation.script(TOLD, "5000")
        installation.script(WRITTEN, "50", "waiting")
        wait_for(lambda: len(server.connections) >= 2)  # both kinds of mail hang now
        batch = int(installation.script(UPLOAD.format(rows=5), "示例经办人", "500000"))
        state = installation.wait(batch, lambda state: state.state != "queued", PATIENCE)
        assert state.state == "done"
        assert count(installation, f"{IMPORTED_WITHIN}{batch}") < IMPORT_SECONDS
        assert count(installation, "SELECT count(*) FROM notices_mail WHERE state = 'waiting'") > 5000
        assert count(installation, CONNECTIONS) <= CONNECTIONS_OF_A_WORKER
        installation.worker.terminate()
        assert installation.worker.wait(40) == 0, "it stops within TimeoutStopSec (docs/operations.md)"


def test_a_password_mail_does_not_wait_behind_twenty_thousand_others(installation):
    """F13. The mail server takes 40 a second: the others need eight minutes."""
    mailbox = Mailbox(free_port(), seconds=0.025)
    with mailbox.up(), mail_to(installation, mailbox.url):
        installation.script(TOLD, "20000")
        wait_for(lambda: len(mailbox.messages) > 50)
        jobs = count(installation, "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'mail'")
        assert jobs < 100
        done = threading.Event()
        arrived: list[float] = []

        def watch() -> None:
            while not done.is_set():
                if not arrived and any(message["To"] == "lost0@demo.test" for message in mailbox.messages):
                    arrived.append(time.time())
                time.sleep(0.02)

        threading.Thread(target=watch, daemon=True).start()
        installation.script(WRITTEN, "1", "lost")
        wait_for(lambda: arrived)
        done.set()
        written = count(
            installation, "SELECT extract(epoch FROM created_at) FROM notices_mail WHERE \"to\" = 'lost0@demo.test'"
        )
        assert arrived[0] - float(written) < PASSWORD_SECONDS
        assert count(installation, "SELECT count(*) FROM notices_mail WHERE state = 'waiting'") > 15_000


def test_a_killed_worker_loses_no_mail_and_doubles_at_most_the_one_in_flight(installation):
    mailbox = Mailbox(free_port(), seconds=0.02)
    kills = 3
    with mailbox.up(), mail_to(installation, mailbox.url):
        installation.script(WRITTEN, "300", "each")
        for number in range(kills):
            wait_for(lambda number=number: len(mailbox.messages) > 40 * (number + 1))
            installation.kill_worker()
            installation.start_worker()
        wait_for(lambda: count(installation, "SELECT count(*) FROM notices_mail WHERE state <> 'sent'") == 0, PATIENCE)
        arrived = Counter(message["To"] for message in mailbox.messages)
    assert len(arrived) == 300
    assert sum(arrived.values()) <= 300 + kills

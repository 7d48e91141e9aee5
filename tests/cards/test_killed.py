"""kill -9 while a file is built or results are read: the state is the one before or after.

Real processes on a separate database, as in tests/imports/test_killed.py. The job is held at its last statement, the
audit's record, when all of its work is written and nothing is committed.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.imports.test_killed import PATIENCE, Installation

PEOPLE = 300

GATHERED = f"""
import sys
import django; django.setup()
from django.db import transaction
from gonghui.accounts.models import User
from gonghui.cards.orders import actions as orders
from gonghui.cards.models import UnionCode
from gonghui.cards.applications.actions import submit_batches
from gonghui.reviews.actions import decide
from gonghui.members.register.actions import add_member
from tests.factories import org_code
from tests.members.people import values
by = lambda name: User.objects.select_related("union").get(name=name)
officer, reviewer, city = by(sys.argv[1]), by(sys.argv[2]), by("市总平台管理员")
with transaction.atomic():
    UnionCode.objects.create(union=officer.union, code=org_code(officer.pk), set_by=officer)
    first = int(sys.argv[3])
    members = [add_member(officer.union, values(first + n, name="王小明"), by=officer).pk for n in range({PEOPLE})]
    (batch,) = submit_batches(officer.union, members, by=officer)
    decide(batch.review, decision="approved", opinion="", by=reviewer)
print(orders.gather("new", foreign=False, batches=[batch.pk], by=city).pk)
"""
ANSWERED = """
import sys
import django; django.setup()
from django.core.files.base import ContentFile
from gonghui.accounts.models import User
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.models import Order
from gonghui.cards.orders.sample import sample_results
city = User.objects.select_related("union").get(name="市总平台管理员")
order = orders.export_order(Order.objects.get(pk=sys.argv[1]), by=city)
print(results.upload_results(order, ContentFile(sample_results(order, failing=50), "结果.txt"), by=city).pk)
"""
COUNTS = """
SELECT (SELECT count(*) FROM cards_part WHERE order_id = %(order)s),
    (SELECT count(*) FROM cards_line WHERE order_id = %(order)s AND sequence IS NOT NULL),
    (SELECT count(*) FROM cards_line WHERE order_id = %(order)s AND state <> 'awaited'),
    (SELECT count(*) FROM cards_application JOIN cards_line ON application_id = cards_application.id
        WHERE order_id = %(order)s AND cards_application.state <> 'making'),
    (SELECT count(*) FROM cards_card JOIN cards_application ON card_id = cards_card.id
        JOIN cards_line ON application_id = cards_application.id WHERE order_id = %(order)s),
    (SELECT count(*) FROM members_member WHERE has_card AND id IN (SELECT member_id FROM cards_application
        JOIN cards_line ON application_id = cards_application.id WHERE order_id = %(order)s))
"""
FAILING = PEOPLE // 50


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


def counts(installation: Installation, order: int) -> tuple[int, ...]:
    """Parts, numbered lines, answered lines, applications that moved on, cards, members with a card."""
    with psycopg.connect(installation.server.owner_url, autocommit=True) as connection:
        return connection.execute(COUNTS, {"order": order}).fetchone()


def state(installation: Installation, order: int) -> str:
    return installation.ask("SELECT state FROM cards_order WHERE id = %s", order)[0][0]


@contextmanager
def held(installation: Installation) -> Iterator[Callable[[], None]]:
    """Blocks all records; the function waits for the job that wants to write one."""
    with psycopg.connect(installation.server.owner_url) as connection:
        connection.execute("LOCK TABLE audit_entry IN EXCLUSIVE MODE")

        def wait() -> None:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'audit_entry'::regclass"
            until(lambda: installation.ask(waiting)[0][0] > 0)

        yield wait


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except psycopg.OperationalError:
            pass  # the database is still starting
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def supervised(installation: Installation, condition: Callable[[], bool]) -> None:
    """Starts a worker again that has ended, like a supervisor."""

    def looked() -> bool:
        if installation.worker.poll() is not None:
            installation.start_worker()
        return condition()

    until(looked)


def gathered(installation: Installation, officer: str, reviewer: str, first: int) -> int:
    """An order whose file is not built yet."""
    installation.kill_worker()
    return int(installation.script(GATHERED, officer, reviewer, str(first)))


def answered(installation: Installation, order: int) -> int:
    installation.kill_worker()
    return int(installation.script(ANSWERED, str(order)))


def test_worker_killed_in_the_middle_of_a_file_and_of_its_results(installation):
    order = gathered(installation, "示例经办人", "五角场镇审核人", 1)
    with held(installation) as wait:
        installation.start_worker()
        wait()
        installation.kill_worker()
    until(lambda: counts(installation, order) == (0, 0, 0, 0, 0, 0))
    assert state(installation, order) == "building"
    supervised(installation, lambda: state(installation, order) == "ready")
    assert counts(installation, order) == (3, PEOPLE, 0, 0, 0, 0)

    answered(installation, order)
    with held(installation) as wait:
        installation.start_worker()
        wait()
        installation.kill_worker()
    until(lambda: counts(installation, order) == (3, PEOPLE, 0, 0, 0, 0))
    assert state(installation, order) == "exported"
    supervised(installation, lambda: state(installation, order) == "done")
    assert counts(installation, order) == (3, PEOPLE, PEOPLE, PEOPLE, PEOPLE - FAILING, PEOPLE - FAILING)


def test_database_killed_in_the_middle_of_the_results(installation):
    order = gathered(installation, "电机经办人", "公司工会审核人", 1_000)
    installation.start_worker()
    supervised(installation, lambda: state(installation, order) == "ready")
    answered(installation, order)
    try:
        with held(installation) as wait:
            installation.start_worker()
            wait()
            installation.kill_database()
    except psycopg.OperationalError:
        pass  # the connection that held the table died with the database
    until(
        lambda: counts(installation, order)[2:] in ((0, 0, 0, 0), (PEOPLE, PEOPLE, PEOPLE - FAILING, PEOPLE - FAILING))
    )
    supervised(installation, lambda: state(installation, order) == "done")
    assert counts(installation, order) == (3, PEOPLE, PEOPLE, PEOPLE, PEOPLE - FAILING, PEOPLE - FAILING)

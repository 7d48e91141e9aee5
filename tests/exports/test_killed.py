"""kill -9 while a list is written: nothing of it is kept, the next worker writes it once, or stops where it was called back.

Real processes on a separate database, as in tests/cards/test_killed.py: the job is held at its last statement.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cards.test_killed import held, supervised, until
from tests.imports.test_killed import Installation

ASKED = """
import sys
import django; django.setup()
from django.db import transaction
from gonghui.accounts.models import User
from gonghui.exports import actions
from gonghui.members.register.actions import add_member
from tests.exports.stories import asked
from tests.members.people import values
officer = User.objects.select_related("union").get(name=sys.argv[1])
with transaction.atomic():
    for n in range(300):
        add_member(officer.union, values(int(sys.argv[2]) + n, name="王小明"), by=officer)
print(asked(officer).pk)
"""
RECALLED = """
import sys
import django; django.setup()
from gonghui.accounts.models import User
from gonghui.exports import actions
from gonghui.exports.models import Export
actions.recall(Export.objects.get(pk=sys.argv[1]), by=User.objects.select_related("union").get(name=sys.argv[2]))
"""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


def stands(installation: Installation, export: int) -> tuple[str, int, int]:
    """State, files, and records that it was built."""
    query = """
        SELECT state, (SELECT count(*) FROM exports_file WHERE export_id = exports_export.id),
            (SELECT count(*) FROM audit_entry WHERE verb = 'export.built' AND object_id = exports_export.id)
        FROM exports_export WHERE id = %s"""
    return installation.ask(query, export)[0]


def killed_in_the_middle(installation: Installation, officer: str, first: int) -> int:
    installation.kill_worker()
    export = int(installation.script(ASKED, officer, str(first)))
    with held(installation) as wait:
        installation.start_worker()
        wait()
        installation.kill_worker()
    until(lambda: stands(installation, export) == ("building", 0, 0))
    return export


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_writes_it_once(installation):
    export = killed_in_the_middle(installation, "示例经办人", 1)
    supervised(installation, lambda: stands(installation, export) == ("ready", 1, 1))


def test_what_was_called_back_after_the_kill_is_not_written(installation):
    export = killed_in_the_middle(installation, "电机经办人", 1_000)
    installation.script(RECALLED, str(export), "电机经办人")
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s AND status IN ('todo', 'doing')"
    supervised(installation, lambda: installation.ask(waiting, "gonghui.exports.tasks.build_list")[0][0] == 0)
    assert stands(installation, export) == ("recalled", 0, 0)

"""kill -9 while an approved form is written: nothing of it is kept, the next worker writes it once.

Real processes on a separate database, as in tests/exports/test_killed.py.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cards.test_killed import held, supervised, until
from tests.imports.test_killed import Installation

APPROVED = """
import sys
import django; django.setup()
from django.db import transaction
from gonghui.accounts.models import User
from gonghui.exports import actions as disclosures
from gonghui.members.register.actions import add_member
from gonghui.national.exports import actions
from gonghui.policies.actions import set_policy
from tests.members.people import values
by = lambda name: User.objects.select_related("union").get(name=name)
officer, reviewer, city = by("示例经办人"), by("五角场镇审核人"), by("市总平台管理员")
with transaction.atomic():
    set_policy(city.union, {"export_alone_rows": 100}, by=city)
    for n in range(300):
        add_member(officer.union, values(n + 1, name="王小明"), by=officer)
disclosure = actions.ask("member", purpose="填报", by=officer)
assert disclosure.state == "pending"
disclosures.decide(disclosure, approved=True, rows=disclosure.total, by=reviewer)
print(disclosure.pk)
"""
STANDS = """
SELECT disclosure.state, form.state, (SELECT count(*) FROM national_file WHERE export_id = form.id),
    (SELECT count(*) FROM audit_entry WHERE verb = 'nationalform.built' AND object_id = form.id)
FROM exports_export AS disclosure JOIN national_export AS form ON form.disclosure_id = disclosure.id WHERE disclosure.id = %s
"""


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_writes_the_form_once(installation):
    installation.kill_worker()
    disclosure = int(installation.script(APPROVED))
    with held(installation) as wait:
        installation.start_worker()
        wait()
        installation.kill_worker()
    until(lambda: installation.ask(STANDS, disclosure)[0][:2] == ("building", "building"))
    supervised(installation, lambda: installation.ask(STANDS, disclosure)[0] == ("ready", "ready", 1, 1))

"""kill -9 of the web process and of the database in the middle of bookings: each is there whole, once, or not at all.

Real processes on a separate database, as in tests/imports/test_killed.py. Six officers' windows send groups over HTTP, and
a form that got no answer again, as one presses again. The bookings are held at their last statement, the audit's record,
when all of their work is written and nothing is committed. tests/bookings/rush.py has fifty windows without a server.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from random import Random
from threading import Event, Thread
from urllib.error import HTTPError
from uuid import uuid4

import psutil
import psycopg
import pytest

from tests.cards.test_killed import held, until
from tests.factories import PASSWORD
from tests.imports.test_killed import GONGHUI, ROOT, Installation
from tests.stack import Visitor, free_port

GROUPS = 8
"""Of each window, of each test."""
OUTAGE = 503

PREPARED = """
import json
from types import SimpleNamespace
import django; django.setup()
from django.db import transaction
from gonghui.accounts.models import User
from tests.bookings.stories import published
from tests.factories import make_member
by = lambda name: User.objects.select_related("union").get(name=name)
city, officers = by("市总平台管理员"), [by(name) for name in ("示例经办人", "邻家经办人", "电机经办人")]
with transaction.atomic():
    programme = published(SimpleNamespace(), publisher=city.union, by=city, capacity=[150, 120, 60])
    windows = [[one.email, [make_member(one.union).pk for _ in range(100)]] for one in officers * 2]
sessions = list(programme.sessions.values_list("pk", flat=True))
print(json.dumps({"programme": programme.pk, "sessions": sessions, "windows": windows}))
"""
MARKED = """
import sys
import django; django.setup()
from gonghui.accounts.models import User
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.models import Place, Programme
from tests.bookings.stories import begun
begun(Programme.objects.get(pk=sys.argv[1]))
going = Place.objects.filter(state="booked").values_list("pk", flat=True)
print(len(mark_places(list(going), came=True, by=User.objects.get(name="市总平台管理员"))))
"""
WRONG = {
    "a session's places are its people, and not too many": """
        SELECT id FROM bookings_session s WHERE taken > capacity
            OR taken <> (SELECT count(*) FROM bookings_place WHERE session_id = s.id
                AND state IN ('offered', 'booked', 'attended', 'absent'))""",
    "a share's likewise": """
        SELECT id FROM bookings_share s WHERE taken > capacity
            OR taken <> (SELECT count(*) FROM bookings_place WHERE share_id = s.id
                AND state IN ('offered', 'booked', 'attended', 'absent'))""",
    "each booking is on record once, with as many people as it has": """
        SELECT id FROM bookings_booking b WHERE (SELECT count(*) FROM bookings_place WHERE booking_id = b.id) IS DISTINCT FROM
            (SELECT sum((data->>'booked')::int + (data->>'waiting')::int) FROM audit_entry
                WHERE verb = 'booking.made' AND object_id = b.id GROUP BY object_id HAVING count(*) = 1)""",
    "nothing else is on record": """
        SELECT object_id FROM audit_entry WHERE verb = 'booking.made' AND object_id NOT IN (SELECT id FROM bookings_booking)""",
    "each booking is confirmed, or will be": """
        SELECT id FROM bookings_booking b WHERE confirmed_at IS NULL AND NOT EXISTS (SELECT FROM procrastinate_jobs
            WHERE task_name LIKE '%%confirm_booking' AND (args->>'booking_id')::bigint = b.id)""",
    "the ledger has who was there, once": """
        SELECT p.id FROM bookings_place p WHERE member_id IS NOT NULL AND (state IN ('attended', 'absent'))
            <> (1 = (SELECT count(*) FROM bookings_ledgerentry WHERE place_id = p.id))""",
}  # fmt: skip
"""What must hold at any time, and the rows of which it does not."""


class Web:
    """`gonghui serve` of an installation, with one process of pages."""

    def __init__(self, installation: Installation) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.environment = installation.environment | {"PORT": str(port), "GONGHUI_WEB_PROCESSES": "1"}
        self.log = installation.log
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([*GONGHUI, "serve"], env=self.environment, stdout=self.log, stderr=self.log)
        until(self.answers)

    def answers(self) -> bool:
        """With the database; that no worker lives is told as well, half a minute after the installation was prepared."""
        try:
            return '"database": "ok"' in Visitor(self.address).get("/readyz")
        except HTTPError as error:
            return b'"database": "ok"' in error.read()
        except (OSError, HTTPException):
            return False

    def kill(self) -> None:
        """All of its processes, at once."""
        ours = [*psutil.Process(self.process.pid).children(recursive=True), self.process]
        for one in reversed(ours):
            one.kill()
        self.process.wait()


class Window:
    """An officer's browser with members of its own."""

    def __init__(self, web: Web, programme: int, sessions: list[int], email: str, members: list[int]) -> None:
        self.visitor, self.sessions, self.members = Visitor(web.address), sessions, members
        self.book = f"/bookings/offers/{programme}/book/"
        assert "退出" in self.visitor.post("/accounts/login/", login=email, password=PASSWORD)
        page = self.visitor.get(f"/bookings/offers/{programme}/")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        self.token, self.chance = found[1], Random(members[0])
        self.answered: dict[str, int] = {}
        self.seen: set[int] = set()
        self.sending = ""

    def run(self, goes_on: Event) -> None:
        """Sends its groups; after a failure the same form again, once ``goes_on``."""
        for _ in range(GROUPS):
            size = self.chance.randint(1, 4)
            people, self.members = self.members[:size], self.members[size:]
            self.sending = str(uuid4())
            form = {
                "csrfmiddlewaretoken": self.token,
                "person": ",".join(map(str, people)),
                "session": str(self.chance.choice(self.sessions)),
                "mode": "as_many",
                "key": self.sending,
                "confirmed": "1",
            } | ({"waits": "on", "splittable": "on"} if self.chance.random() < 0.3 else {})
            while (status := self._status(form)) == OUTAGE:
                goes_on.wait()
                time.sleep(0.1)
            self.answered[self.sending] = status

    def _status(self, form: dict[str, str]) -> int:
        """200 for a booking that is shown; OUTAGE also for a broken connection."""
        try:
            answer = self.visitor.send(self.book, form)
        except HTTPError as error:
            self.seen.add(error.code)
            return error.code
        except (OSError, HTTPException):
            return OUTAGE
        assert "/bookings/booked/" in answer.url, answer.url
        return answer.status


class Rush:
    """All windows of an installation, each in a thread of its own."""

    def __init__(self, installation: Installation, web: Web) -> None:
        self.installation, self.web = installation, web
        story = json.loads(installation.script(PREPARED))
        self.programme = story["programme"]
        self.windows = [Window(web, story["programme"], story["sessions"], *one) for one in story["windows"]]

    @contextmanager
    def going_on(self) -> Iterator[Event]:
        """The block runs in the middle of the bookings; it says when whoever got no answer may send again. All are answered
        at the end, and all agrees.
        """
        goes_on, before = Event(), self._answers()
        threads = [Thread(target=window.run, args=[goes_on], daemon=True) for window in self.windows]
        for thread in threads:
            thread.start()
        until(lambda: self._answers() >= before + len(threads) * GROUPS // 3)
        yield goes_on
        goes_on.set()
        for thread in threads:
            thread.join()
        assert self._answers() == before + len(threads) * GROUPS
        self.agrees()

    def _answers(self) -> int:
        return sum(len(window.answered) for window in self.windows)

    def lost(self) -> int:
        """Forms that are sent and are no booking."""
        sent = [window.sending for window in self.windows if window.sending not in window.answered]
        ((there,),) = self.installation.ask("SELECT count(*) FROM bookings_booking WHERE key = ANY(%s::uuid[])", sent)
        return len(sent) - there

    def agrees(self) -> None:
        """What must hold at any time does; who was told of a booking has it, once, and who was refused has none."""
        assert {what: rows for what, query in WRONG.items() if (rows := self.installation.ask(query))} == {}
        keys = {str(key) for (key,) in self.installation.ask("SELECT key FROM bookings_booking")}
        told = {key: status for window in self.windows for key, status in window.answered.items()}
        assert {*told.values()} <= {200, 422}
        assert {key for key, status in told.items() if status == 200} <= keys
        assert not {key for key, status in told.items() if status == 422} & keys
        assert set().union(*(window.seen for window in self.windows)) <= {422, OUTAGE}


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="gonghui-killed-") as folder:
        installation = Installation(Path(folder))
        yield installation
        installation.close()


@pytest.fixture(scope="module")
def rush(installation: Installation) -> Iterator[Rush]:
    web = Web(installation)
    yield Rush(installation, web)
    web.kill()


def test_web_process_killed_in_the_middle_of_bookings(installation, rush):
    with rush.going_on() as goes_on:
        with held(installation) as wait:
            wait()
            rush.web.kill()
        rush.web.start()
        assert rush.lost()
        rush.agrees()
        goes_on.set()


def test_database_killed_in_the_middle_of_bookings(installation, rush):
    """First the process of one booking, after which PostgreSQL ends all others and recovers; then PostgreSQL itself."""
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'audit_entry'::regclass"
    with rush.going_on() as goes_on:
        try:
            with held(installation) as wait:
                wait()
                os.kill(installation.ask(waiting)[0][0], signal.SIGKILL)
                until(rush.web.answers)
        except psycopg.OperationalError:
            pass  # the connection that held the table died with the others
        until(rush.web.answers)
        assert rush.lost()
        rush.agrees()
        goes_on.set()
    with rush.going_on() as goes_on:
        try:
            with held(installation) as wait:
                wait()
                installation.kill_database()
        except psycopg.OperationalError:
            pass  # likewise
        until(rush.web.answers)
        assert rush.lost()
        rush.agrees()


def test_killed_while_it_is_written_who_came(installation, rush):
    command = [sys.executable, "-c", MARKED, str(rush.programme)]
    environment = installation.environment | {"DATABASE_URL": installation.server.app_url}
    with held(installation) as wait:
        marking = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        wait()
        marking.kill()
        marking.communicate()
    ((booked,),) = installation.ask("SELECT count(*) FROM bookings_place WHERE state = 'booked'")
    assert booked
    rush.agrees()
    assert int(installation.script(MARKED, str(rush.programme))) == booked
    assert installation.ask("SELECT count(*) FROM bookings_ledgerentry") == [(booked,)]
    rush.agrees()

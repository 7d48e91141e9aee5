"""The record of acts: `python bench/audit.py [--entries N] [--members N] [--keep FOLDER]` (SPEC 7.2, 7.6).

The register gets so many entries over three years, of all unions and forty verbs. Then each search of 「审计查询」 and a
member's 「查阅记录」 is asked, in units of `SELECT 1`; the entries are sealed and verified by processes of their own, as
the worker and an operator do, and meanwhile an officer's page takes turns with the same page at rest.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

import psycopg
import register
from turns import in_turn

TIMES, RATIO = 100, 1.5
"""Goals: the median of a search in units of `SELECT 1`, and that of a page beside sealing in units of the page at rest."""
TURNS, PAGES, REST = 15, 40, 2
START = 2.0
"""Seconds of processor time in which Python and the platform start."""
ACTS = {
    "seal, for a minute": ["manage", "shell", "-c", "from gonghui.audit.sealing import seal_waiting; seal_waiting(60)"],
    "verify": ["audit", "verify"],
}

ENTRIES = """
INSERT INTO audit_entry (at, verb, actor_id, actor_label, union_id, object_type, object_id, label, data, address, request_id)
SELECT now() - (%(entries)s - n) * (interval '3 years' / %(entries)s),
    (%(verbs)s::text[])[1 + least(n %% 40, n %% 97, n %% 211)], (%(actors)s::bigint[])[1 + n %% %(people)s], '示例经办人',
    (%(unions)s::bigint[])[1 + (n * 7919 %% cardinality(%(unions)s::bigint[]))],
    (ARRAY['members.member', 'members.member', 'reviews.review', 'accounts.user'])[1 + n %% 4],
    1 + n * 31 %% %(members)s, '王建国', jsonb_build_object('count', n %% 9, 'purpose', '查看'), '203.0.113.7', md5(n::text)
FROM generate_series(1::bigint, %(entries)s) AS n
"""
SUBJECTS = """
INSERT INTO audit_subject (person_id, at, entry_id)
SELECT id %% %(members)s, at, id FROM audit_entry WHERE verb = 'member.exported' ON CONFLICT DO NOTHING
"""


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    options = register.parser(members=100_000)
    options.add_argument("--entries", type=int, default=3_000_000)
    given = options.parse_args()
    with register.opened(given) as filled:
        _fill(filled, given)
        quick = _searches(filled)
        return 0 if _sealing(filled) and quick else 1


def _fill(filled: register.Register, given: Any) -> None:
    from django.urls import reverse

    from gonghui.accounts.models import User
    from gonghui.audit.hooks import VERBS
    from gonghui.unions.models import Union

    reverse("home")  # loads every app's actions, and with them its verbs
    verbs = ["member.revealed", "member.exported", *sorted(VERBS)[:40]]
    actors = list(User.objects.order_by("pk").values_list("pk", flat=True))
    unions = list(Union.objects.order_by("pk").values_list("pk", flat=True))
    with psycopg.connect(filled.owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        (there,) = owner.execute("SELECT count(*) FROM audit_entry").fetchone()  # type: ignore[misc] # a count
        if there < given.entries:
            values = {"entries": given.entries, "members": given.members, "verbs": verbs, "unions": unions}
            owner.execute(ENTRIES, values | {"actors": actors, "people": len(actors)})
            owner.execute(SUBJECTS, {"members": given.members})
            owner.execute("VACUUM ANALYZE audit_entry, audit_subject")


def _searches(filled: register.Register) -> bool:
    """Each search: the page's rows and the count below them."""
    from django.db import connection

    from gonghui.audit.forms import EntryFilter
    from gonghui.audit.models import Entry
    from gonghui.audit.queries import looks_at, looks_by_union
    from gonghui.members.models import Member

    member = Member.objects.filter(union=filled.cast.far).earliest("pk")
    union, actor = filled.cast.far, filled.cast.officer
    asked = {
        "all": {},
        "a verb": {"verb": "member.revealed"},
        "a union": {"union": union.name},
        "a user": {"actor": actor.email},
        "a person": {"member": member.number},
        "days, two years back": {"since": "2024-12-01", "until": "2024-12-02"},
        "a union and a verb": {"union": union.name, "verb": "member.exported"},
        "a user, a verb and a year": {"actor": actor.email, "verb": "member.exported", "since": "2025-01-01"},
    }

    def one() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def search(data: dict[str, str]) -> None:
        entries = EntryFilter(data).narrow(Entry.objects.all())
        entries.order_by()[:10_001].count()
        list(entries.select_related("actor__union").order_by("-at", "-id")[:50])

    def looks() -> None:
        rows = looks_at(member.number)
        rows.order_by()[:10_001].count()
        list(rows.order_by("-at", "-id")[:20])
        looks_by_union(union.pk)

    cases = {name: lambda data=data: search(data) for name, data in asked.items()}
    taken = in_turn({"SELECT 1": one, **cases, "查阅记录": looks}, TURNS)
    units = taken.pop("SELECT 1")
    unit = statistics.median(units)
    print(
        f"SELECT 1 takes {unit * 1e6:.0f} us, at the quickest {min(units) * 1e6:.0f}; {TURNS} turns, with their counts:"
    )
    slow = False
    for name, times in taken.items():
        ratio = statistics.median(times) / unit
        slow |= ratio > TIMES * (10 if name == "all" else 1)
        quickest = f"at the quickest {min(times) * 1000:.1f} ms, {min(times) / min(units):.0f} x"
        print(f"   {name}: {statistics.median(times) * 1000:.1f} ms, {ratio:.0f} x; {quickest}")
    return not slow


def _sealing(filled: register.Register) -> bool:
    """Seals and verifies in processes of their own; a page beside each and at rest, in turns of some seconds."""
    from django.test import Client
    from django.urls import reverse

    client = Client(SERVER_NAME="localhost")
    client.force_login(filled.cast.far_officer)
    address = reverse("members:list")

    def pages() -> list[float]:
        taken = []
        for _ in range(PAGES):
            started = time.perf_counter()
            if client.get(address).status_code != 200:
                raise SystemExit(f"{address} does not answer")
            taken.append(time.perf_counter() - started)
            time.sleep(0.02)
        return taken

    pages()
    good = True
    for act, command in ACTS.items():
        rest = [taken for _ in range(REST) for taken in pages()]
        before, used = _sealed(), _children()
        started, beside = time.perf_counter(), []
        process = subprocess.Popen([sys.executable, "-m", "gonghui.config.cli", *command], stdout=subprocess.DEVNULL)
        time.sleep(2)  # its start is not what is measured
        while process.poll() is None:
            beside += pages()
        seconds = time.perf_counter() - started
        rest += pages()
        # With few entries it is over before a page is asked for.
        ratio = statistics.median(beside) / statistics.median(rest) if beside else 1.0
        good &= ratio <= RATIO
        entries, used = _sealed() - (before if "seal" in act else 0), _children() - used - START
        print(
            f"{act}: {entries:,} entries, {entries / seconds:,.0f} a second of {os.getloadavg()[0]:.0f} waiting processes,"
        )
        print(f"   {entries / max(used, 0.1):,.0f} a second of its own processor time; status {process.returncode}")
        print(f"   the page: {statistics.median(rest) * 1000:.1f} ms at rest, {ratio:.2f} x beside it")
    return good


def _sealed() -> int:
    from gonghui.audit.models import Seal

    return sum(len(ids) for ids in Seal.objects.values_list("ids", flat=True).iterator())


def _children() -> float:
    """The processor time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())

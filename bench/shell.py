"""The search box and each home on a large register: `python bench/shell.py [--members N] [--keep FOLDER]` (SPEC 1.6).

The hourly count of the months is timed, then each page and search through the whole stack: the processor time of an
answer, its statements, and the slowest of them in units of `SELECT 1`.
"""

import re
import statistics
import sys
import time
from typing import Any

import register
from turns import Case, in_turn

TURNS = 15
CPU_MS, TIMES = 100, 20


def main() -> int:
    """Measure and print; 1 when an answer takes more than its goal."""
    options = register.parser(members=200_000).parse_args()
    with register.opened(options) as filled:
        from gonghui.statistics.actions import count_months

        started = time.perf_counter()
        count_months()
        print(f"{options.members:,} members; the months are counted in {time.perf_counter() - started:.1f} s")
        met = [_ask(name, user) for name, user in _people(filled.cast).items()]
    return 0 if all(met) else 1


def _people(cast: Any) -> dict[str, Any]:
    return {
        "officer": cast.far_officer,
        "street": cast.reviewer,
        "district": cast.district_admin,
        "city": cast.platform_admin,
    }


def _ask(name: str, user: Any) -> bool:
    from django.core.cache import cache
    from django.test import Client

    from gonghui.members.models import Member

    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    client.force_login(user)
    member = Member.objects.visible_to(user).select_related("union").order_by("union_id", "pk")[0]
    suggest = {
        "a fragment": "启明信息",
        "initials": "shqm",
        "a number": member.union.number[:6],
        "no such": "绝无此名",
        "a wildcard": "%%%",
        "500 characters": "工" * 500,
    }
    enter = {"a member's name": "王建国", "a number": member.number, "a document": member.document_number}

    def home() -> Any:
        cache.clear()  # the whole of a district or the city is counted once in five minutes: that once
        return client.get("/home/")

    cases: dict[str, Case] = {"a bare answer": lambda: client.get("/healthz"), "home": home}
    cases |= {"home, kept": lambda: client.get("/home/")}
    cases |= {
        f"typing {what}": lambda text=text: client.post("/find/suggest/", {"text": text})
        for what, text in suggest.items()
    }
    cases |= {
        f"enter {what}": lambda text=text: client.post("/find/", {"text": text}, follow=True)
        for what, text in enter.items()
    }
    statements = {what: _statements(name, what, case) for what, case in cases.items()}
    taken = in_turn(cases, TURNS, about=name, clock=time.process_time)
    met = [_told(name, what, statistics.median(taken[what]) * 1000, statements[what]) for what in cases]
    return all(met)


def _statements(who: str, what: str, case: Case) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    response: Any = case()
    if response.status_code != 200:
        raise SystemExit(f"{who}, {what}: {response.status_code}")
    with CaptureQueriesContext(connection) as queries:
        case()
    return [query["sql"] for query in queries]


def _told(who: str, what: str, cpu: float, statements: list[str]) -> bool:
    reads = [sql for sql in statements if sql.startswith("SELECT") and not re.search("audit_|set_config", sql)]
    slowest, sql = max(((_times_select_1(sql), sql) for sql in reads), default=(0, ""))
    # A home counts; a search looks up: only its statements have a limit.
    met = cpu <= CPU_MS and (what.startswith("home") or slowest <= TIMES)
    print(
        f"   {who:9} {what:24} {cpu:6.1f} ms CPU, {len(statements):3} statements, slowest {slowest:7.1f} x SELECT 1"
        + ("" if met else f"   MISSED {sql[:160]}")
    )
    return met


def _times_select_1(sql: str) -> float:
    from django.db import connection

    def seconds(statement: str) -> float:
        taken = []
        for _ in range(5):
            started = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(statement)
                cursor.fetchall()
            taken.append(time.perf_counter() - started)
        return statistics.median(taken)

    return seconds(sql.replace("%", "%%")) / seconds("SELECT 1")


if __name__ == "__main__":
    sys.exit(main())

"""Every page as every role in a large city: `python bench/pages.py [--members N] [--keep FOLDER] [--all]`.

Begins at each address that takes no arguments, and follows the links of the pages, one for each pattern of addresses and
role. Told are processor time, time of the database, and statements; printed are the pages above 100 ms of processor time
and the statements above 50 ms, with their plans. `--all` prints every page. Pages are asked for, nothing is sent.
"""

import re
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import register
from turns import few, report

CPU_MS, STATEMENT_MS = 100, 50
TURNS = 3
ANSWERED, NOT_FOUND, BROKEN = 200, 404, 500
ROLES = ("platform_admin", "district_admin", "reviewer", "viewer", "far_officer")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
OF_OTHERS = re.compile(r"^/(static|demo|readyz|accounts/logout)")


@dataclass(frozen=True)
class Asked:
    """A page as one role gets it; the slowest statement last."""

    route: str
    path: str
    cpu: float
    database: float
    statements: int
    slowest: float
    sql: str

    @property
    def misses(self) -> bool:
        return self.cpu > CPU_MS or self.slowest > STATEMENT_MS

    def __str__(self) -> str:
        return (
            f"{self.cpu:6.0f} ms CPU, {self.database:6.0f} ms in {self.statements:3} statements, slowest "
            f"{self.slowest:6.0f} ms: {self.path[:90]}"
        )


def main() -> int:
    """Ask, print; 1 when a page misses."""
    parser = register.parser(members=20_000)
    parser.add_argument("--all", action="store_true", help="print every page")
    options = parser.parse_args()
    missed = 0
    with register.opened(options) as filled:
        for role in ROLES:
            pages = [*_pages(getattr(filled.cast, role))]
            bad = [one for one in pages if one.misses]
            missed += len(bad)
            report({f"{role}, {len(pages)} pages": [one.cpu / 1000 for one in pages]}, about="CPU")
            print(f"{role}: {len(pages)} pages, {len(bad)} above a limit", flush=True)
            for one in sorted(pages if options.all else bad, key=lambda one: -one.cpu):
                print(f"   {one}")
            for one in bad:
                if one.slowest > STATEMENT_MS:
                    print(f"\n== {role}, {one.path}", one.sql[:1_000], *_plan(one.sql), sep="\n")
    return int(missed > 0)


def _pages(user: Any) -> Iterator[Asked]:
    from django.test import Client

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(user)
    coming = deque(_without_arguments())
    seen = set()
    while coming:
        path = coming.popleft()
        route = _route(path)
        if not route or route in seen or OF_OTHERS.match(path):
            continue
        seen.add(route)
        response = client.get(path)
        if response.status_code >= BROKEN:
            raise SystemExit(f"{path} answers {response.status_code}")
        if response.status_code != ANSWERED:
            if response.status_code == NOT_FOUND:
                seen.discard(route)  # another of its pages may be there
            continue
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            coming.extend(unescape(link) for link in LINK.findall(response.content.decode()))
        yield _measured(client, route, path)


def _without_arguments() -> list[str]:
    """Addresses of all patterns that are complete as they stand."""
    from django.urls import get_resolver

    def walk(resolver: Any, before: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            path = before + str(one.pattern)
            yield from walk(one, path) if hasattr(one, "url_patterns") else [path]

    return [f"/{path}" for path in walk(get_resolver(), "") if not re.search(r"[<(^$?*]", path)]


def _route(path: str) -> str:
    from django.urls import Resolver404, resolve

    try:
        return resolve(path.partition("?")[0]).route
    except Resolver404:
        return ""


def _measured(client: Any, route: str, path: str) -> Asked:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    asked = [(float(one["time"]) * 1000, one["sql"]) for one in queries]
    slowest, sql = max(asked, default=(0.0, ""))
    taken = []
    for _ in range(few(TURNS)):
        started = time.process_time()
        client.get(path)
        taken.append(time.process_time() - started)
    cpu = statistics.median(taken) * 1000
    return Asked(route, path, cpu, sum(ms for ms, _ in asked), len(asked), slowest, sql)


def _plan(sql: str) -> list[str]:
    from django.db import connection

    if not sql.startswith(("SELECT", "WITH")):
        return []
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return [f"   {line}" for (line,) in cursor.fetchall()]


if __name__ == "__main__":
    sys.exit(main())

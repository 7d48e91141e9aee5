"""Every page as every role in a large city: `python bench/pages.py [--members N] [--keep FOLDER] [--all]` (F12).

Begins at each address that takes no arguments, and follows the links of the pages, one for each pattern of addresses and
role; then fills each field of their search forms by itself (`searches.py`). A page costs the processor time of the process and the time of its statements, which is that of a backend that has the
rows in memory. The slowest statement is that of a page of which nothing is kept yet, as once a minute. Printed are the pages
above 100 ms and the statements above 50 ms, with their plans; exits with 1 when one page in twenty costs more, one more than
300, or a statement takes more. `--all` prints every page. `--costs FILE` keeps the costs; `--against FILE` compares them with
those of a smaller city: what costs more than 1.5 times as much is printed. Pages are asked for, nothing is sent.
"""

import json
import re
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import register
from searches import searches
from turns import few, report

COST_MS, MOST_MS, STATEMENT_MS = 100, 300, 50
SHARE = 0.05
"""So many of the pages may cost more than COST_MS."""
LARGER, NOISE_MS = 1.5, 10
TURNS, COLD = 3, 2
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
    def cost(self) -> float:
        return self.cpu + self.database

    @property
    def misses(self) -> bool:
        return self.cost > COST_MS or self.slowest > STATEMENT_MS

    def __str__(self) -> str:
        return (
            f"{self.cost:6.0f} ms: {self.cpu:4.0f} of Python, {self.database:4.0f} in {self.statements:3} statements, "
            f"slowest {self.slowest:6.1f} ms: {self.route if ' ' in self.route else self.path}"
        )


def main() -> int:
    """Ask, print; 1 when a limit is missed."""
    parser = register.parser(members=20_000)
    parser.add_argument("--all", action="store_true", help="print every page")
    parser.add_argument("--costs", type=Path, help="a file that gets each page's cost, as JSON")
    parser.add_argument("--against", type=Path, help="such a file of a smaller city")
    options = parser.parse_args()
    found: dict[str, list[Asked]] = {}
    with register.opened(options) as filled:
        for role in ROLES:
            found[role] = pages = [*_pages(getattr(filled.cast, role))]
            bad = [one for one in pages if one.misses]
            report({f"{role}, {len(pages)} pages": [one.cost / 1000 for one in pages]}, about="cost")
            print(f"{role}: {len(pages)} pages, {len(bad)} above a limit", flush=True)
            for one in sorted(pages if options.all else bad, key=lambda one: -one.cost):
                print(f"   {one}")
            for one in bad:
                if one.slowest > STATEMENT_MS:
                    print(f"\n== {role}, {one.route}: {one.path}"[:160], one.sql[:1_000], *_plan(one.sql), sep="\n")
    costs = {f"{role} {one.route}": one.cost for role, pages in found.items() for one in pages}
    if options.costs:
        options.costs.write_text(json.dumps(costs, indent=0))
    if options.against:
        _compare(costs, json.loads(options.against.read_text()))
    return int(_told([one for pages in found.values() for one in pages]))


def _told(pages: list[Asked]) -> bool:
    """Whether F12, or a statement, misses."""
    above = sum(one.cost > COST_MS for one in pages) / len(pages)
    highest = max(one.cost for one in pages)
    slow = sum(one.slowest > STATEMENT_MS for one in pages)
    print(
        f"{len(pages)} pages: {above:.1%} above {COST_MS} ms (at most {SHARE:.0%}), the highest {highest:.0f} ms (at most "
        f"{MOST_MS}); {slow} with a statement above {STATEMENT_MS} ms"
    )
    return above > SHARE or highest > MOST_MS or slow > 0


def _compare(costs: dict[str, float], before: dict[str, float]) -> None:
    both = sorted(costs.keys() & before.keys(), key=lambda page: before[page] - costs[page])
    grown = [page for page in both if costs[page] > LARGER * before[page] and costs[page] > before[page] + NOISE_MS]
    middle = statistics.median(costs[page] / before[page] for page in both)
    print(f"{len(both)} pages of both sizes, by the median {middle:.2f} x; {len(grown)} above {LARGER} x:")
    for page in grown:
        print(f"   {before[page]:6.0f} -> {costs[page]:6.0f} ms: {page}")


def _pages(user: Any) -> Iterator[Asked]:
    from django.test import Client

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(user)
    coming = deque(_without_arguments())
    seen: set[str] = set()
    asked: dict[str, str] = {}
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
            page = response.content.decode()
            coming.extend(unescape(link) for link in LINK.findall(page))
            asked |= dict(_searched(client, path, page))
        yield _measured(client, route, path)
    for route, path in asked.items():
        yield _measured(client, route, path)


def _searched(client: Any, path: str, page: str) -> Iterator[tuple[str, str]]:
    """Each search of the page, and its address; a posted one leads to an address that hides what was asked."""
    for form, name, value in searches(page):
        action = unescape(form.action) or path.partition("?")[0]
        where = f"{action}?{urlencode({name: value})}"
        if form.method == "post":
            where = client.post(action, {name: value}).get("Location", "")
        if where and _route(where):
            yield f"{_route(where)} {name}={value}", where


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
    from django.core.cache import cache

    cold, asked, taken = [], [], []
    for _ in range(few(COLD)):
        cache.clear()
        cold.append(_statements(client, path))
    for _ in range(few(TURNS)):
        asked.append(_statements(client, path))
        started = time.process_time()
        client.get(path)
        taken.append(time.process_time() - started)
    slowest, sql = max(min(cold, key=_together), default=(0.0, ""))
    warm = min(asked, key=_together)
    return Asked(route, path, statistics.median(taken) * 1000, _together(warm), len(warm), slowest, sql)


Statements = list[tuple[float, str]]
"""Milliseconds and SQL."""


def _together(statements: Statements) -> float:
    return sum(ms for ms, _ in statements)


def _statements(client: Any, path: str) -> Statements:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return [(float(one["time"]) * 1000, one["sql"]) for one in queries]


def _plan(sql: str) -> list[str]:
    from django.db import connection

    if not sql.startswith(("SELECT", "WITH")):
        return []
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return [f"   {line}" for (line,) in cursor.fetchall()]


if __name__ == "__main__":
    sys.exit(main())

"""Look-ups and lists of a large register: `python bench/lists.py [--members N] [--keep FOLDER]` (goals F5, F6).

A database of its own holds N members in thousands of unions. Asked are the very statements of the member list, as an
officer of a large union, a street, a district and the city see it. Cases take turns, so that the ratios hold on a busy
machine. A register of a hundredth of the size, asked by a process of its own, says what size costs. `--explain` prints
the plans of the slowest page of each list instead.
"""

import json
import statistics
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import psycopg
import register
from turns import Case, in_turn, p95

ROUNDS = 50
PAGE = 10
TIMES = {"look-up": 4, "fragment": 20}
DEPTH, SIZE = 1.5, 1.5
SHARE = 100


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = register.parser(members=200_000)
    parser.add_argument("--explain", action="store_true", help="print plans and measure nothing")
    parser.add_argument("--here", action="store_true", help="make no register of a hundredth beside it")
    parser.add_argument("--first-pages", action="store_true", help="print only the seconds of each first page, as JSON")
    options = parser.parse_args()
    with register.opened(options) as filled:
        viewers = _viewers(filled.cast)
        if options.explain:
            return _explain(filled.owner_url, viewers)
        if options.first_pages:
            print(json.dumps({name: statistics.median(taken) for name, taken in _first_pages(viewers).items()}))
            return 0
        print(f"{options.members:,} members; medians of {ROUNDS} turns")
        met = [_look_ups(filled.owner_url, filled.cast), _depths(viewers), options.here or _sizes(viewers, options)]
    return 0 if all(met) else 1


def _viewers(cast: Any) -> dict[str, Any]:
    return {
        "officer": cast.far_officer,
        "street": cast.viewer,
        "district": cast.district_admin,
        "city": cast.platform_admin,
    }


# F5: look-ups


def _look_ups(owner_url: str, cast: Any) -> bool:
    """Round trips of the bare statements on one open connection, p95 against that of `SELECT 1`."""
    with psycopg.connect(owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        queries = _look_up_queries(connection, cast)
        cases: dict[str, Case] = {
            name: lambda sql=sql, values=values: connection.execute(sql, values).fetchall()
            for name, (sql, values) in queries.items()
        }
        taken = in_turn({"SELECT 1": lambda: connection.execute("SELECT 1").fetchall(), **cases}, ROUNDS, about="F5")
    unit, met = taken.pop("SELECT 1"), True
    print(
        f"F5 round trips, times SELECT 1 (p50 {statistics.median(unit) * 1000:.3f} ms, p95 {p95(unit) * 1000:.3f} ms)"
    )
    for name, times in taken.items():
        goal = TIMES["fragment" if name == "name fragment" else "look-up"]
        median, high = statistics.median(times) / statistics.median(unit), p95(times) / p95(unit)
        met &= median <= goal  # on a busy machine p95 is the others' time
        print(
            f"   {name:16} p50 {median:6.1f} x, p95 {high:6.1f} x (goal {goal}); p50 {statistics.median(times) * 1000:.3f} ms"
        )
    return met


def _look_up_queries(connection: psycopg.Connection, cast: Any) -> dict[str, tuple[Any, Any]]:
    from gonghui.members.models import Member
    from gonghui.members.queries import Filters, listed_members
    from gonghui.unions.queries import holding

    number, key = connection.execute("SELECT number, document_hash FROM members_member ORDER BY id LIMIT 1").fetchone()
    queries = {
        "union": listed_members(cast.far_officer, Filters()).order_by("id"),
        "document hash": Member.objects.filter(document_hash=key),
        "member number": Member.objects.filter(number=number),
        "number's start": listed_members(cast.platform_admin, Filters(number=number[:9])),
        "name prefix": Member.objects.filter(name__startswith="卢红"),
        "name fragment": holding(Member.objects.all(), "建国"),
    }
    return {name: rows[:PAGE].query.sql_with_params() for name, rows in queries.items()}


# F6: pages at any depth, of any size of register


def _page(user: Any, number: int, key: list[int] | None = None, filters: Any = None) -> Any:
    """One page of the member list as its view asks for it; the rows are fetched."""
    from django.test import RequestFactory

    from gonghui.kit.paging import paginate
    from gonghui.members.queries import Filters, known_total, listed_members, nearest_unions

    wanted = {"page": str(number)} | ({"near": f"{number}:{'.'.join(map(str, key))}"} if key else {})
    rows = listed_members(user, Filters(**filters or {})).select_related("union")
    total = known_total(user, Filters(**filters or {}), None)
    narrow = nearest_unions(user, Filters(**filters or {}), None)
    request = RequestFactory().get("/", wanted)
    return paginate(request, rows, order=_order(user), total=total, size=PAGE, narrow=narrow)


def _order(user: Any) -> tuple[str, ...]:
    return ("id",) if user.union.is_grassroots else ("union_id", "id")


def _last(user: Any) -> int:
    return _page(user, 1).last


def _key_at(user: Any, row: int) -> list[int]:
    """The key of a row deep in the list, by the unions' counters."""
    from gonghui.members.models import Member
    from gonghui.unions.models import Union

    unions = Union.objects.visible_to(user).filter(member_count__gt=0).order_by("pk")
    for union, members in unions.values_list("pk", "member_count"):
        if row < members:
            found = Member.objects.filter(union=union).order_by("id").values_list("id", flat=True)[row]
            return [found] if user.union.is_grassroots else [union, found]
        row -= members
    raise SystemExit("the list is shorter than its counters say")


def _depths(viewers: dict[str, Any]) -> bool:
    print(f"F6 pages by depth, against the first (goal {DEPTH})")
    met = True
    for name, user in viewers.items():
        last = _last(user)
        places = {f"page {number:,}": number for number in (max(2, last // 10), last // 2, max(2, last * 9 // 10))}
        keys = {number: _key_at(user, (number - 1) * PAGE) for number in places.values()}
        cases: dict[str, Case] = {"first": lambda user=user: _page(user, 1)}
        cases |= {
            label: lambda user=user, number=number: _page(user, number, keys[number])  # noqa: B023
            for label, number in places.items()
        }
        cases["last"] = lambda user=user, last=last: _page(user, last)
        taken = {case: statistics.median(times) for case, times in in_turn(cases, ROUNDS, about=f"F6 {name}").items()}
        first = taken.pop("first")
        met &= max(taken.values()) <= DEPTH * first
        told = ", ".join(f"{case} {seconds / first:.2f}" for case, seconds in taken.items())
        print(f"   {name:9} first {first * 1000:6.2f} ms; {told}")
    return met


def _first_pages(viewers: dict[str, Any]) -> dict[str, list[float]]:
    return in_turn({name: lambda user=user: _page(user, 1) for name, user in viewers.items()}, ROUNDS)


def _sizes(viewers: dict[str, Any], options: Namespace) -> bool:
    """The first pages here against those of a register of a hundredth."""
    few = max(10_000, options.members // SHARE)
    command = [sys.executable, __file__, "--first-pages", "--members", str(few)]
    small = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    large = {name: statistics.median(taken) for name, taken in _first_pages(viewers).items()}
    ratios = {name: large[name] / small[name] for name in large}
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    print(f"F6 first pages against those among {few:,} members (goal {SIZE}): {told}")
    return max(ratios.values()) <= SIZE


# Plans


def _explain(owner_url: str, viewers: dict[str, Any]) -> int:
    """Every statement of every list page, with its time and plan."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with psycopg.connect(owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        for title, page in _searches(viewers):
            with CaptureQueriesContext(connection) as queries:
                page()
            for query in queries:
                plan = [line for (line,) in owner.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query['sql']}")]
                print(f"== {title}: {plan[-1]}", f"-- {query['sql'][:200]}", *plan, sep="\n")
    return 0


def _searches(viewers: dict[str, Any]) -> Iterator[tuple[str, Case]]:
    searched = [
        {"name": "张"},
        {"name": "建国"},
        {"name": "王建国"},
        {"number": "9000001234"},
        {"number": "90000012"},
        {"document": "310110199001010019"},
        {"status": "normal"},
    ]
    for name, user in viewers.items():
        yield f"{name}", lambda user=user: _page(user, 1)
        for filters in searched:
            yield f"{name} {filters}", lambda user=user, filters=filters: _page(user, 1, filters=filters)
        middle = _last(user) // 2
        key = _key_at(user, (middle - 1) * PAGE)
        yield f"{name}, page {middle:,}", lambda user=user, middle=middle, key=key: _page(user, middle, key)


if __name__ == "__main__":
    sys.exit(main())

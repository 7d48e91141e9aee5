"""The figures by day on a large register: `python bench/figures.py [--members N] [--keep FOLDER]` (SPEC 5.3, ADR 58).

Every fiftieth member has changed lately. Three ends of months are closed, each timed; then the statements of each node's
page are asked, in turns.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import register
from turns import Case, in_turn

TURNS, GOAL_MS = 25, 50
CHANGES = """
UPDATE members_member SET education = CASE education WHEN 'bachelor' THEN 'master' ELSE 'bachelor' END
WHERE id %% 50 = 0
"""


def main() -> int:
    """Measure and print; 1 when a page's statements take more than the goal."""
    options = register.parser(members=200_000).parse_args()
    with register.opened(options) as filled:
        _fill(filled)
        day = _close(options.members)
        return 0 if max([*_asked(filled.cast, day)]) <= GOAL_MS else 1


def _fill(filled: register.Register) -> None:
    with psycopg.connect(filled.owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        owner.execute("TRUNCATE statistics_closing CASCADE")
        owner.execute(CHANGES, {})
        owner.execute("VACUUM ANALYZE members_member, members_memberevent")


def _close(members: int) -> Any:
    from django.utils.timezone import localdate

    from gonghui.statistics.closing import close_day, month_ends
    from gonghui.statistics.models import Figure

    days = [*reversed(list(month_ends(localdate() - timedelta(days=1), 3)))]
    for day in days:
        started = time.perf_counter()
        assert close_day(day)  # noqa: S101
        took = time.perf_counter() - started
        rows = Figure.objects.filter(closing__day=day).count()
        print(
            f"{members:,} members: {day} closed in {took:.1f} s, {took / members * 1e6:.1f} s a million, {rows:,} rows"
        )
    return days[-1]


def _asked(cast: Any, day: Any) -> list[float]:
    from gonghui.statistics import figures
    from gonghui.statistics.models import Basis

    closing = figures.closing_of(day, Basis.THEN)
    assert closing  # noqa: S101
    asked: dict[str, Callable[[Any], Any]] = {
        "node": lambda node: figures.of_node(closing, node),
        "below": lambda node: list(figures.below(closing, node).order_by("-closing_members", "-id")[:50]),
        "by age": lambda node: figures.by_value(closing, node, "age"),
        "reasons": lambda node: figures.by_reason(closing, node),
        "months": lambda node: figures.months(closing, node),
    }
    nodes = {"street": cast.reviewer.union, "district": cast.district_admin.union, "city": cast.platform_admin.union}
    sums = []
    for name, node in nodes.items():
        cases: dict[str, Case] = {"SELECT 1": _select_1}
        cases |= {key: lambda ask=ask, node=node: ask(node) for key, ask in asked.items()}
        taken = in_turn(cases, TURNS, about=name)
        times = {key: statistics.median(taken[key]) * 1000 for key in asked}
        told = ", ".join(f"{key} {ms:.1f}" for key, ms in times.items())
        sums.append(sum(times.values()))
        print(f"{name}: {sums[-1]:.1f} ms (goal {GOAL_MS}): {told}")
    return sums


def _select_1() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


if __name__ == "__main__":
    sys.exit(main())

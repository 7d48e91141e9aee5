"""Every heading by which a list can be sorted is served by an index: no list is sorted by the database as a whole.

Every list of the table of permissions is opened; its plans are asked with sorting made so dear that the database sorts
only what no index serves.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import test_scope
from tests.addresses import TABLE
from tests.world import Row, World

pytestmark = pytest.mark.django_db
signed_in, world = test_scope.signed_in, test_scope.world

LISTS = [row for row in TABLE if row.method == "get" and 200 in row.expected.values()]
OF_A_PAGE = re.compile(r"ORDER BY [^)]* LIMIT \d+$")
FURTHER = {"reviews:desk": ["tab=done"], "inspections:completion": ["tab=left", "tab=done"]}
"""What else the same address lists."""


@pytest.fixture
def dear() -> Iterator[Any]:
    with connection.cursor() as cursor:
        for way in ("sort", "incremental_sort", "seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        yield cursor


def sorted_lists(world: World, row: Row) -> Iterator[tuple[Any, str, str]]:
    """Client, address and key of every heading, for everybody who sees another list."""
    address = world.address(row)
    for who in sorted({who for who, status in row.expected.items() if status == 200}):
        client = world.client(who)
        for more in ("", *FURTHER.get(row.name, ())):
            at = f"{address}{'&' if '?' in address else '?'}{more}"
            sorting = (client.get(at).context or {}).get("sorting")
            for key in sorting.orders if sorting else ():
                yield client, at, key


@pytest.mark.parametrize("row", LISTS, ids=str)
def test_no_heading_sorts_a_whole_table(world: World, row: Row, dear):
    for client, address, key in sorted_lists(world, row):
        for sort in (key, f"-{key}"):
            with CaptureQueriesContext(connection) as asked:
                page = client.get(f"{address}&sort={sort}")
            assert page.status_code == 200
            rows = page.context["page"].rows
            table = f'FROM "{rows[0]._meta.db_table}"' if rows else ""
            lists = [query["sql"] for query in asked if OF_A_PAGE.search(query["sql"])]
            lists = [sql for sql in lists if table and table in sql and "GROUP BY" not in sql]
            assert lists or not rows, (address, sort)
            for sql in lists:
                dear.execute(f"EXPLAIN {sql}")
                plan = "\n".join(line for (line,) in dear.fetchall())
                # A node of the plan: a merge of partitions that an index sorts has a "Sort Key" and is none.
                assert not re.search(r"\bSort  \(", plan), f"{address} {sort}\n{sql}\n{plan}"


@pytest.mark.parametrize(
    "row", [row for row in LISTS if row.name in ("members:list", "unions:node", "cards:list")], ids=str
)
def test_the_heading_says_how_it_is_sorted_and_the_address_carries_it(world: World, row: Row):
    assert world.member
    for client, address, key in sorted_lists(world, row):
        if f"sort={key}" not in client.get(address).text.replace("sort=-", "sort="):
            continue  # the usual order, of no heading
        for sort, said in ((key, "ascending"), (f"-{key}", "descending")):
            html = client.get(f"{address}&sort={sort}").text
            assert html.count("aria-sort=") == 1
            assert f'aria-sort="{said}"' in html
            assert f"sort={'-' if said == 'ascending' else ''}{key}" in html

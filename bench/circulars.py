"""One notice to 200,000 unions, and the pages that count who has read it: `python bench/circulars.py [--to N]` (SPEC 5.4).

The city sends to all of its grassroots unions through the action and its job, twice, and two unions of three read each;
then the pages of the city, of a district and of an officer are asked. Exits with 1 when a page takes more than a second, or
more statements than with one union.
"""

import statistics
import sys
import time
from typing import Any

import psycopg
import register

SENT, TURNS, SECONDS = 2, 5, 1.0
GRASSROOTS = """
INSERT INTO unions_union (kind, superior_id, name, pinyin, area, number, state, grassroots_type, leader, member_count)
SELECT 'grassroots', (%(streets)s::bigint[])[1 + n * 31 %% cardinality(%(streets)s::bigint[])],
    '上海第' || n || '有限公司工会', n::text, '', 'B' || n + %(here)s, 'approved', 'single', '', 0
FROM generate_series(1, %(unions)s) AS n
"""
READ = """
UPDATE circulars_receipt SET read_by_id = %(by)s, read_at = now(), open = false WHERE read_at IS NULL AND union_id %% 3 < 2
"""


def main() -> int:
    """Fill, send, ask, print."""
    parser = register.parser(members=4_000)
    parser.add_argument("--to", type=int, default=200_000, help="so many unions get a notice")
    options = parser.parse_args()
    with register.opened(options) as filled, psycopg.connect(filled.owner_url, autocommit=True) as owner:
        _grow(filled, options.to)
        circular = None
        started = time.perf_counter()
        for number in range(SENT):
            circular = _send(filled.cast.platform_admin, number)
        took = (time.perf_counter() - started) / SENT
        total = owner.execute("SELECT count(*) FROM circulars_receipt").fetchone()
        print(f"a notice to {total[0] / SENT if total else 0:,.0f} unions is sent in {took:.1f} s", flush=True)
        owner.execute(READ.replace("%(by)s", str(filled.cast.far_officer.pk)).replace("%%", "%"))
        owner.execute("VACUUM ANALYZE")
        return 0 if all(_pages(who, circular, filled.cast) for who in ("city", "district", "officer")) else 1


def _grow(filled: register.Register, unions: int) -> None:
    from gonghui.unions.models import Union

    here = Union.objects.grassroots().count()
    streets = list(Union.objects.filter(kind="street").order_by("pk").values_list("pk", flat=True))
    with psycopg.connect(filled.owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        owner.execute(GRASSROOTS, {"streets": streets, "unions": max(unions - here, 0), "here": here})


def _send(city: Any, number: int) -> Any:
    from gonghui.circulars.actions import Text, save_draft, send
    from gonghui.circulars.models import Depth
    from gonghui.circulars.tasks import deliver

    text = Text(title=f"关于第 {number + 1} 次统计的通知", body="请核对会员名册。", depth=Depth.GRASSROOTS)
    draft = save_draft(city.union, text, by=city)
    circular = send(draft, version=draft.version, by=city)
    deliver(circular.deliveries.get().pk)
    return circular


def _pages(who: str, circular: Any, cast: Any) -> bool:
    from django.test import Client
    from django.urls import reverse

    users = {"city": cast.platform_admin, "district": cast.district_admin, "officer": cast.far_officer}
    client = Client(SERVER_NAME="localhost")
    client.force_login(users[who])
    names = {"home": reverse("home")} | {
        "received": reverse("circulars:received"), "the notice": reverse("circulars:circular", args=[circular.pk]),
    }  # fmt: skip
    if who != "officer":
        names |= {
            "who has read it": reverse("circulars:receipts", args=[circular.pk]),
            "sent": reverse("circulars:sent"),
        }
    return all(_timed(client, f"{who}, {name}", address) for name, address in names.items())


def _timed(client: Any, name: str, address: str) -> bool:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        status = client.get(address).status_code
    number = len(queries)
    taken = []
    for _ in range(TURNS):
        cache.clear()
        started = time.perf_counter()
        client.get(address)
        taken.append(time.perf_counter() - started)
    print(f"   {name:28} {status}: {statistics.median(taken) * 1000:5.0f} ms, {number} statements")
    return statistics.median(taken) <= SECONDS and status in {200, 302}


if __name__ == "__main__":
    sys.exit(main())

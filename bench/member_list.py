"""The member list as an officer gets it: `python bench/member_list.py [--members N] [--keep FOLDER]` (goal F8).

The whole page (middlewares, session, masks, template) takes turns with one raw statement and an f-string, and with
Django's admin of the same union. All in this process, so that only processor time and the database count.
"""

import statistics
import sys

import psycopg
import register
from turns import in_turn

RAW, ADMIN, STATEMENTS = 0.2, 3, 4
TURNS = 200


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    options = register.parser(members=20_000).parse_args()
    with register.opened(options, settings="beside_admin.settings") as filled:
        return 0 if _measure(filled) else 1


def _measure(filled: register.Register) -> bool:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    user = filled.cast.far_officer
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    pages = {"list": reverse("members:list"), "admin": "/admin/members/member/"}
    statements = {}
    for name, address in pages.items():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            if client.get(address).status_code != 200:
                raise SystemExit(f"{address} does not answer")
        statements[name] = len(queries)
    with psycopg.connect(filled.owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as raw:
        turns = in_turn(
            {"raw": lambda: _raw_page(raw, user.union_id)}
            | {name: lambda address=address: client.get(address) for name, address in pages.items()},
            TURNS,
        )
    taken = {name: statistics.median(times) for name, times in turns.items()}
    against_raw, against_admin = taken["raw"] / taken["list"], taken["admin"] / taken["list"]
    print(
        f"medians of {TURNS} turns: " + ", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in taken.items())
    )
    print(f"F8 {against_raw:.3f} x a raw page (goal {RAW}), {against_admin:.2f} x Django's admin (goal {ADMIN})")
    print(f"   {statements['list']} statements (goal {STATEMENTS}), the admin {statements['admin']}")
    return against_raw >= RAW and against_admin >= ADMIN and statements["list"] <= STATEMENTS


def _raw_page(connection: psycopg.Connection, union: int) -> str:
    rows = connection.execute(
        "SELECT id, number, name, sex, document_type, document_sealed, address_sealed, mobile_sealed, has_card, status"
        " FROM members_member WHERE union_id = %s ORDER BY id LIMIT 10",
        [union],
    )
    lines = "".join(f"<tr><td>{'</td><td>'.join(map(str, row))}</td></tr>" for row in rows)
    return f"<!doctype html><html><body><table>{lines}</table></body></html>"


if __name__ == "__main__":
    sys.exit(main())

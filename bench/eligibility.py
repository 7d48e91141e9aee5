"""Who may come, of 20,000 members at once: `python bench/eligibility.py [--members N] [--keep FOLDER]` (SPEC 6.2).

All the members are of one union, in it since two years at most; every third has been somewhere. A programme asks for all
kinds of rules. Timed are the answers for everybody, the count before publishing, and an officer's page and list of those who
can go; exits with 1 when the answers take more than three statements.
"""

import statistics
import sys

import psycopg
import register
from turns import Case, in_turn

TURNS = 5
STATEMENTS = 3

MEMBERSHIPS = """
UPDATE members_membership SET union_id = %(union)s WHERE union_id IS NOT NULL AND ended_on IS NULL
"""
LEDGER = """
INSERT INTO bookings_ledgerentry (member_id, union_id, kind, title, year, days, came, counts, loaded)
SELECT id, %(union)s, 'recuperation', '往年疗休养', extract(year FROM now())::int - 1 - (id %% 8)::int, 5, true, true,
    gen_random_uuid() FROM members_member WHERE id %% 3 = 0
"""


def main() -> int:
    """Fill, measure, print."""
    options = register.parser(members=20_000).parse_args()
    with register.opened(options) as filled:
        _fill(filled)
        return 0 if _measure(filled) else 1


def _fill(filled: register.Register) -> None:
    union = {"union": filled.cast.far.pk}
    with psycopg.connect(filled.owner_url, autocommit=True, cursor_factory=psycopg.ClientCursor) as owner:
        if owner.execute("SELECT 1 FROM bookings_ledgerentry HAVING count(*) > 100").fetchone():
            return
        owner.execute("UPDATE members_member SET union_id = %(union)s WHERE union_id IS NOT NULL", union)
        owner.execute(MEMBERSHIPS, union)
        owner.execute(LEDGER, union)
        owner.execute("VACUUM ANALYZE")


def _measure(filled: register.Register) -> bool:
    from django.test import Client
    from django.urls import reverse

    from gonghui.bookings.eligibility.queries import answers, survey
    from gonghui.members.models import Member
    from tests.bookings.stories import published

    cast = filled.cast
    rules = [
        ("member_months", {"months": 6}), ("age", {"low": 18, "high": 60}), ("sex", {"sexes": ["male", "female"]}),
        ("level2s", {"unions": [cast.far.level2_id]}), ("not_within_years", {"years": 3}),
        ("not_in_cycle", {"first": 2020, "last": 2021}),
    ]  # fmt: skip
    city = cast.platform_admin
    programme = published(cast, publisher=city.union, by=city, capacity=[100], rules=rules)
    ids = list(Member.objects.filter(union=cast.far).values_list("pk", flat=True))
    client = Client(SERVER_NAME="localhost")
    client.force_login(cast.far_officer)
    offer, fit = (reverse(f"bookings:{name}", args=[programme.pk]) for name in ("offer", "fit"))
    print(f"{len(ids):,} members of one union, {len(rules)} rules:")
    cases: dict[str, Case] = {
        "a bare answer": lambda: client.get("/healthz"),
        "answers for everybody": lambda: answers(programme, ids),
        "the count before publishing": lambda: survey(programme),
        "an officer's page of it": lambda: client.get(offer),
        "all who can go, for 「全选」": lambda: client.get(fit),
    }
    statements = {name: _statements(case) for name, case in cases.items()}
    for name, taken in in_turn(cases, TURNS).items():
        print(f"   {name}: {statistics.median(taken) * 1000:.0f} ms, {statements[name]} statements")
    return statements["answers for everybody"] <= STATEMENTS


def _statements(act: Case) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    act()
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


if __name__ == "__main__":
    sys.exit(main())

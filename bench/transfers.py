"""「转入」 of a workbook: 1,000 people of as many unions matched and asked for, against one of 10 and a raw COPY.

Exits with 1 when the number of statements grows with the rows. The COPY writes the same finished transfers into a copy of
the table with its indexes.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import psycopg
from register import Register, approved_unions, new_member, opened, parser
from turns import few as fewer
from turns import report

ROUNDS = 5
FEW, MANY = 10, 1_000
"""Rows; MANY unless `--rows` says so."""
COPIED = "member_id, way, origin_id, target_id, state, reason, note, asked_by_id, asked_at, due_on, opinion"


def main() -> int:
    """Fill, measure in turns, print."""
    asked = parser(members=100_000)
    asked.add_argument("--rows", type=int, default=MANY, help="of the larger workbook (1000)")
    options = asked.parse_args()
    rows = options.rows
    with opened(options) as register:
        members = _people(register, rows)
        times: dict[str, list[float]] = {"copy": [], "few": [], "many": [], "answer": []}
        statements: dict[int, int] = {}
        for _ in range(fewer(ROUNDS)):
            for name, size in (("few", FEW), ("many", rows)):
                took, statements[size] = _upload(register.cast, members[:size])
                times[name].append(took)
                if size == rows:
                    times["copy"].append(_copy(register))
                    times["answer"].append(_agree(register.cast, members))
                _clear(register)
        report(times)
        few, many, copy, answer = (statistics.median(times[name]) for name in ("few", "many", "copy", "answer"))
        print(f"raw COPY of {rows:,} transfers {copy * 1000:.0f} ms (= 1)")
        print(
            f"workbook of {rows:,} rows read, matched, asked for: {many * 1000:.0f} ms ({many / copy:.1f}), {statements[rows]} statements"
        )
        print(
            f"workbook of {FEW} rows: {few * 1000:.0f} ms, {statements[FEW]} statements; {rows // FEW} x the rows take {many / few:.1f} x as long"
        )
        print(f"{rows // 10} of one union agreed to at once: {answer * 1000:.0f} ms")
    return int(statements[FEW] != statements[rows])


def _people(register: Register, rows: int) -> list[Any]:
    """Each tenth in one union, whose officer answers; the others each in one of their own."""
    others = cycle(approved_unions()[:rows])
    return [new_member(register.cast.union if n % 10 == 0 else next(others)) for n in range(rows)]


def _upload(cast: Any, members: Sequence[Any]) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from gonghui.transfers.requests.actions import upload_people
    from tests.transfers.stories import people_file

    file = people_file([(member.name, member.document_number) for member in members])
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        upload_people(cast.neighbour, file, by=cast.neighbour_officer)
        took = time.perf_counter() - started
    return took, len(queries)


def _copy(register: Register) -> float:
    with psycopg.connect(register.owner_url, autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS copied; CREATE TABLE copied (LIKE transfers_transfer INCLUDING ALL)")
        with owner.cursor().copy(f"COPY (SELECT {COPIED} FROM transfers_transfer) TO STDOUT") as out:  # noqa: S608
            data = b"".join(bytes(part) for part in out)
        started = time.perf_counter()
        with owner.cursor().copy(f"COPY copied ({COPIED}) FROM STDIN") as into:
            into.write(data)
        return time.perf_counter() - started


def _agree(cast: Any, members: Sequence[Any]) -> float:
    """One union's officer agrees to all that is asked of it."""
    from gonghui.transfers.answers.actions import answer
    from gonghui.transfers.models import Transfer

    ids = list(Transfer.objects.waiting().filter(origin=cast.union).values_list("pk", flat=True))
    started = time.perf_counter()
    answer(ids, agree=True, opinion="", by=cast.officer)
    return time.perf_counter() - started


def _clear(register: Register) -> None:
    """The next round finds everybody where the first did."""
    from gonghui.members.memberships import move
    from gonghui.transfers.models import Transfer
    from gonghui.unions.models import Union

    gone = list(Transfer.objects.filter(state="agreed", origin=register.cast.union).values_list("member", flat=True))
    with psycopg.connect(register.owner_url, autocommit=True) as owner:
        owner.execute(
            "ALTER TABLE transfers_transfer DISABLE TRIGGER USER; DELETE FROM transfers_transfer; ALTER TABLE transfers_transfer ENABLE TRIGGER USER"
        )
    from django.db import transaction

    with transaction.atomic():
        move(gone, to=Union.objects.get(pk=register.cast.union.pk), reason="restored")


if __name__ == "__main__":
    sys.exit(main())

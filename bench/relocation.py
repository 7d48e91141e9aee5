"""A relocation of a large union against one of a small union: `python bench/relocation.py [--members N]`.

Members hang on the union, so the move is one row whatever hangs on it. In turns a union of 100 members and one of N
(100,000) ask for a relocation and get both approvals, back and forth between two streets; the medians of the last approval,
which moves the union, are compared. A dissolution does touch every member: its time is printed beside, for capacity.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg
from register import opened, parser
from turns import few, report

ROUNDS = 15
SMALL = 100
NOISE = 1.5

FREE = "SELECT coalesce(max(number), '8000000000')::bigint FROM members_member WHERE number LIKE '8%'"
PEOPLE = """
WITH made AS (
    INSERT INTO members_member (number, union_id, name, pinyin, document_type, document_sealed, document_hash, sex, born_on,
        position, education, household, skill_level, unit_code, has_card, status, created_at)
    SELECT (%(first)s + n)::text, %(union)s, '王示例', '', 'resident_id', '', sha256(int8send(-%(first)s - n)), 'male',
        '1990-01-01', 'member', '', '', '', '', false, 'normal', now() FROM generate_series(1::bigint, %(count)s) AS n
    RETURNING id)
INSERT INTO members_membership (member_id, union_id, began_on, began_by)
SELECT id, %(union)s, '2020-01-01', 'added' FROM made
"""


def main() -> int:
    """Fill, measure, print; 1 when the large union takes longer than noise explains."""
    options = parser(members=100_000).parse_args()
    large_size, options.members = options.members, 10_000
    with opened(options) as register:
        small, large = register.cast.union, register.cast.neighbour
        with psycopg.connect(register.owner_url, autocommit=True) as owner:
            for union, count in ((small, SMALL), (large, large_size)):
                (first,) = owner.execute(FREE).fetchone()  # type: ignore[misc] # a number
                owner.execute(PEOPLE, {"union": union.pk, "first": first, "count": count})
                owner.execute("UPDATE unions_union SET member_count = %s WHERE id = %s", [count, union.pk])
            owner.execute("VACUUM ANALYZE")
        times: dict[int, list[float]] = {small.pk: [], large.pk: []}
        for _ in range(few(ROUNDS)):
            for union in (small, large):
                times[union.pk].append(_move(register.cast, union.pk))
        report({f"{SMALL} members": times[small.pk], "many members": times[large.pk]})
        little, many = (statistics.median(times[union.pk]) for union in (small, large))
        print(
            f"relocation of {SMALL} members {little * 1000:.1f} ms (= 1), of {large_size:,} {many * 1000:.1f} ms ({many / little:.2f})"
        )
        took = _end(register.cast, large.pk)
        print(f"dissolution of {large_size:,} members into another union: {took:.1f} s")
    return int(many / little > NOISE)


def _move(cast: Any, pk: int) -> float:
    """Ask, get the first approval, and time the last one."""
    from gonghui.filings.relocation.actions import submit_relocation
    from gonghui.reviews.actions import decide
    from gonghui.unions.models import Union

    union = Union.objects.get(pk=pk)
    officer = union.users.get()
    reviewers = {cast.street.pk: cast.reviewer, cast.other_street.pk: cast.other_reviewer}
    target = cast.other_street if union.superior_id == cast.street.pk else cast.street
    review = submit_relocation(union, way="within", target=target, reason="搬迁", by=officer).review
    decide(review, decision="approved", opinion="", by=reviewers[union.superior_id])
    return _timed(lambda: decide(review, decision="approved", opinion="", by=reviewers[target.pk]))


def _end(cast: Any, pk: int) -> float:
    from gonghui.filings.dissolution.actions import dissolve_union
    from gonghui.unions.models import Union

    union = Union.objects.get(pk=pk)
    officer, number = union.users.get(), union.number
    return _timed(
        lambda: dissolve_union(union, way="merged", into=cast.far, reason="合并", confirmed=number, by=officer)
    )


def _timed(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())

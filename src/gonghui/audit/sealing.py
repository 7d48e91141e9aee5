"""Seals entries: each seal holds the digest of its entries and of the seal before (ADR 44).

No officer waits for it. Entries are sealed when they can be read, that is committed; their order is that of the seals,
and within a seal that of their ids. Ids are drawn before a transaction commits, so an entry may appear below one that
is sealed already: such a gap stays open (`Gap`) until no transaction can fill it, and what appears in it is sealed then.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from gonghui.audit import chain, heads
from gonghui.audit.models import Seal
from gonghui.kit import crypto
from gonghui.kit.database.horizon import horizon, oldest_transaction

BATCH = 5_000
"""Entries of a seal at most: they are in memory at once, here and when they are verified."""

MAX_GAPS = 1_000
"""Gaps that a seal hands on at most, the newest ones. What appears in another one, `gonghui audit seal` finds."""

GRACE_SECONDS = 60
"""A gap stays open so long at least: who has just drawn a number may not have a transaction id yet."""

FORGOTTEN_SECONDS = 24 * 3600
"""A gap is closed after this time at the latest: transaction ids begin anew in a restored database."""

LOCK = 0x5EA1


class Gap(NamedTuple):
    """The ids from ``first`` to ``last``: no entry had them when it was looked at.

    ``horizon``: every transaction that can have drawn one of them has a lower id, but for one that has drawn it in this
    very moment and has no id yet, for which the grace is. ``seen``: when, in Unix seconds.
    """

    first: int
    last: int
    horizon: int
    seen: int

    def is_open(self, oldest: int, now: float) -> bool:
        """``oldest``: the id of the oldest transaction that still runs."""
        age = now - self.seen
        return age < FORGOTTEN_SECONDS and (self.horizon > oldest or age < GRACE_SECONDS)


def seal_waiting(seconds: float = 40) -> int:
    """Seals what is not sealed yet, for so long at most; returns how many entries. Each seal is one transaction.

    It rests after each full seal as long as that took: millions that wait, after an upgrade, leave the machine to pages.
    A run that is killed leaves whole seals; the next one goes on. Two at once do not disturb each other.
    """
    until, total = time.monotonic() + seconds, 0
    while (began := time.monotonic()) < until:
        count = seal_next()
        total += count
        if count < BATCH:
            break
        time.sleep(time.monotonic() - began)
    heads.keep()
    return total


def seal_next(more: Sequence[int] = ()) -> int:
    """Makes one seal of at most BATCH new entries, and of late ones (``more``: these, too); returns how many it holds."""
    with transaction.atomic():
        if not _alone():
            return 0
        last = Seal.objects.order_by("-number").first()
        top, gaps = (last.top_id, [Gap(*gap) for gap in last.gaps]) if last else (0, [])
        oldest, now = oldest_transaction(), time.time()
        late = _late(gaps, more)
        new = chain.rows("id > %s AND id <= %s ORDER BY id LIMIT %s", [top, _highest_id(), BATCH])
        sealed = [*late, *new]
        if not sealed:
            return 0
        still = [gap for gap in gaps if gap.is_open(oldest, now)]
        above = horizon()  # asked after the entries, and before anything is written
        made = [Gap(first, end, above, int(now)) for first, end in _between(top, [row.id for row in new])]
        _save(last, sealed, [*_without(still, [row.id for row in late]), *made][-MAX_GAPS:])
    return len(sealed)


def _save(last: Seal | None, sealed: Sequence[chain.Row], gaps: Sequence[Gap]) -> None:
    number, at = (last.number + 1 if last else 1), timezone.now()
    previous = bytes(last.digest) if last else chain.FIRST
    ids, leaves = [row.id for row in sealed], [row.leaf() for row in sealed]
    digest = chain.seal_digest(number, at, previous, ids, leaves)
    Seal.objects.create(
        number=number,
        sealed_at=at,
        ids=ids,
        top_id=max(*ids, last.top_id if last else 0, 0),
        leaves=chain.shortened(leaves),
        digest=digest,
        signature=crypto.sign(digest),
        gaps=gaps,
    )


def _late(gaps: Sequence[Gap], more: Sequence[int]) -> list[chain.Row]:
    """Returns the entries that have appeared in the gaps, and those of ``more`` that are in no seal."""
    if not gaps and not more:
        return []
    found = {pk for pk in more if not Seal.objects.filter(ids__contains=[pk]).exists()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM unnest(%s::bigint[], %s::bigint[]) AS gap (first, last)"
            " JOIN audit_entry e ON e.id BETWEEN gap.first AND gap.last ORDER BY e.id LIMIT %s",
            [[gap.first for gap in gaps], [gap.last for gap in gaps], BATCH],
        )
        found.update(pk for (pk,) in cursor.fetchall())
    return chain.by_id(found)


def _between(top: int, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yields the ranges of ids above ``top`` that are missing among ``ids``, which are sorted."""
    for before, after in pairwise([top, *ids]):
        if after > before + 1:
            yield before + 1, after - 1


def _without(gaps: Iterable[Gap], taken: Sequence[int]) -> Iterator[Gap]:
    """Yields what is left of the gaps when these ids, sorted, have been found."""
    for gap in gaps:
        first = gap.first
        for pk in taken:
            if first <= pk <= gap.last:
                if pk > first:
                    yield gap._replace(first=first, last=pk - 1)
                first = pk + 1
        if first <= gap.last:
            yield gap._replace(first=first)


def _alone() -> bool:
    return _asked("SELECT pg_try_advisory_xact_lock(%s)", LOCK) is True


def _highest_id() -> int:
    """Returns the highest id that was drawn: an entry above it was written by hand, and would hide all that follow."""
    sequence = _asked("SELECT pg_get_serial_sequence('audit_entry', 'id')")
    return int(_asked(f"SELECT last_value FROM {sequence}"))  # noqa: S608


def _asked(statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]

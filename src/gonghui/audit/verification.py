"""``gonghui audit verify``: names the entries that were touched since they were sealed (ADR 44).

Reads seal by seal, so that memory does not grow with the entries, in statements of their own: nobody waits for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain as joined
from itertools import islice

from gonghui.audit import chain
from gonghui.audit.chain import Row
from gonghui.audit.heads import Head, faults, newest_fault
from gonghui.audit.models import Entry, Seal
from gonghui.kit import crypto

MAX_NAMED = 500
"""Entries that are named one by one; what is beyond is counted."""

_AT_ONCE, _QUICK = 20, 3
"""Seals that are read at once; the newest ones that `quickly` compares."""

Progress = Callable[[int, int], None]
"""Is told the number of the seal, and how many entries were compared."""


class Verification:
    """One run. ``findings`` are what was touched; ``unsealed`` entries are in no seal, which is no proof of anything."""

    def __init__(self, progress: Progress = lambda seal, entries: None) -> None:
        self.progress = progress
        self.seals = self.entries = self.more = 0
        self.findings: list[str] = []
        self.unsealed: dict[int, None] = {}
        self._changed: dict[int, tuple[Row, bytes]] = {}

    def run(self, heads: Iterable[Head] = (), before: Seal | None = None) -> list[str]:
        """Compares all that was sealed (after the seal ``before``) and the heads that were kept; returns the findings."""
        previous, number, top = (bytes(before.digest), before.number, before.top_id) if before else (chain.FIRST, 0, 0)
        for seal in _seals(number):
            for gone in islice(range(number + 1, seal.number), MAX_NAMED):
                self._find(f"seal {gone} is gone")
            self._seal(seal, previous, top)
            previous, number, top = bytes(seal.digest), seal.number, max(top, *seal.ids, 0)
            self.progress(seal.number, self.entries)
        self._name_changed()
        self.findings += faults(heads)
        return self.findings

    def _seal(self, seal: Seal, previous: bytes, top: int) -> None:
        """Compares one seal with its entries."""
        self.seals += 1
        self.entries += len(seal.ids)
        reach = max(top, *seal.ids, 0)
        there = _entries_of(seal, top, reach)
        leaves, whole = [], True
        for pk, kept in zip(seal.ids, chain.parts(bytes(seal.leaves)), strict=False):
            row, leaf = _matching(there.get(pk, []), kept)
            if row is None:
                whole = False
                self._find(f"entry {pk} was removed: seal {seal.number} holds it")
                continue
            there[pk].remove(row)
            leaves.append(leaf)
            if not leaf.startswith(kept):
                whole = False
                self._touch(row, kept)
        self._note_unsealed(seal, there)
        digest = chain.seal_digest(seal.number, seal.sealed_at, previous, seal.ids, leaves)
        if (whole and digest != bytes(seal.digest)) or seal.top_id != reach:
            self._find(f"seal {seal.number} was changed, or the one before it, or its order")
        if not _is_signed(seal):
            self._find(f"seal {seal.number} was not made here: its digest is not signed by a key of this installation")

    def _note_unsealed(self, seal: Seal, there: dict[int, list[Row]]) -> None:
        held = set(seal.ids)
        for pk in held & self.unsealed.keys():
            del self.unsealed[pk]
        for row in joined.from_iterable(there.values()):
            if row.id in held:
                self._find(f"entry {row.id} is there twice: one of them was added")
            elif len(self.unsealed) < MAX_NAMED:
                self.unsealed[row.id] = None

    def _touch(self, row: Row, kept: bytes) -> None:
        if len(self._changed) < MAX_NAMED:
            self._changed[row.id] = (row, kept)
        else:
            self.more += 1

    def _find(self, finding: str) -> None:
        if len(self.findings) < MAX_NAMED:
            self.findings.append(finding)
        else:
            self.more += 1

    def _name_changed(self) -> None:
        """Tells which of the changed entries have only each other's place."""
        for one, other in chain.swapped(self._changed):
            self._find(f"entries {one} and {other} were swapped")
            del self._changed[one], self._changed[other]
        for pk in sorted(self._changed):
            self._find(f"entry {pk} was changed")


def last_before(day: datetime) -> Seal | None:
    return Seal.objects.filter(sealed_at__lt=day).order_by("-number").first()


def quickly() -> tuple[list[str], int]:
    """Returns the findings in the newest seals and the newest head, and how many entries were compared."""
    run = Verification()
    before = Seal.objects.order_by("-number")[_QUICK : _QUICK + 1].first()
    findings = run.run(before=before)
    fault = newest_fault()
    return [*findings, *([fault] if fault else [])], run.entries


def oldest_unsealed() -> datetime | None:
    """Returns the time of the first entry that waits for its seal."""
    newest = Seal.objects.order_by("-number").values_list("top_id", flat=True).first() or 0
    return Entry.objects.filter(pk__gt=newest).order_by("pk").values_list("at", flat=True).first()


def _matching(rows: list[Row], kept: bytes) -> tuple[Row | None, bytes]:
    """Returns the row whose digest begins as it was kept, or any; (None, b"") if there is none."""
    leaves = [(row, row.leaf()) for row in rows]
    return next((pair for pair in leaves if pair[1].startswith(kept)), leaves[0] if leaves else (None, b""))


def _seals(after: int) -> Iterator[Seal]:
    while found := list(Seal.objects.filter(number__gt=after).defer("gaps").order_by("number")[:_AT_ONCE]):
        yield from found
        after = found[-1].number


def _entries_of(seal: Seal, top: int, reach: int) -> dict[int, list[Row]]:
    """Returns the entries of the ids above ``top`` up to ``reach``, those that are not the seal's too, and its late ones."""
    late = [pk for pk in seal.ids if pk <= top]
    most = 2 * len(seal.ids) + MAX_NAMED
    found = chain.rows("id > %s AND id <= %s ORDER BY id LIMIT %s", [top, reach, most])
    if len(found) == most:  # so many that were never sealed: only the seal's own
        found, late = [], seal.ids
    there: dict[int, list[Row]] = defaultdict(list)
    for row in [*found, *(chain.by_id(late) if late else ())]:
        there[row.id].append(row)
    return there


def _is_signed(seal: Seal) -> bool:
    try:
        return crypto.is_signed(bytes(seal.digest), seal.signature)
    except crypto.UnknownKey:
        return False

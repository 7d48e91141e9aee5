"""What an import of earlier years writes, and how it is undone; its rows are few columns, so that none are staged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from gonghui.bookings.ledger.actions import Earlier, load_entries
from gonghui.bookings.models import LedgerEntry
from gonghui.imports.kinds import Changed, GoodRow, Plan
from gonghui.imports.models import Batch

NEW, SAME = "ledger_new", "ledger_same"
"""The sorts of good rows."""

Key = tuple[int, str, int, str]


def key(line: Earlier) -> Key:
    """What makes two lines the same: person, kind, year, programme."""
    return line.member_id, line.kind, line.year, line.title


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    """Nothing: `commit` writes the plan's rows themselves."""


def clear(batch: Batch) -> None:
    """Nothing: see `stage`."""


def commit(batch: Batch, plan: Plan) -> str:
    """Writes the rows in the caller's transaction, which holds the union; returns the message for the officer.

    Raises Changed when another import wrote one of them since the check, Refused as `load_entries` does.
    """
    rows: Sequence[Earlier] = plan.rows
    act = uuid4()
    written = load_entries(batch.union, rows, act=act, by=batch.uploaded_by)
    if written < len(rows):
        raise Changed(f"batch {batch.pk}: {len(rows) - written} entries are there by now")
    Batch.objects.filter(pk=batch.pk).update(act=act)
    return f"已登记 {written} 次往年参加记录。"


@dataclass
class Undoable:
    """The entries that the import wrote; nothing changes them later."""

    ids: Sequence[int] = ()
    left: Sequence[GoodRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.ids)

    @property
    def words(self) -> str:
        return f"删除登记的 {len(self.ids)} 次往年参加记录。"


def undoable(batch: Batch) -> Undoable:
    """One statement."""
    entries = LedgerEntry.objects.filter(loaded=batch.act) if batch.act else LedgerEntry.objects.none()
    return Undoable(list(entries.values_list("pk", flat=True)))


def undo(batch: Batch) -> tuple[str, Sequence[GoodRow]]:
    """Undoes the import in the caller's transaction, which holds the union's row."""
    undone = undoable(batch)
    LedgerEntry.objects.filter(pk__in=undone.ids).delete()
    return f"已撤销：{undone.words}", ()

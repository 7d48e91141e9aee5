"""What an import of 涵盖单位 writes, and how it is undone; the rows are few and small, so that none are staged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import connection

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.filings.coverage.actions import Values, hold_codes, require_room
from gonghui.filings.coverage.queries import why_not
from gonghui.imports.kinds import Changed, GoodRow, Plan
from gonghui.imports.models import Batch
from gonghui.kit.bulk import checks_at_once
from gonghui.kit.names import unit_columns
from gonghui.unions.models import CoveredEmployer

if TYPE_CHECKING:
    from gonghui.filings.coverage.sheet import Covering

verbs.register(coverage__imported="导入涵盖单位")
verbs.facts("coverage", added="新增", changed="修改")

NEW, CHANGED, SAME = "covered_new", "covered_changed", "covered_same"
"""The sorts of good rows."""

CHUNK = 1000
_LABELS = {"name": "单位名称", "staff_count": "职工人数"}
_WRITTEN = ["name", "name_key", "pinyin", "staff_count", "import_act"]


def changes(covered: CoveredEmployer, values: Values) -> list[tuple[str, str, str]]:
    """What ``values`` would change of one on the list: label, old and new."""
    pairs = ((label, getattr(covered, name), getattr(values, name)) for name, label in _LABELS.items())
    return [(label, str(old), str(new)) for label, old, new in pairs if old != new]


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    """Nothing: `commit` writes the plan's rows themselves."""


def clear(batch: Batch) -> None:
    """Nothing: see `stage`."""


def commit(batch: Batch, plan: Plan) -> str:
    """Writes the rows in the caller's transaction, which holds the union; returns the message for the officer.

    Raises Changed when another transaction took one of the employers since the check, Refused when the list is full.
    """
    rows: Sequence[Covering] = plan.rows
    hold_codes()
    union, act = batch.union, uuid4()
    new = [row.values for row in rows if row.group == NEW]
    if why_not(union, [row.values.code for row in rows]):
        raise Changed(f"batch {batch.pk}: employers are covered elsewhere by now")
    require_room(union, len(new))
    changed = _changed([row for row in rows if row.group == CHANGED])
    Batch.objects.filter(pk=batch.pk).update(act=act)
    for covered in changed:
        covered.import_act = act
    with checks_at_once():
        CoveredEmployer.objects.bulk_create(
            (CoveredEmployer(union=union, import_act=act, **_columns(values)) for values in new), batch_size=CHUNK
        )
        CoveredEmployer.objects.bulk_update(changed, _WRITTEN, batch_size=CHUNK)
    record("coverage.imported", batch, by=batch.uploaded_by, union=union, added=len(new), changed=len(changed))
    return f"登记涵盖单位 {len(new)} 家。" + (f"修改 {len(changed)} 家的资料。" if changed else "")


def _columns(values: Values) -> dict[str, object]:
    return unit_columns(values.name) | {"code": values.code, "staff_count": values.staff_count}


def _changed(rows: "Sequence[Covering]") -> list[CoveredEmployer]:
    """The rows of the list with the file's values; raises Changed when one is gone or is another than was checked."""
    wanted = {row.covered.pk: row for row in rows if row.covered}
    found = list(CoveredEmployer.objects.standing().select_for_update().filter(pk__in=wanted).order_by("pk"))
    for covered in found:
        seen = wanted[covered.pk].covered
        if seen and (seen.name, seen.staff_count) != (covered.name, covered.staff_count):
            raise Changed(f"covered employer {covered.pk} was changed meanwhile")
        for column, value in _columns(wanted[covered.pk].values).items():
            setattr(covered, column, value)
    if len(found) < len(wanted):
        raise Changed("covered employers were removed meanwhile")
    return found


@dataclass
class Undoable:
    """What undoing removes from the list, and what gets its former values."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    left: Sequence[GoodRow] = ()  # what was changed since belongs to the import no more

    @property
    def count(self) -> int:
        return len(self.new) + len(self.changed)

    @property
    def words(self) -> str:
        return f"移除登记的涵盖单位 {len(self.new)} 家，改回原来的资料 {len(self.changed)} 家。"


def undoable(batch: Batch) -> Undoable:
    """The rows that the import wrote last: those that were there before have a version from it. Two statements."""
    ids = list(
        CoveredEmployer.objects.standing().filter(union=batch.union, import_act=batch.act).values_list("pk", flat=True)
        if batch.act
        else ()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT pgh_obj_id FROM {_events} WHERE pgh_obj_id = ANY(%s) AND pgh_context->>'batch' = %s",  # noqa: S608
            [ids, str(batch.pk)],
        )
        earlier = {pk for (pk,) in cursor.fetchall()}
    return Undoable([pk for pk in ids if pk not in earlier], [pk for pk in ids if pk in earlier])


def undo(batch: Batch) -> tuple[str, Sequence[GoodRow]]:
    """Undoes the import in the caller's transaction, which holds the union's row."""
    undone = undoable(batch)
    with connection.cursor() as cursor:
        cursor.execute(_RESTORE, {"ids": undone.changed, "batch": str(batch.pk)})
    CoveredEmployer.objects.filter(pk__in=undone.new).delete()
    message = f"已撤销：{undone.words}"
    if left := sum(batch.group_counts.get(key, 0) for key in (NEW, CHANGED) if key in batch.chosen) - undone.count:
        message += f"另有 {left} 家在导入以后已有修改或移除，没有撤销。"
    return message, ()


_covered, _events = CoveredEmployer._meta.db_table, CoveredEmployer.events.rel.related_model._meta.db_table
# The oldest row that the import replaced.
_RESTORE = f"""
UPDATE {_covered} AS covered SET {", ".join(f"{column} = old.{column}" for column in _WRITTEN)}
FROM (
    SELECT DISTINCT ON (pgh_obj_id) * FROM {_events}
    WHERE pgh_obj_id = ANY(%(ids)s) AND pgh_context->>'batch' = %(batch)s ORDER BY pgh_obj_id, pgh_id
) AS old WHERE covered.id = old.pgh_obj_id
"""  # noqa: S608

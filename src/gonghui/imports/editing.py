"""Corrections of a waiting batch on its page: cells, rows to leave out, columns under other headings (SPEC 3.4)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.actions import state_of
from gonghui.imports.admission import lock, lock_union, require_free, require_once, require_waiting
from gonghui.imports.batch_columns import counted
from gonghui.imports.edits import Edits, read_sheet
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import Plan
from gonghui.imports.models import Batch, ImportState
from gonghui.imports.rules import can_import
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Column, Row, Sheet
from gonghui.kit.sealing import owner_of

verbs.register(
    import__mended="在页面上修改导入的行",
    import__columns_told="核对导入文件的列",
    import__looked_at="查看导入文件中有错误的行",
)
verbs.looks(import__looked_at=verbs.BY_UNION)
verbs.facts("import", columns="列数")


def invalid_rows(batch: Batch, *, by: User, also: Collection[int] = ()) -> list[Row]:
    """Returns the rows with problems, as edited so far, and the rows with the numbers ``also``.

    Records the disclosure, because the rows contain personal data. Raises Refused when ``by`` may not, or the batch
    does not wait for corrections.
    """
    if not can_import(by, batch.union, KINDS[batch.kind]) or batch.state != ImportState.INVALID:
        raise Refused(f"这次导入的状态是“{batch.get_state_display()}”，没有可以修改的行。")
    numbers = {*also, *(problem.row for problem in batch.problems)}
    rows = [row for row in read_sheet(batch, Edits.of(batch)).rows if row.number in numbers]
    with transaction.atomic():
        record("import.looked_at", batch, by=by, union=batch.union, rows=len(rows))
    return rows


def edit_rows(
    batch: Batch,
    cells: Mapping[int, Mapping[str, str]],
    out: Collection[int],
    *,
    same: Mapping[tuple[str, str], str] | None = None,
    version: int,
    by: User,
) -> Batch:
    """Applies new texts and rows to leave out to the workbook, and checks it again without another upload.

    ``same`` corrects all cells with the same error: the new text by column and wrong text; ``cells`` has priority. A
    batch without errors then waits for the officer's confirmation. ``version`` is ``Batch.mended`` of the page. Raises
    Refused: the batch was changed in another window, no row is left, or as ``confirm_import`` does.
    """
    require_free(batch.union, KINDS[batch.kind], by)
    together = _common_texts(batch, same or {})
    cells = {row: {**together.get(row, {}), **cells.get(row, {})} for row in {**together, **cells} if row not in out}
    edits = Edits.of(batch).merged(cells, out, KINDS[batch.kind].columns())
    sheet, plan = _checked(batch, edits, by)
    with transaction.atomic():
        batch = _store(batch, edits, sheet, plan, version, by)
        record("import.mended", batch, by=by, union=batch.union, rows=len(cells), out=len(out))
    return batch


def _common_texts(batch: Batch, same: Mapping[tuple[str, str], str]) -> Mapping[int, Mapping[str, str]]:
    """Returns the new texts of all cells with one of these errors."""
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    for problem in batch.problems if same else ():
        if (text := same.get((problem.column, problem.value))) is not None:
            cells[problem.row][problem.column] = text
    return cells


def confirm_columns(batch: Batch, headings: Mapping[str, str], *, version: int, by: User) -> Batch:
    """Maps unread columns to the template's columns (by key) or to none (""), and checks the workbook again.

    Raises Refused as ``edit_rows`` does, and for a column that the workbook has already.
    """
    require_free(batch.union, KINDS[batch.kind], by)
    edits = Edits.of(batch)
    free = {"", *(column.key for column in absent(batch))}
    chosen = {heading: headings.get(heading, "") for heading, _ in batch.unread}
    chosen = {**edits.headings, **{heading: key for heading, key in chosen.items() if key in free}}
    require_once(chosen, KINDS[batch.kind].columns())
    edits = replace(edits, headings=chosen)
    sheet, plan = _checked(batch, edits, by)
    with transaction.atomic():
        batch = _store(batch, edits, sheet, plan, version, by)
        record("import.columns_told", batch, by=by, union=batch.union, columns=len(headings))
    return batch


def absent(batch: Batch) -> list[Column]:
    """The template's columns that the workbook does not have."""
    return [column for column in KINDS[batch.kind].columns() if column.key not in batch.found]


def _checked(batch: Batch, edits: Edits, by: User) -> tuple[Sheet, Plan]:
    """Returns the edited workbook and its plan. Runs before the transaction: lookups are counted in a separate one."""
    sheet = read_sheet(batch, edits)
    if not sheet.rows:
        raise Refused("所有的行都不导入了。请放弃本次导入，或至少保留一行。")
    return sheet, KINDS[batch.kind].check(batch.union, sheet, by)


def _store(batch: Batch, edits: Edits, sheet: Sheet, plan: Plan, version: int, by: User) -> Batch:
    """Stores the edits, and returns the locked batch. Raises Refused when it has changed since the page was shown."""
    batch = lock(batch.pk)
    require_free(lock_union(batch.union_id), KINDS[batch.kind], by)
    require_waiting(batch)
    if batch.mended != version:
        raise Refused("这次导入已在另一个窗口修改过，您在这个页面上的修改没有保存。请刷新页面后再修改。")
    owner = owner_of(batch)
    columns = counted(plan, owner) | {
        "seal_id": owner,
        "state": state_of(plan),
        "unread": edits.unread(sheet),
        "found": list(sheet.places),
        "message": "".join(sheet.notes),
        "mends_sealed": edits.sealed(owner),
        "mended": version + 1,
    }
    Batch.objects.filter(pk=batch.pk).update(**columns)
    return lock(batch.pk)

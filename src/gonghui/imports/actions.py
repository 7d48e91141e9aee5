"""An officer's writes of an import: upload, confirm, discard, undo (SPEC 3.4). The job's writes are in `job`."""

from collections.abc import Sequence
from uuid import uuid4

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.admission import lock, lock_union, require_free, require_room, require_waiting
from gonghui.imports.batch_columns import FILE, SEALED, counted, sealed_lines
from gonghui.imports.edits import FILE_GONE, Edits, file_of, open_sheet
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import ImportKind, Plan
from gonghui.imports.models import Batch, ImportState
from gonghui.imports.rules import can_import
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Sheet
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import owner_of
from gonghui.unions.models import Union

verbs.register(
    import__uploaded="上传导入文件",
    import__narrowed="确认先导入正确的行",
    import__discarded="放弃导入",
    import__marked="下载标注后的文件",
    import__undone="撤销导入",
)
verbs.looks(import__marked=verbs.BY_UNION)
verbs.facts(
    "import",
    kind=("类型", lambda key: KINDS[key].title),
    problems="错误数",
    groups=("导入的内容", lambda key: _group_labels()[key]),
    out="不导入的行数",
    left="没有撤销的行数",
)


def upload_workbook(union: Union, kind: ImportKind, file: File, *, by: User) -> Batch:
    """Checks a whole workbook. A correct one is queued; one with problems waits as INVALID, and no row is imported.

    Raises Refused and stores nothing when ``by`` may not, the union is not approved or has a running import, too many
    of its imports wait or were uploaded today, the file is not a readable workbook with the kind's headings, or the
    kind's check refuses it as a whole.
    """
    require_free(union, kind, by)
    require_room(union, kind)
    data = file.read()
    sheet = open_sheet(data, kind.columns(), kind)
    plan = kind.check(union, sheet, by)
    with transaction.atomic():
        union = lock_union(union.pk)
        require_free(union, kind, by)
        require_room(union, kind)
        owner = uuid4()
        batch = Batch.objects.create(
            seal_id=owner,
            kind=kind.key,
            union=union,
            state=_first_state(kind, plan, sheet),
            unread=sheet.unread,
            found=list(sheet.places),
            chosen=[group.key for group in kind.groups if group.at_once],
            filename=file.name or "",
            file_sealed=FILE.seal_bytes(data, owner),
            message="".join(sheet.notes),
            uploaded_by=by,
            **counted(plan, owner),
        )
        record(
            "import.uploaded", batch, by=by, union=union, kind=kind.key, rows=plan.total, problems=len(plan.problems)
        )
        if batch.is_running:
            _queue(batch)
    return batch


def _group_labels() -> dict[str, str]:
    """Returns the labels of the groups of every kind."""
    return {group.key: group.label for kind in KINDS.values() for group in kind.groups}


def _first_state(kind: ImportKind, plan: Plan, sheet: Sheet) -> ImportState:
    """Returns QUEUED for a file without problems and warnings, with only new rows, and whose columns were all read."""
    needs_answer = any(plan.groups.get(group.key) for group in kind.groups if not group.at_once)
    return state_of(plan) if plan.problems or needs_answer or plan.warning or sheet.unread else ImportState.QUEUED


def state_of(plan: Plan) -> ImportState:
    """Returns the state in which a plan waits: for correction, or for confirmation."""
    return ImportState.INVALID if plan.problems else ImportState.AWAITING_CONFIRMATION


def confirm_import(batch: Batch, groups: Sequence[str], *, by: User) -> Batch:
    """Queues a waiting batch: the valid rows of these groups are imported, the others remain listed.

    Raises Refused when it is not waiting for confirmation, the groups have no row, or as ``upload_workbook`` does.
    """
    with transaction.atomic():
        batch = lock(batch.pk)
        kind = KINDS[batch.kind]
        require_free(lock_union(batch.union_id), kind, by)
        require_waiting(batch)
        selectable = {group.key for group in kind.groups if group.taken}
        chosen = [key for key in groups if key in selectable and batch.group_counts.get(key)]
        if not chosen:
            raise Refused("没有可以导入的行。请勾选要导入的内容，或改正文件中的错误后重新上传。")
        if batch.file_sealed is None:
            raise Refused(FILE_GONE)
        rows = sum(batch.group_counts[key] for key in chosen)
        batch.state, batch.valid_only, batch.chosen, batch.rows_valid = ImportState.QUEUED, True, chosen, rows
        batch.save(update_fields=["state", "valid_only", "chosen", "rows_valid"])
        record(
            "import.narrowed", batch, by=by, union=batch.union, rows=rows, problems=batch.problem_count, groups=chosen
        )
        _queue(batch)
    return batch


def discard_batch(batch: Batch, *, by: User) -> Batch:
    """Discards a waiting batch; deletes its file and the problems, which quote it. Raises Refused."""
    with transaction.atomic():
        batch = lock(batch.pk)
        kind = KINDS[batch.kind]
        require(can_import, by, batch.union, kind, sentence=f"只有本工会的{kind.importer}可以放弃这次导入。")
        require_waiting(batch)
        batch.state, batch.ended_at = ImportState.DISCARDED, timezone.now()
        batch.file_sealed = batch.problems_sealed = batch.lines_sealed = batch.mends_sealed = None
        batch.save(update_fields=["state", "ended_at", *SEALED])
        record("import.discarded", batch, by=by, union=batch.union)
    return batch


def undo_batch(batch: Batch, *, by: User) -> Batch:
    """Undoes an import for all rows without later changes, within UNDO_WITHIN of its end.

    Raises Refused: ``by`` may not, it is not done or too old, its kind cannot be undone, or an import of the union is
    running.
    """
    with transaction.atomic():
        batch = lock(batch.pk)
        kind = KINDS[batch.kind]
        require_free(lock_union(batch.union_id), kind, by)
        if batch.state != ImportState.DONE or batch.undo_until is None:
            raise Refused(f"这次导入的状态是“{batch.get_state_display()}”，不能撤销。")
        if timezone.now() > batch.undo_until:
            raise Refused(f"导入完成已超过 24 小时，不能再整批撤销。{kind.instead_of_undo}")
        sentence, left = kind.undo(batch)
        batch.state, batch.message = ImportState.UNDONE, sentence
        batch.lines_sealed = sealed_lines({"left": left}, owner_of(batch)) if left else None
        batch.save(update_fields=["state", "message", "lines_sealed", "seal_id"])
        record("import.undone", batch, by=by, union=batch.union, left=len(left))
    return batch


def marked_workbook(batch: Batch, *, by: User) -> bytes:
    """Returns the officer's workbook with its problems marked. Records the download, because it contains personal data.

    Raises Refused when there is nothing to mark, or the file is deleted.
    """
    kind = KINDS[batch.kind]
    if not can_import(by, batch.union, kind) or not batch.problem_count:
        raise Refused("这次导入没有可以下载的标注文件。")
    data, edits = file_of(batch), Edits.of(batch)
    columns = edits.columns(kind.columns())
    sheet = excel.read(data, columns, max_rows=kind.max_rows)
    marked = excel.mark(data, sheet, columns, batch.problems, edits.cells)
    with transaction.atomic():
        record("import.marked", batch, by=by, union=batch.union, problems=batch.problem_count)
    return marked


def _queue(batch: Batch) -> None:
    from gonghui.imports.tasks import commit_batch

    defer(commit_batch, batch_id=batch.pk)

"""The job that commits an import, or fails it with the reason (SPEC 3.4).

It may run more than once and stop at any point. Until the one transaction of ``_take_in`` commits, the only effects
are rows in a staging table and numbers that are not used again. After it the batch is no longer QUEUED, and every
further run ends at once.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pghistory
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.admission import lock, lock_union, require_approved
from gonghui.imports.batch_columns import FILE, SEALED, counted
from gonghui.imports.edits import Edits, file_of, read_sheet
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import Changed, ImportKind, Plan
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Sheet
from gonghui.kit.sealing import owner_of
from gonghui.notices.actions import notify

verbs.register(import__failed="导入失败")

TIMES_CHECKED = 3
"""Attempts of a run when the register changes between its check and its commit."""

_INTERRUPTED = "导入中断，没有导入任何一行。请重新上传；如果一直如此，请联系技术支持。"


def run_batch(batch_id: int) -> None:
    """Commits a queued batch as a whole, or fails it with the reason. Ignores a batch that is no longer queued.

    Raises only errors that another run may avoid (the database is unavailable, the register keeps changing).
    """
    for _ in range(TIMES_CHECKED):
        batch = (
            Batch.objects.select_related("union", "uploaded_by").filter(pk=batch_id, state=ImportState.QUEUED).first()
        )
        if batch is None:
            return
        try:
            with pghistory.context(user=batch.uploaded_by_id, batch=batch.pk):
                _run(batch)
        except Refused as refused:
            _fail(batch.pk, refused.sentence)
            return
        except (Changed, IntegrityError):
            continue
        return
    raise Changed(f"the register changed under batch {batch_id} {TIMES_CHECKED} times")


def give_up(batch_id: int) -> None:
    """Fails a batch that is still queued after its job has failed or was lost."""
    _fail(batch_id, _INTERRUPTED)


def _run(batch: Batch) -> None:
    kind = KINDS[batch.kind]
    changed = _changed(kind)
    sheet = read_sheet(batch, Edits.of(batch))
    full_plan = kind.check(batch.union, sheet, None)
    plan = full_plan.narrowed(batch.chosen)
    if len(plan.rows) < len(full_plan.rows) and not batch.valid_only:
        _fail(batch.pk, f"{changed}，文件中有的行要由您确认，所以没有导入任何一行。请重新上传。", plan)
    elif plan.problems and not batch.valid_only:
        _fail(
            batch.pk,
            f"{changed}，文件中有的行不能再导入，所以没有导入任何一行。请查看错误，改正后重新上传。",
            plan,
        )
    elif not plan.rows:
        _fail(batch.pk, f"{changed}，没有可以导入的行。", plan)
    else:
        kind.clear(batch)
        kind.stage(batch, plan, _progress_of(batch))
        _take_in(batch, kind, plan, sheet)


def _changed(kind: ImportKind) -> str:
    return f"上传之后{kind.register}有了变化"


def _progress_of(batch: Batch) -> Callable[[int], None]:
    queued: QuerySet[Batch] = Batch.objects.filter(pk=batch.pk, state=ImportState.QUEUED)

    def progress(rows: int) -> None:
        queued.update(rows_done=rows)

    return progress


def _take_in(batch: Batch, kind: ImportKind, plan: Plan, sheet: Sheet) -> None:
    """Imports in one transaction. Raises Refused, Changed or IntegrityError, without a change."""
    with transaction.atomic():
        # A second run of the job finds the batch done here, and ends.
        batch = lock(batch.pk)
        if not batch.is_running:
            return
        # Locks the batch before the union, in the same order as the officer's actions.
        require_approved(lock_union(batch.union_id), kind)
        message = kind.commit(batch, plan)
        if missing := batch.rows_valid - len(plan.rows):
            message += f"{_changed(kind)}，另有 {missing} 行没有导入，请重新上传查看。"
        if plan.problems:
            _follow(batch, plan)
            message += "有错误的行留在“历史导入记录”中，可以继续修改。"
        kind.clear(batch)
        _end(
            batch,
            ImportState.DONE,
            message + "".join(sheet.notes),
            **counted(plan, owner_of(batch)) | {"rows_done": len(plan.rows)},
        )


def _follow(batch: Batch, plan: Plan) -> None:
    """Puts the rows with problems into a new waiting batch, to be corrected and imported later."""
    numbers, owner = {problem.row for problem in plan.problems}, uuid4()
    Batch.objects.create(
        seal_id=owner,
        kind=batch.kind,
        union=batch.union,
        state=ImportState.INVALID,
        chosen=batch.chosen,
        filename=batch.filename,
        file_sealed=FILE.seal_bytes(file_of(batch), owner),
        mends_sealed=Edits.of(batch).rest(numbers).sealed(owner),
        follows=batch,
        found=batch.found,
        uploaded_by=batch.uploaded_by,
        **counted(replace(plan, rows=[], total=len(numbers), groups={}, lines={}, warning=""), owner),
    )


def _fail(batch_id: int, sentence: str, plan: Plan | None = None) -> None:
    with transaction.atomic():
        batch = lock(batch_id)
        if not batch.is_running:
            return
        KINDS[batch.kind].clear(batch)
        record("import.failed", batch, by=None, union=batch.union, reason=sentence)
        _end(batch, ImportState.FAILED, sentence, **counted(plan, owner_of(batch)) if plan else {"rows_done": 0})


def _end(batch: Batch, state: ImportState, sentence: str, **columns: object) -> None:
    """Writes the end and notifies the uploader (SPEC 7.1)."""
    columns |= {"seal_id": batch.seal_id, "state": state, "message": sentence, "ended_at": timezone.now()}
    Batch.objects.filter(pk=batch.pk).update(**columns)
    title = f"{KINDS[batch.kind].title}：{state.label}"
    notify([batch.uploaded_by], title, body=sentence, url=reverse("imports:batch", args=[batch.pk]))


def drop_old_files(older_than: datetime) -> None:
    """Deletes the files and problems of older uploads: personal data is not kept longer than needed."""
    Batch.objects.filter(uploaded_at__lt=older_than, file_sealed__isnull=False).exclude(
        state=ImportState.QUEUED
    ).update(**dict.fromkeys(SEALED))

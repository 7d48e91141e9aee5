"""The import engine's writes: upload, take the valid rows, give up, and the job that commits (SPEC 3.4).

A job may run more than once and die at any point. Until the one transaction of ``_take_in`` commits, nothing has
happened but rows in a staging table and numbers that are never given again; after it the batch is no longer QUEUED,
and every further run of the job ends at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pghistory
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.admission import (
    lock,
    lock_union,
    require_approved,
    require_free,
    require_room,
    require_waiting,
)
from gonghui.imports.columns import FILE, SEALED, counted, sealed_lines
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import Changed, ImportKind, Plan
from gonghui.imports.mends import Mends
from gonghui.imports.models import Batch, State
from gonghui.imports.rules import can_import
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Sheet
from gonghui.kit.jobs import defer
from gonghui.kit.sealing import opened_bytes, owner_of
from gonghui.notices.actions import notify
from gonghui.unions.models import Union

verbs.register(
    import__uploaded="上传导入文件",
    import__narrowed="确认先导入正确的行",
    import__discarded="放弃导入",
    import__failed="导入失败",
    import__marked="下载标注后的文件",
    import__undone="撤销导入",
)
verbs.facts(
    "import",
    kind=("类型", lambda key: KINDS[key].title),
    problems="错误数",
    groups=("导入的内容", lambda key: _group_labels()[key]),
    out="不导入的行数",
    left="没有撤销的行数",
)

TIMES_CHECKED = 3
"""How often a run starts over because somebody changed the register between its check and its commit."""

_INTERRUPTED = "导入中断，没有导入任何一行。请重新上传；如果一直如此，请联系技术支持。"
_FILE_GONE = "这次上传的文件已超过保存期限，请重新上传。"


def upload_workbook(union: Union, kind: ImportKind, file: File, *, by: User) -> Batch:
    """Check a whole workbook. A clean one is queued; one with problems waits as CHECKED, and nothing of it is taken.

    Raises Refused, keeping nothing, when ``by`` may not, the union is not approved or has an import in work, too many of
    its imports wait or came today, the file is not a readable workbook with the kind's headings, or the kind's check
    refuses it as a whole.
    """
    require_free(union, by)
    require_room(union)
    data = file.read()
    sheet = excel.read(data, kind.columns, max_rows=kind.max_rows)
    plan = kind.check(union, sheet, by)
    with transaction.atomic():
        union = lock_union(union.pk)
        require_free(union, by)
        require_room(union)
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
    """What the sorts of rows are called, of every kind."""
    return {group.key: group.label for kind in KINDS.values() for group in kind.groups}


def _first_state(kind: ImportKind, plan: Plan, sheet: Sheet) -> State:
    """QUEUED for a clean file of nothing but what needs no question: newcomers, in columns that were all read, and no
    warning.
    """
    asked = any(plan.groups.get(group.key) for group in kind.groups if not group.at_once)
    return state_of(plan) if plan.problems or asked or plan.warning or sheet.unread else State.QUEUED


def state_of(plan: Plan) -> State:
    """For mending, or for the officer's word."""
    return State.CHECKED if plan.problems else State.SORTED


def take_rows(batch: Batch, groups: Sequence[str], *, by: User) -> Batch:
    """Queue a batch that waits: the good rows of these groups are taken, the others stay listed.

    Raises Refused when it is not waiting for that, the groups have no row, or as ``upload_workbook`` does.
    """
    with transaction.atomic():
        batch = lock(batch)
        require_free(lock_union(batch.union_id), by)
        require_waiting(batch)
        known = {group.key for group in KINDS[batch.kind].groups if group.taken}
        chosen = [key for key in groups if key in known and batch.group_counts.get(key)]
        if not chosen:
            raise Refused("没有可以导入的行。请勾选要导入的内容，或改正文件中的错误后重新上传。")
        if batch.file_sealed is None:
            raise Refused(_FILE_GONE)
        rows = sum(batch.group_counts[key] for key in chosen)
        batch.state, batch.valid_only, batch.chosen, batch.rows_valid = State.QUEUED, True, chosen, rows
        batch.save(update_fields=["state", "valid_only", "chosen", "rows_valid"])
        record(
            "import.narrowed", batch, by=by, union=batch.union, rows=rows, problems=batch.problem_count, groups=chosen
        )
        _queue(batch)
    return batch


def discard_batch(batch: Batch, *, by: User) -> Batch:
    """Give a batch with problems up; its file and the problems, which quote it, are forgotten. Raises Refused."""
    with transaction.atomic():
        batch = lock(batch)
        require(can_import, by, batch.union, sentence="只有本工会的经办人可以放弃这次导入。")
        require_waiting(batch)
        batch.state, batch.ended_at = State.DISCARDED, timezone.now()
        batch.file_sealed = batch.problems_sealed = batch.lines_sealed = batch.mends_sealed = None
        batch.save(update_fields=["state", "ended_at", *SEALED])
        record("import.discarded", batch, by=by, union=batch.union)
    return batch


def undo_batch(batch: Batch, *, by: User) -> Batch:
    """Undo an import for everybody whom nobody has touched since, within UNDO_WITHIN of its end.

    Raises Refused: ``by`` may not, it is not done or too old, or an import of the union is in work.
    """
    with transaction.atomic():
        batch = lock(batch)
        require_free(lock_union(batch.union_id), by)
        if batch.state != State.DONE or batch.undo_until is None:
            raise Refused(f"这次导入的状态是“{batch.get_state_display()}”，不能撤销。")
        if timezone.now() > batch.undo_until:
            raise Refused("导入完成已超过 24 小时，不能再整批撤销。请在“会员管理”中逐个修改，或办理转出。")
        told, left = KINDS[batch.kind].undo(batch)
        batch.state, batch.message = State.UNDONE, told
        batch.lines_sealed = sealed_lines({"left": left}, owner_of(batch)) if left else None
        batch.save(update_fields=["state", "message", "lines_sealed", "seal_id"])
        record("import.undone", batch, by=by, union=batch.union, left=len(left))
    return batch


def marked_workbook(batch: Batch, *, by: User) -> bytes:
    """The officer's workbook with its problems marked; that it was fetched is recorded, since it is full of people.

    Raises Refused when there is nothing to mark, or the file is no longer kept.
    """
    if not can_import(by, batch.union) or not batch.problem_count:
        raise Refused("这次导入没有可以下载的标注文件。")
    kind, data, mends = KINDS[batch.kind], _file(batch), Mends.of(batch)
    columns = mends.columns(kind.columns)
    sheet = excel.read(data, columns, max_rows=kind.max_rows)
    marked = excel.mark(data, sheet, columns, batch.problems, mends.cells)
    with transaction.atomic():
        record("import.marked", batch, by=by, union=batch.union, problems=batch.problem_count)
    return marked


def run_batch(batch_id: int) -> None:
    """The job: commit a queued batch wholly, or fail it with the reason. One that is no longer queued is left alone.

    Raises only what another run may mend (the database is away, the register keeps changing).
    """
    for _ in range(TIMES_CHECKED):
        batch = Batch.objects.select_related("union", "uploaded_by").filter(pk=batch_id, state=State.QUEUED).first()
        if batch is None:
            return
        try:
            with pghistory.context(user=batch.uploaded_by_id, batch=batch.pk):
                _run(batch)
        except Refused as refused:
            _fail(batch, refused.sentence)
            return
        except (Changed, IntegrityError):
            continue
        return
    raise Changed(f"the register changed under batch {batch_id} {TIMES_CHECKED} times")


def give_up(batch_id: int) -> None:
    """Fail a batch that is queued still, after its job has failed or was lost."""
    _fail(Batch(pk=batch_id), _INTERRUPTED)


def drop_old_files(older_than: datetime) -> None:
    """Forget the files and problems of what was uploaded before; people's data is not kept longer than it is of use."""
    Batch.objects.filter(uploaded_at__lt=older_than, file_sealed__isnull=False).exclude(state=State.QUEUED).update(
        **dict.fromkeys(SEALED)
    )


def _file(batch: Batch) -> bytes:
    """The workbook as it was uploaded. Raises Refused when it is no longer kept."""
    if batch.file_sealed is None:
        raise Refused(_FILE_GONE)
    return opened_bytes(batch, "file_sealed")


def read_sheet(batch: Batch, mends: Mends) -> Sheet:
    """The workbook as the officer has mended it."""
    kind = KINDS[batch.kind]
    return mends.applied(excel.read(_file(batch), mends.columns(kind.columns), max_rows=kind.max_rows))


def _run(batch: Batch) -> None:
    kind = KINDS[batch.kind]
    sheet = read_sheet(batch, Mends.of(batch))
    whole = kind.check(batch.union, sheet, None)
    plan = whole.narrowed(batch.chosen)
    if len(plan.rows) < len(whole.rows) and not batch.valid_only:
        _fail(batch, "上传之后会员库有了变化，文件中有的行要由您确认，所以没有导入任何一行。请重新上传。", plan)
    elif plan.problems and not batch.valid_only:
        _fail(
            batch,
            "上传之后会员库有了变化，文件中有的行不能再导入，所以没有导入任何一行。请查看错误，改正后重新上传。",
            plan,
        )
    elif not plan.rows:
        _fail(batch, "上传之后会员库有了变化，没有可以导入的行。", plan)
    else:
        kind.clear(batch)
        kind.stage(batch, plan, _progress_of(batch))
        _take_in(batch, kind, plan, sheet)


def _progress_of(batch: Batch) -> Callable[[int], None]:
    queued: QuerySet[Batch] = Batch.objects.filter(pk=batch.pk, state=State.QUEUED)

    def progress(rows: int) -> None:
        queued.update(rows_done=rows)

    return progress


def _take_in(batch: Batch, kind: ImportKind, plan: Plan, sheet: Sheet) -> None:
    """The one transaction in which an import happens. Raises Refused, Changed, IntegrityError, having done nothing."""
    with transaction.atomic():
        batch = lock(batch)
        if not batch.is_running:
            return
        require_approved(lock_union(batch.union_id))
        told = kind.commit(batch, plan)
        if missing := batch.rows_valid - len(plan.rows):
            told += f"上传之后会员库有了变化，另有 {missing} 行没有导入，请重新上传查看。"
        if plan.problems:
            _follow(batch, plan)
            told += "有错误的行留在“历史导入记录”中，可以继续修改。"
        kind.clear(batch)
        _end(
            batch,
            State.DONE,
            told + "".join(sheet.notes),
            **counted(plan, owner_of(batch)) | {"rows_done": len(plan.rows)},
        )


def _follow(batch: Batch, plan: Plan) -> None:
    """The rows with problems wait in a batch of their own, to be mended and taken in later."""
    rest, owner = {problem.row for problem in plan.problems}, uuid4()
    Batch.objects.create(
        seal_id=owner,
        kind=batch.kind,
        union=batch.union,
        state=State.CHECKED,
        chosen=batch.chosen,
        filename=batch.filename,
        file_sealed=FILE.seal_bytes(_file(batch), owner),
        mends_sealed=Mends.of(batch).rest(rest).sealed(owner),
        follows=batch,
        found=batch.found,
        uploaded_by=batch.uploaded_by,
        **counted(replace(plan, rows=[], total=len(rest), groups={}, lines={}, warning=""), owner),
    )


def _fail(batch: Batch, sentence: str, plan: Plan | None = None) -> None:
    with transaction.atomic():
        batch = lock(batch)
        if not batch.is_running:
            return
        KINDS[batch.kind].clear(batch)
        record("import.failed", batch, by=None, union=batch.union, reason=sentence)
        _end(batch, State.FAILED, sentence, **counted(plan, owner_of(batch)) if plan else {"rows_done": 0})


def _end(batch: Batch, state: State, sentence: str, **columns: object) -> None:
    """Write the end and ring the uploader's bell (SPEC 7.1)."""
    columns |= {"seal_id": batch.seal_id, "state": state, "message": sentence, "ended_at": timezone.now()}
    Batch.objects.filter(pk=batch.pk).update(**columns)
    title = f"{KINDS[batch.kind].title}：{state.label}"
    notify([batch.uploaded_by], title, body=sentence, url=reverse("imports:batch", args=[batch.pk]))


def _queue(batch: Batch) -> None:
    from gonghui.imports.tasks import commit_batch

    defer(commit_batch, batch_id=batch.pk)

"""The job that writes an export: row by row into one sheet, with progress, and stopped when it is called back.

A run takes the export over by its own id. Until the last transaction it has no file: a killed run leaves nothing that
anybody sees, and the next one begins anew.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes
from django.db import transaction
from django.utils.timezone import localdate, localtime

from gonghui.exports.actions import HOURS_KEPT, address, lock, plan_of
from gonghui.exports.kinds import Plan
from gonghui.exports.models import Export, ExportState, File
from gonghui.exports.own_files import not_written, written
from gonghui.kit.errors import Refused
from gonghui.kit.excel import write_stamped
from gonghui.kit.sealing import purpose as sealing
from gonghui.notices.actions import notify

CHUNK = 1_000
"""Rows between two steps of the progress, at which a run also sees whether it is still wanted."""

INTERRUPTED = "处理中断，没有留下任何结果。请重新导出；如果一直如此，请联系技术支持。"


class Stopped(Exception):
    """The export was called back, or another run of the job has taken it over."""


def build(export_id: int) -> None:
    """Writes the list of an export. Does nothing when it has ended."""
    run = uuid4()
    with transaction.atomic():
        export = lock(export_id)
        if export.state != ExportState.BUILDING:
            return
        export.run, export.done = run, 0
        export.save(update_fields=["run", "done"])
    try:
        _write(export, plan_of(export), run)
    except Stopped:
        return
    except Refused as refusal:
        _fail(export_id, refusal.sentence)


def _write(export: Export, plan: Plan, run: UUID) -> None:
    people: list[int] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        lines = _passing(export, plan, run, people)
        rows = write_stamped(path, plan.headings, lines, title=plan.title, stamp=stamp(export))
        content = path.read_bytes()
    _finish(export, run, content, rows, people)


def stamp(export: Export) -> str:
    """The sheet's first line, which printed pages repeat: who, when, for what, and who approved it."""
    parts = [
        f"导出编号 {export.number}",
        f"{export.union.name} {export.by}",
        f"{localtime(export.at):%Y-%m-%d %H:%M}",
        *([f"用途：{export.purpose}"] if export.purpose else []),
        *([f"批准人 {export.decided_by}"] if export.decided_by else []),
    ]
    return "；".join(parts)


def _passing(export: Export, plan: Plan, run: UUID, people: list[int]) -> Iterator[Sequence[str]]:
    """The cells of each row, while rows are counted and people noted.

    Raises Stopped, and Refused for more rows than were approved.
    """
    for count, line in enumerate(plan.lines(), start=1):
        if count > export.total:
            raise Refused(f"申请以后名单增加到超过 {export.total:,} 行，没有生成。请重新导出。")
        if line.person:
            people.append(line.person)
        yield line.cells
        if count % CHUNK == 0:
            mine = Export.objects.filter(pk=export.pk, run=run, state=ExportState.BUILDING)
            if not mine.update(done=count):
                raise Stopped


def _finish(export: Export, run: UUID, content: bytes, rows: int, people: Sequence[int]) -> None:
    digest, owner = hashes.Hash(hashes.SM3()), uuid4()
    digest.update(content)
    sealed = sealing(File, "content_sealed").seal_bytes(content, owner)
    with transaction.atomic():
        export = lock(export.pk)
        if export.run != run or export.state != ExportState.BUILDING:
            return
        File.objects.create(
            export=export, name=f"{export.title}_{localdate(export.at):%Y%m%d}_{export.number}.xlsx",
            size=len(content), digest=digest.finalize().hex(), people=people, seal_id=owner, content_sealed=sealed,
        )  # fmt: skip
        written(export, rows)
        body = f"共 {rows:,} 行，保留 {HOURS_KEPT} 小时。"
        notify([export.by], f"导出的{export.title}可以下载了", body=body, url=address(export), mail=False)


def give_up(export_id: int) -> None:
    """Ends an export that its job did not finish."""
    _fail(export_id, INTERRUPTED)


def _fail(export_id: int, reason: str) -> None:
    with transaction.atomic():
        export = lock(export_id)
        if export.state != ExportState.BUILDING:
            return
        not_written(export, reason)
        notify([export.by], f"导出的{export.title}没有生成", body=reason, url=address(export), mail=False)

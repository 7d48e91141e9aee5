"""Exports whose files their own app writes, keeps and hands out (`kinds.OwnFiles`): what it tells this app.

The export's row is locked before the app's own, in every act.
"""

from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit.actions import record
from gonghui.exports.actions import HOURS_KEPT, NOT_HIS, is_over, lock, may_grow_by, require_not_recalled
from gonghui.exports.hooks import KINDS
from gonghui.exports.kinds import OwnFiles
from gonghui.exports.models import Export, ExportState
from gonghui.exports.rules import can_fetch
from gonghui.kit.errors import Refused


def own_kinds() -> list[str]:
    """The keys of these kinds: no job of this app writes them."""
    return [key for key, kind in KINDS.items() if isinstance(kind, OwnFiles)]


def most_rows(export: Export) -> int:
    """How many rows may be written: those that were approved, and those that may leave alone."""
    return (export.total if export.second else 0) + may_grow_by(export)


def grown(export: Export) -> Refused:
    """What is said when there are more rows: nobody is left out, so nothing is written."""
    return Refused(f"申请以后增加到超过 {most_rows(export):,} 行，没有生成。请重新导出，行数较多的须再次批准。")


def written(export: Export, rows: int) -> None:
    """A locked export's files are there, all of them."""
    export.state, export.ended_at = ExportState.READY, timezone.now()
    export.rows = export.done = rows
    export.save()
    record("export.built", export, by=None, union=export.union, list=export.title, rows=rows, full=export.full)


def not_written(export: Export, reason: str) -> None:
    """A locked export failed."""
    export.state, export.ended_at, export.failure = ExportState.FAILED, timezone.now(), reason
    export.save()
    record("export.failed", export, by=None, union=export.union, list=export.title, reason=reason)


def is_there(export: Export) -> bool:
    """Whether its files may leave now."""
    return export.state == ExportState.READY and not is_over(export, timezone.now())


def hand_out(export_id: int, *, by: User) -> Export:
    """Counts that a file leaves, in the transaction that records it. What a second person approved is for who asked.

    Raises Refused: ``by`` may not have it (any more), it was called back, or it is a day old or not written yet.
    """
    export = lock(export_id)
    if export.second:
        require(can_fetch, by, export, sentence=NOT_HIS)
    KINDS[export.kind].require_right(export.told["what"], by)
    require_not_recalled(export)
    if not is_there(export):
        raise Refused(f"没有可以下载的文件：只保留 {HOURS_KEPT} 小时。请重新导出。")
    export.fetched += 1
    export.save(update_fields=["fetched"])
    return export

"""The results of an uploaded workbook as a workbook (SPEC 3.6)."""

from pathlib import Path

from django.db import transaction

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.transfers.models import Tally, Transfer, Upload
from gonghui.transfers.rules import can_transfer

verbs.register(transfer__results_exported="导出转入结果")
verbs.looks(transfer__results_exported=verbs.EACH)


HEADINGS = ("行", "姓名", "证件号码", "转入结果", "说明", "当前状态")


def export_results(upload: Upload, path: Path, *, by: User) -> None:
    """Writes every row as sent, its result, and the present state of its request.

    Raises Refused when ``by`` is no officer, or the rows are deleted.
    """
    if not can_transfer(by, upload.union):
        raise Refused("只有本工会的经办人可以导出转入结果。")
    lines = upload.lines
    if not lines:
        raise Refused("这次上传的明细已超过保存期限（30 天），不能再导出。申请的进度请在“转入申请”中查看。")
    transfers = Transfer.objects.in_bulk([line[-1] for line in lines if line[-1]])
    rows = (
        [str(row), name, number, Tally(tally).label, remark, standing(transfers.get(transfer))]
        for row, name, number, tally, remark, transfer in lines
    )
    with transaction.atomic():
        excel.export(path, HEADINGS, rows, title="转入结果")
        record("transfer.results_exported", upload, by=by, union=upload.union, count=len(lines))


def standing(transfer: Transfer | None) -> str:
    """Returns the state of a request, with the reason if it was refused."""
    if transfer is None:
        return ""
    state = transfer.get_state_display()
    return f"{state}：{transfer.opinion}" if transfer.opinion and not transfer.is_waiting else state

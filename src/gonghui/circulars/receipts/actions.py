"""A union reads a circular, and confirms it."""

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.circulars.models import Circular, CircularState, Receipt
from gonghui.circulars.queries import task_of
from gonghui.circulars.rules import can_confirm
from gonghui.kit.errors import Refused
from gonghui.notices.actions import settle

verbs.register(circular__read="阅读工作通知", circular__confirmed="签收工作通知")


def mark_read(receipt: Receipt, *, by: User) -> None:
    """Notes who of the union was the first to open it; a later look changes nothing."""
    with transaction.atomic():
        receipt = _lock(receipt)
        if receipt.read_at or receipt.circular.state != CircularState.SENT or receipt.union_id != by.union_id:
            return
        _read(receipt, by)
        receipt.save()


def confirm(circular: Circular, *, by: User) -> Receipt:
    """「签收」 for the user's union. Raises Refused when ``by`` may not, it is recalled, wants none, or was confirmed."""
    with transaction.atomic():
        receipt = _lock(Receipt.objects.get(circular=circular, union=by.union_id))
        require(can_confirm, by, receipt.union, sentence="只有经办人、管理员和审核人可以签收。请联系本工会的同事签收。")
        if receipt.circular.state == CircularState.RECALLED:
            raise Refused("这条通知已经收回，不需要签收。")
        if not receipt.circular.confirm:
            raise Refused("这条通知不需要签收。")
        if receipt.confirmed_at:
            raise Refused(f"{receipt.confirmed_by}已经签收，不必重复操作。")
        if not receipt.read_at:
            _read(receipt, by)
        receipt.confirmed_by, receipt.confirmed_at = by, timezone.now()
        receipt.open = False
        receipt.save()
        record("circular.confirmed", receipt.circular, by=by, union=receipt.union)
        settle([task_of(receipt.circular, receipt.union_id)])
    return receipt


def _read(receipt: Receipt, by: User) -> None:
    receipt.read_by, receipt.read_at = by, timezone.now()
    record("circular.read", receipt.circular, by=by, union=receipt.union)
    if not receipt.circular.confirm:
        receipt.open = False
        settle([task_of(receipt.circular, receipt.union_id)])


def _lock(receipt: Receipt) -> Receipt:
    rows = Receipt.objects.select_for_update(of=("self",)).select_related("circular", "union", "confirmed_by")
    return rows.get(pk=receipt.pk)

"""「已备案」: the superior acknowledges that it knows of an expulsion, which took effect without it (SPEC 3.10)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import refresh
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.transfers.bulk_result import BulkResult
from gonghui.transfers.expulsions.notifications import notify_unions_of_acknowledgement, settle_expulsions
from gonghui.transfers.models import Transfer, TransferState
from gonghui.transfers.queries import expulsions
from gonghui.transfers.rules import can_acknowledge

verbs.register(transfer__acknowledged="备案除名", transfer__looked_at="查看除名人员")
verbs.looks(transfer__looked_at=verbs.EACH)


def record_disclosure(expulsions: Sequence[Transfer], *, by: User) -> None:
    """Records that ``by`` is shown people who are in none of the unions below any more (SPEC 7.2)."""
    if expulsions:
        about = expulsions[0] if len(expulsions) == 1 else None
        with transaction.atomic():
            record(
                "transfer.looked_at", about, by=by, union=by.union, count=len(expulsions),
                people=[expulsion.member_id for expulsion in expulsions],
                transfers=[expulsion.pk for expulsion in expulsions],
            )  # fmt: skip


def acknowledge(ids: Sequence[int], *, by: User) -> BulkResult:
    """Acknowledges these expulsions of unions directly below; whoever was acknowledged or undone already is passed over.

    Raises Refused: none, or ``by`` may acknowledge none of them.
    """
    if not ids:
        raise Refused("请先勾选要备案的除名。")
    with transaction.atomic():
        rows = expulsions(by).filter(pk__in=ids).select_related("member", "origin", "acknowledged_by").order_by("pk")
        transfers = list(rows.select_for_update(of=("self",)))
        refresh(by)
        mine = [transfer for transfer in transfers if can_acknowledge(by, transfer)]
        if not mine:
            raise Refused("除名由所属街镇（公司）工会的审核人备案，这里没有您可以备案的。请刷新页面查看。")
        outcome = BulkResult(gone=len(set(ids)) - len(mine))
        for transfer in mine:
            if transfer.state == TransferState.UNDONE:
                outcome.pass_over(transfer, "工会已撤销除名，不需要备案")
            elif transfer.acknowledged_at:
                outcome.pass_over(transfer, f"已由 {transfer.acknowledged_by} 备案")
            else:
                outcome.done.append(transfer)
        _acknowledge(outcome.done, by)
    return outcome


def _acknowledge(transfers: Sequence[Transfer], by: User) -> None:
    if not transfers:
        return
    ids = [transfer.pk for transfer in transfers]
    Transfer.objects.filter(pk__in=ids).update(acknowledged_by=by, acknowledged_at=timezone.now())
    settle_expulsions(transfers)
    about = transfers[0] if len(ids) == 1 else None
    record("transfer.acknowledged", about, by=by, union=by.union, count=len(ids), transfers=ids)
    notify_unions_of_acknowledgement(transfers)

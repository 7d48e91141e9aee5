"""Ends transfers: locks in one order, closes, records."""

from collections.abc import Sequence

from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit.actions import record
from gonghui.notices.actions import settle
from gonghui.reviews.actions import void
from gonghui.reviews.models import Review
from gonghui.transfers.locks import lock_transfers, lock_unions
from gonghui.transfers.models import Transfer, TransferState
from gonghui.transfers.notifications import task_of


def locked(ids: Sequence[int], by: User) -> list[Transfer]:
    """Returns the transfers visible to ``by``, with unions, transfers and members locked in one order."""
    rows = list(Transfer.objects.visible_to(by).filter(pk__in=ids).values_list("pk", "origin", "target"))
    unions = lock_unions(id_ for row in rows for id_ in row[1:])
    transfers = lock_transfers([pk for pk, *_ in rows])
    for transfer in transfers:
        transfer.origin = unions[transfer.origin_id] if transfer.origin_id else None
        transfer.target = unions[transfer.target_id] if transfer.target_id else None
    return transfers


def close(transfers: Sequence[Transfer], state: TransferState, *, by: User | None, opinion: str = "") -> None:
    """Ends transfers that the caller has locked, in its transaction; voids their pending reviews."""
    now = timezone.now()
    for transfer in transfers:
        transfer.state, transfer.decided_by, transfer.decided_at, transfer.opinion = state, by, now, opinion
    Transfer.objects.filter(pk__in=[transfer.pk for transfer in transfers]).update(
        state=state, decided_by=by, decided_at=now, opinion=opinion
    )
    settle([task_of(transfer) for transfer in transfers if not transfer.review_id])
    void(Review.objects.filter(pk__in=[transfer.review_id for transfer in transfers if transfer.review_id]))


def record_all(verb: str, transfers: Sequence[Transfer], *, by: User) -> None:
    """Records one audit entry for an act on several; each transfer has its own history."""
    if transfers:
        ids = [transfer.pk for transfer in transfers]
        record(verb, transfers[0] if len(ids) == 1 else None, by=by, union=by.union, count=len(ids), transfers=ids)

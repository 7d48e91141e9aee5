"""Overdue transfers: requests escalate to the superior, offers lapse (SPEC 3.6). A job, safe to repeat."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils.timezone import localdate

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.notices.actions import settle
from gonghui.reviews.actions import ReviewRequest, submit_many
from gonghui.reviews.models import ReviewPart
from gonghui.transfers.answers.actions import lapse
from gonghui.transfers.answers.review import MemberTransfer
from gonghui.transfers.locks import lock_transfers, lock_unions
from gonghui.transfers.models import Transfer, TransferQuerySet, Way
from gonghui.transfers.notifications import notify_holders, notify_requesters, task_of
from gonghui.unions.models import Union

verbs.register(transfer__fell_due="会员转移逾期，转由上级审核")

CHUNK = 500
"""Transfers of one union handled in one transaction."""


def settle_overdue() -> int:
    """Settles all transfers with a deadline before today; returns their number."""
    settled = 0
    while origin := overdue().values_list("origin", flat=True).first():
        settled += _settle(origin)
    return settled


def overdue() -> TransferQuerySet:
    """Returns the transfers that still wait for a union after their deadline."""
    return Transfer.objects.waiting().filter(review=None, due_on__lt=localdate()).order_by("due_on", "pk")


def _settle(origin_id: int) -> int:
    with transaction.atomic():
        origin = lock_unions([origin_id])[origin_id]
        ids = list(overdue().filter(origin=origin).values_list("pk", flat=True)[:CHUNK])
        transfers = [transfer for transfer in lock_transfers(ids) if transfer.is_waiting and transfer.review_id is None]
        by_way: dict[str, list[Transfer]] = defaultdict(list)
        for transfer in transfers:
            transfer.origin = origin
            by_way[transfer.way].append(transfer)
        lapse(by_way[Way.OFFER], "对方工会没有在期限内接收")
        _escalate(origin, by_way[Way.REQUEST])
    return len(transfers)


def _escalate(origin: Union, transfers: Sequence[Transfer]) -> None:
    superior = origin.superior
    if superior is None:  # never the case for a union with members, but the job must not stop
        lapse(transfers, "转出工会没有上级工会，不能转由上级审核")
        return
    if not transfers:
        return
    targets = Union.objects.in_bulk([transfer.target_id for transfer in transfers if transfer.target_id])
    reviews = submit_many(
        MemberTransfer,
        [
            ReviewRequest(
                origin,
                f"{transfer.member.name} 转入 {targets[transfer.target_id].name}",
                {ReviewPart.SUPERIOR: superior},
                transfer.asked_by_id,
            )
            for transfer in transfers
            if transfer.target_id
        ],
    )
    settle([task_of(transfer) for transfer in transfers])  # the union itself no longer has to answer
    for transfer, review in zip(transfers, reviews, strict=True):
        transfer.review = review
    Transfer.objects.bulk_update(transfers, ["review"])
    record(
        "transfer.fell_due",
        transfers[0] if len(transfers) == 1 else None,
        by=None,
        union=origin,
        count=len(transfers),
        transfers=[transfer.pk for transfer in transfers],
    )
    notify_holders(transfers, "会员转移逾期未审核，请审核", f"{origin.name}没有在期限内审核，共 {len(transfers)} 人。")
    notify_requesters(transfers, "会员转入申请已转由上级工会审核", "转出工会没有在期限内审核。")

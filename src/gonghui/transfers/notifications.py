"""Notifications of transfers, by bell and mail (SPEC 7.1). The number of queries does not depend on the transfers."""

from collections import defaultdict
from collections.abc import Sequence

from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.notices.actions import notify_officers
from gonghui.reviews.actions import task_of as task_of_review
from gonghui.reviews.models import ReviewPart
from gonghui.reviews.notifications import notify_deciders
from gonghui.reviews.queries import task_kind as task_kind_of_review
from gonghui.transfers.models import Transfer, Way
from gonghui.transfers.queries import address_of, task_kind


def task_of(transfer: Transfer) -> str:
    """Returns the task of a notice that asks the union or its superior to answer."""
    return task_of_review(transfer.review_id, ReviewPart.SUPERIOR) if transfer.review_id else f"transfer:{transfer.pk}"


def notify_holders(transfers: Sequence[Transfer], title: str, body: str) -> None:
    """Notifies those who must answer: the officers of the asked union, or the reviewers of its superior."""
    tasks_by_holder: dict[int | None, list[str]] = defaultdict(list)
    for transfer in transfers:
        tasks_by_holder[_holder_of(transfer)].append(task_of(transfer))

    def tasks(user: User) -> Sequence[str]:
        return tasks_by_holder[user.union_id]

    mine = [transfer for transfer in transfers if transfer.review_id is None]
    for way, tab in ((Way.REQUEST, "waiting"), (Way.OFFER, "offered")):
        unions = {transfer.holder_id for transfer in mine if transfer.way == way}
        if unions:
            notify_officers(unions, title, body=body, url=address_of(tab), tasks=tasks, kind=task_kind(way))
    if fallen := {_holder_of(transfer) for transfer in transfers if transfer.review_id}:
        url, kind = reverse("reviews:desk"), task_kind_of_review("member_transfer")
        notify_deciders(fallen, title, body=body, url=url, tasks=tasks, kind=kind)


def _holder_of(transfer: Transfer) -> int | None:
    """Returns the union that must answer, or the superior after escalation."""
    if transfer.review_id:
        return transfer.origin.superior_id if transfer.origin else None
    return transfer.holder_id


def notify_requesters(transfers: Sequence[Transfer], title: str, body: str = "") -> None:
    """Notifies the officers of the unions that requested or offered."""
    for way, tab in ((Way.REQUEST, "asked"), (Way.OFFER, "out")):
        unions = {transfer.asker_id for transfer in transfers if transfer.way == way}
        if unions:
            notify_officers(unions, title, body=body, url=address_of(tab))

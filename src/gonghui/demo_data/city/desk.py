"""What the city's card desk did in the last half year with the batches of the city: by its own actions, dated back."""

from collections.abc import Sequence

from django.core.files.base import ContentFile

from gonghui.accounts.models import User
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.models import Batch, Order
from gonghui.cards.orders import actions, results
from gonghui.cards.orders.sample import sample_results
from gonghui.cards.states import ApplicationState, BatchState, Purpose
from gonghui.demo_data.backdating import days_ago, happened
from gonghui.notices.models import Notice
from gonghui.policies.queries import of_union

MADE, AWAITED, BUILT = (158, 130, 103, 75, 48), 14, 5
"""Days ago orders were sent that are made by now, those that the card maker still works on, those that are ready: days on
which the story has sent none, for an order is numbered when it is made."""

MADE_AFTER, ISSUED_AFTER = 6, 13

KEPT_BACK = 12, 3
"""Each so manieth batch that was made waits to be handed out; of the last order's more."""

READ_AFTER = 5


def work(first_batch: int, by: User) -> None:
    """Orders month by month; ``first_batch``: the id with which the batches of the city begin."""
    for days in MADE:
        orders = _gathered(first_batch, days, by)
        _export(orders, days, by)
        with happened(days_ago(days - MADE_AFTER, 16)):
            for order in orders:
                order.refresh_from_db()
                file = ContentFile(sample_results(order, failing=40), f"JG{order.number}.txt")
                results.process(results.upload_results(order, file, by=by).pk)
        with happened(days_ago(days - ISSUED_AFTER, 10)):
            for order in orders:
                _hand_out(order, KEPT_BACK[days == MADE[-1]])
    _export(_gathered(first_batch, AWAITED, by), AWAITED, by)
    _gathered(first_batch, BUILT, by)
    read_at = days_ago(READ_AFTER)
    Notice.objects.filter(read_at=None, tasks=[], created_at__lt=read_at).update(read_at=read_at)


def _gathered(first_batch: int, days: int, by: User) -> list[Order]:
    """Makes an order of each purpose from the approved batches; some of the newest batches are left on the desk."""
    waiting = Batch.objects.filter(pk__gte=first_batch, state=BatchState.APPROVED, foreign=False)
    waiting = waiting.filter(moved_at__lt=days_ago(days + 2)).order_by("moved_at", "pk")
    orders = []
    with happened(days_ago(days, 10)):
        for purpose in Purpose:
            if chosen := _for_one_person(list(waiting.filter(purpose=purpose)), by):
                orders.append(actions.gather(purpose, foreign=False, batches=chosen, by=by))
                actions.build(orders[-1].pk)
    return orders


def _export(orders: Sequence[Order], days: int, by: User) -> None:
    with happened(days_ago(days, 11)):
        for order in orders:
            actions.export_order(order, by=by)


def _for_one_person(batches: Sequence[Batch], by: User) -> list[int]:
    """As many as make a file that one person may send: the city's desk has one account."""
    assert by.union is not None  # noqa: S101 (the city's)
    left, chosen = of_union("export_alone_rows", by.union), []
    for batch in batches:
        if batch.count <= left:
            left -= batch.count
            chosen.append(batch.pk)
    return chosen


def _hand_out(order: Order, kept_back: int) -> None:
    batches = Batch.objects.filter(applications__lines__order=order, applications__state=ApplicationState.MADE)
    for place, batch in enumerate(batches.distinct().select_related("created_by").order_by("pk")):
        if place % kept_back != kept_back - 1:
            issue_cards(batch, None, by=batch.created_by)

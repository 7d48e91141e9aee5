"""What the city's card desk did in the last months with the batches of the city: by its own actions, dated back."""

from collections.abc import Sequence

from django.core.files.base import ContentFile

from gonghui.accounts.models import User
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.models import Batch, Order
from gonghui.cards.orders import actions, results
from gonghui.cards.orders.sample import sample_results
from gonghui.cards.states import ApplicationState, BatchState, Purpose
from gonghui.demo_data.backdating import days_ago, happened

MADE, AWAITED, BUILT = 48, 12, 1
"""Days ago an order was sent that is made by now, one that the card maker still works on, one that is ready."""

MADE_AFTER, ISSUED_AFTER = 6, 12

KEPT_BACK = 3
"""Each so manieth batch that was made waits to be handed out."""

FULL = 5_000
"""Members of one such order: it is built line by line."""


def work(first_batch: int, by: User) -> None:
    """Three orders; ``first_batch``: the id with which the batches of the city begin."""
    if made := _order(first_batch, MADE, by):
        with happened(days_ago(MADE, 11)):
            actions.export_order(made, by=by)
        with happened(days_ago(MADE - MADE_AFTER, 16)):
            made.refresh_from_db()
            file = ContentFile(sample_results(made, failing=40), f"JG{made.number}.txt")
            results.process(results.upload_results(made, file, by=by).pk)
        with happened(days_ago(MADE - ISSUED_AFTER, 10)):
            _hand_out(made)
    if awaited := _order(first_batch, AWAITED, by):
        with happened(days_ago(AWAITED, 11)):
            actions.export_order(awaited, by=by)
    _order(first_batch, BUILT, by)


def _order(first_batch: int, days: int, by: User) -> Order | None:
    """Gathers what was approved by then, but that some of the newest is left for whoever looks at the desk."""
    waiting = Batch.objects.filter(pk__gte=first_batch, state=BatchState.APPROVED, purpose=Purpose.NEW, foreign=False)
    chosen = _full(list(waiting.filter(moved_at__lt=days_ago(days + 2)).order_by("moved_at", "pk")))
    if not chosen:
        return None
    with happened(days_ago(days, 10)):
        order = actions.gather(Purpose.NEW, foreign=False, batches=chosen, by=by)
        actions.build(order.pk)
    order.refresh_from_db()
    return order


def _full(batches: Sequence[Batch]) -> list[int]:
    count, chosen = 0, []
    for batch in batches:
        if count + batch.count <= FULL:
            count += batch.count
            chosen.append(batch.pk)
    return chosen


def _hand_out(order: Order) -> None:
    batches = Batch.objects.filter(
        applications__lines__order=order, applications__state=ApplicationState.MADE
    ).distinct()
    for place, batch in enumerate(batches.select_related("created_by").order_by("pk")):
        if place % KEPT_BACK:
            issue_cards(batch, None, by=batch.created_by)

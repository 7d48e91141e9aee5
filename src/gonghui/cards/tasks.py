"""The jobs of the cards."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.cards.models import Order, ResultFile
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.orders.disclosure import DAYS_KEPT
from gonghui.cards.states import OrderState, ResultState
from gonghui.kit.jobs import awaited


@awaited("imports", waiting=lambda: Order.objects.filter(state=OrderState.BUILDING), give_up=orders.give_up)
def build_order(order_id: int) -> None:
    """Writes an order's file."""
    orders.build(order_id)


@awaited("imports", waiting=lambda: ResultFile.objects.filter(state=ResultState.READING), give_up=results.give_up)
def take_results(result_id: int) -> None:
    """Processes a result file."""
    results.process(result_id)


@app.periodic(cron="37 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_card_files")
def drop_old_files(timestamp: int) -> None:
    """Runs every night."""
    orders.drop_old_files(timezone.now() - timedelta(days=DAYS_KEPT))

"""The jobs of the cards."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.kit.jobs import awaited


@awaited("imports", waiting=orders.building_ids, give_up=orders.give_up)
def build_order(order_id: int) -> None:
    """Writes an order's file."""
    orders.build(order_id)


@awaited("imports", waiting=results.reading_ids, give_up=results.give_up)
def take_results(result_id: int) -> None:
    """Processes a result file."""
    results.process(result_id)


@app.periodic(cron="37 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_card_files")
def drop_old_files(timestamp: int) -> None:
    """Runs every night."""
    orders.drop_old_files(timezone.now() - timedelta(days=orders.DAYS_KEPT))

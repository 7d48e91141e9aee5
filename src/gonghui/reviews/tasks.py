"""The jobs of the approval engine."""

from procrastinate.contrib.django import app

from gonghui.kit.jobs import awaited
from gonghui.reviews import bulk, checking


@app.task(queue="upkeep")
def check(review_ids: list[int]) -> None:
    """Checks requests that were just submitted."""
    checking.check(review_ids)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="check_waiting_reviews")
def check_waiting(timestamp: int) -> None:
    """Checks, every ten minutes, what was never checked, or not for a day."""
    checking.check(checking.unchecked())


@awaited("imports", waiting=bulk.open_decisions, give_up=bulk.give_up)
def apply_bulk(bulk_id: int) -> None:
    """Applies a bulk decision."""
    bulk.apply(bulk_id)

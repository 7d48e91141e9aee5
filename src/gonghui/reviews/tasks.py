"""The jobs of the approval engine."""

from procrastinate.contrib.django import app

from gonghui.kit.jobs import awaited
from gonghui.reviews import bulk, checking


@app.task(queue="upkeep")
def check(review_ids: list[int]) -> None:
    """Check requests that were just submitted."""
    checking.check(review_ids)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="check_waiting_reviews")
def check_waiting(timestamp: int) -> None:
    """Every ten minutes: what was not checked, or not for a day."""
    checking.check(checking.unchecked())


@awaited("imports", waiting=bulk.waiting_ids, give_up=bulk.give_up)
def apply_bulk(bulk_id: int) -> None:
    """Let a bulk decision take effect."""
    bulk.apply(bulk_id)

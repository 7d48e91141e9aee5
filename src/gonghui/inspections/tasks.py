"""The jobs of the inspection: telling many unions, and looking at the calendar."""

from procrastinate.contrib.django import app

from gonghui.inspections.reminders import actions as reminders
from gonghui.kit.jobs import awaited


@awaited("mailings", waiting=reminders.running, give_up=reminders.give_up)
def tell(mailing_id: int) -> None:
    """Go through a mailing's unions, a batch a transaction. A killed run is taken up where it stopped."""
    while reminders.tell_next(mailing_id):
        pass


@app.periodic(cron="5 0-10 * * *")
@app.task(queue="upkeep", queueing_lock="begin_due_mailings")
def begin_due_mailings(timestamp: int) -> None:
    """Every hour from 8:05 to 18:05 (the queue's clock is UTC's), so that a worker's pause of some hours costs nothing."""
    reminders.begin_due_mailings()

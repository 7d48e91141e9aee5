"""The jobs of the filings: reminders of the days that unions have to keep."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gonghui.filings.reminders import actions as reminders
from gonghui.kit.jobs import DATABASE_LOST


@app.periodic(cron="20 17-21 * * *")
@app.task(queue="upkeep", queueing_lock="remind_of_deadlines")
def remind_of_deadlines(timestamp: int) -> None:
    """Every hour from 1:20 to 5:20 local time (the queue uses UTC); a repeated run finds nothing left."""
    reminders.remind_due()


@app.task(queue="mailings", retry=RetryStrategy(max_attempts=5, exponential_wait=3, retry_exceptions=DATABASE_LOST))
def notify_reminders() -> None:
    """Notifies the unions that a superior has just reminded; what it leaves out, the nightly job makes good."""
    while reminders.notify_next():
        pass

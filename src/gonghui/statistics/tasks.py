"""The job that counts the figures."""

from procrastinate.contrib.django import app

from gonghui.statistics import actions


@app.periodic(cron="7 * * * *")
@app.task(queue="upkeep", queueing_lock="count_months")
def count_months(timestamp: int) -> None:
    """Runs every hour."""
    actions.count_months()

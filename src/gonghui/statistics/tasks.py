"""The jobs that count the figures."""

from procrastinate.contrib.django import app

from gonghui.statistics import actions, closing


@app.periodic(cron="7 * * * *")
@app.task(queue="upkeep", queueing_lock="count_months")
def count_months(timestamp: int) -> None:
    """Runs every hour."""
    actions.count_months()


@app.periodic(cron="37 * * * *")
@app.task(queue="upkeep", queueing_lock="close_days")
def close_days(timestamp: int) -> None:
    """Runs every hour: what is over is closed soon after midnight, or when the worker is there again."""
    closing.close_all()

"""The nightly job."""

from procrastinate.contrib.django import app

from gonghui.portal import upkeep


@app.periodic(cron="47 18 * * *")
@app.task(queue="upkeep", queueing_lock="clean_up")
def clean_up(timestamp: int) -> None:
    """Runs every night at 2:47 local time (the queue uses UTC)."""
    upkeep.clean_up()

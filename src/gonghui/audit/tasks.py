"""Jobs by the clock: the chain over the entries, and the partitions that they will need."""

from procrastinate.contrib.django import app

from gonghui.audit.partitions import make_partitions
from gonghui.audit.sealing import seal_waiting


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="seal_audit")
def seal(timestamp: int) -> None:
    """Runs every minute, for most of one at the longest."""
    seal_waiting()


@app.periodic(cron="57 2 * * *")
@app.task(queue="upkeep", queueing_lock="make_audit_partitions")
def make_years(timestamp: int) -> None:
    """Runs every night, so that next year's partition is there all this year."""
    make_partitions()

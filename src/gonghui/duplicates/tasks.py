"""The jobs that look for look-alikes."""

from procrastinate.contrib.django import app

from gonghui.duplicates import finding, overdue


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="find_duplicates")
def find_duplicates(timestamp: int) -> None:
    """Runs every five minutes: who is new in the register, and who has changed."""
    finding.follow()


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", queueing_lock="refresh_duplicate_owners")
def refresh_owners(timestamp: int) -> None:
    """Runs every night: the tree may have changed."""
    finding.refresh_owners()


@app.periodic(cron="14 17 * * *")
@app.task(queue="upkeep", queueing_lock="settle_overdue_merges")
def settle_overdue(timestamp: int) -> None:
    """Runs every night at 1:14 local time (the queue uses UTC)."""
    overdue.settle_overdue()

"""The jobs of the transfers."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.transfers.overdue import actions as due
from gonghui.transfers.requests import actions as requests


@app.periodic(cron="10 17 * * *")
@app.task(queue="upkeep", queueing_lock="settle_overdue_transfers")
def settle_overdue(timestamp: int) -> None:
    """Runs every night at 1:10 local time (the queue uses UTC)."""
    due.settle_overdue()


@app.periodic(cron="27 3 * * *")
@app.task(queue="upkeep", queueing_lock="forget_transfer_rows")
def forget_old_rows(timestamp: int) -> None:
    """Runs every night."""
    requests.forget_old_rows(timezone.now() - timedelta(days=requests.DAYS_KEPT))

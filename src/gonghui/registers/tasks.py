"""The jobs of the registers."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.kit.jobs import awaited
from gonghui.registers import job
from gonghui.registers.models import RUNNING, Load

DAYS_KEPT = 30


@awaited("imports", waiting=lambda: Load.objects.filter(state__in=RUNNING), give_up=job.give_up)
def run_load(load_id: int) -> None:
    """Checks an uploaded file, or loads one that was confirmed."""
    job.run(load_id)


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_loads")
def drop_old_loads(timestamp: int) -> None:
    """Runs every night: files and error lists quote personal data, and are kept no longer than needed."""
    job.drop_old(timezone.now() - timedelta(days=DAYS_KEPT))

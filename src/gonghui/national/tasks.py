"""The jobs of the national forms."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.kit.jobs import awaited
from gonghui.national.exports import actions
from gonghui.national.models import Export
from gonghui.national.states import ExportState


@awaited("imports", waiting=lambda: Export.objects.filter(state=ExportState.BUILDING), give_up=actions.give_up)
def build_export(export_id: int) -> None:
    """Writes the files of an export."""
    actions.build(export_id)


@awaited("imports", waiting=lambda: Export.objects.filter(state=ExportState.MARKING), give_up=actions.give_up)
def mark_reported(export_id: int) -> None:
    """Enters what an export held as reported."""
    actions.enter(export_id)


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="drop_old_form_files")
def drop_old_files(timestamp: int) -> None:
    """Runs every hour."""
    actions.drop_old_files(timezone.now())

"""The jobs of exports."""

from django.db.models import QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from gonghui.exports import actions, building
from gonghui.exports.models import Export, ExportState
from gonghui.exports.own_files import own_kinds
from gonghui.kit.jobs import awaited


def _waiting() -> QuerySet[Export]:
    return Export.objects.filter(state=ExportState.BUILDING).exclude(kind__in=own_kinds())


@awaited("imports", waiting=_waiting, give_up=building.give_up)
def build_list(export_id: int) -> None:
    """Writes a list. A killed run leaves nothing, and the next one begins anew."""
    building.build(export_id)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", queueing_lock="end_exports")
def end_exports(timestamp: int) -> None:
    """Every ten minutes: what is a day old is deleted; what waits for nobody any more is asked of others."""
    actions.expire(timezone.now())
    actions.ask_others()

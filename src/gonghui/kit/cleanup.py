"""Rows that expire: every app registers them here, and one nightly job removes them (portal/upkeep.py).

Audit and row histories are never registered: they are kept permanently. Files of imports, transfers and cards have
separate jobs beside the actions that know when a file is no longer needed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from gonghui.kit.bulk import execute
from gonghui.kit.hooks import Registry

BATCH = 1000
"""Rows per transaction: few enough that other transactions do not wait long for its locks."""


@dataclass(frozen=True)
class Sweep:
    """One kind of rows to remove, or to empty.

    ``rows`` takes a time and returns the rows of ``model`` that ended before it, in any order; dependent rows must be
    deleted by the database's own ON DELETE CASCADE. ``keep`` is the setting with the days to keep; "" where the rows
    contain their own end. ``moment`` is the column with a row's age. ``emptied`` replaces old values where the row
    itself is kept.
    """

    name: str
    model: type[models.Model]
    rows: Callable[[datetime], models.QuerySet]
    moment: str
    keep: str = ""
    emptied: dict[str, Any] | None = None

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def before(self) -> datetime:
        """Returns the time before which ended rows are removed."""
        return timezone.now() - timedelta(days=getattr(settings.ENVIRONMENT, self.keep) if self.keep else 0)


SWEEPS: Registry[Sweep] = Registry()
"""By name."""


def register(*sweeps: Sweep) -> None:
    """Registers an app's kinds of rows; called once, from its ``apps.py``."""
    for sweep in sweeps:
        SWEEPS.register(sweep.name, sweep)


def sweep_out(sweep: Sweep) -> Iterator[int]:
    """Removes (or empties) old rows, one transaction per batch; yields each batch's number of rows.

    A killed run leaves whole batches done; the next run does the others. Rows locked by another transaction wait for
    the next night. The state of a row is checked again under its lock.
    """
    before = sweep.before()
    while True:
        with transaction.atomic():
            rows = sweep.rows(before).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
            ids = list(rows.values_list("pk", flat=True)[:BATCH])
            if sweep.emptied is not None:
                sweep.model._base_manager.filter(pk__in=ids).update(**sweep.emptied)
            elif ids:
                _delete(sweep.model, ids)
        if ids:
            yield len(ids)
        if len(ids) < BATCH:
            return


def _delete(model: type[models.Model], ids: list[Any]) -> None:
    """Deletes by SQL: Django would load the rows to find dependent ones, and the queue's models are read-only."""
    statement = SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(
        Identifier(model._meta.db_table), Identifier(str(model._meta.pk.column))
    )
    execute(statement.as_string(), [ids])

"""What is of no use after a time: every app registers it here, one nightly job removes it (portal/upkeep.py).

Audit and row histories are never registered: they are kept for ever. Files of imports, transfers and cards have jobs of
their own, beside the actions that know when a file is done with.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from gonghui.kit.hooks import Registry

BATCH = 1000
"""Rows a transaction: short enough that nobody waits for its locks."""


@dataclass(frozen=True)
class Sweep:
    """One kind of rows to remove, or to empty.

    ``rows`` takes a moment and gives the rows of ``model`` that were done with before it, in any order; rows of other
    tables must go with them by the database's own ON DELETE CASCADE. ``keep`` is the field of the environment with the
    days between; "" where the rows themselves say when they end. ``moment`` is the column that tells a row's age.
    ``emptied`` are the values that take the place of old ones, where the row itself stays.
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
        """What ended before then goes."""
        return timezone.now() - timedelta(days=getattr(settings.ENVIRONMENT, self.keep) if self.keep else 0)


SWEEPS: Registry[Sweep] = Registry()
"""By name."""


def register(*sweeps: Sweep) -> None:
    """Add an app's kinds of rows: once, from its ``apps.py``."""
    for sweep in sweeps:
        SWEEPS.register(sweep.name, sweep)


def sweep_out(sweep: Sweep) -> Iterator[int]:
    """Remove (or empty) what is old, a batch a transaction; gives each batch's number of rows.

    A run that is killed leaves whole batches done and the rest for the next. Rows that somebody else holds are left to
    the next night; a row whose state changes meanwhile is looked at again under its lock.
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
    """Straight from the table: Django would load the rows to look for others, and the queue's models are read-only."""
    statement = SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(
        Identifier(model._meta.db_table), Identifier(str(model._meta.pk.column))
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(), [ids])

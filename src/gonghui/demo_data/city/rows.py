"""Rows of many tables on their way to the database: kept until there are enough, then copied, table by table.

The states in which rows begin are checked by triggers, since the platform lets each row make its moves. Here a row comes
as it stands today, so those triggers alone are passed over; what a row may be at all is checked as ever.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction
from django.utils.timezone import localdate

from gonghui.kit.bulk import checks_at_once
from gonghui.kit.states import StateTrigger

ENOUGH = 20_000
"""Rows in memory; the tables do not depend on it."""


class _Table:
    """One model's columns, and how a row of it is written."""

    def __init__(self, model: type[models.Model]) -> None:
        self.fields = {field.attname: _written(field) for field in _given(model)}
        self.copy = f'COPY "{model._meta.db_table}" ({", ".join(_columns(model))}) FROM STDIN'
        self.rows: list[tuple[Any, ...]] = []

    def add(self, values: dict[str, Any]) -> None:
        if unknown := values.keys() - self.fields.keys():
            raise ImproperlyConfigured(f"no such columns: {unknown}")
        self.rows.append(tuple(written(values.get(name, _MISSING)) for name, written in self.fields.items()))


_MISSING = object()


def _columns(model: type[models.Model]) -> list[str]:
    return [f'"{field.column}"' for field in _given(model)]


def _given(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """All but those that the database makes of the others."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def _written(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """What goes into the column for a value, or for none given."""
    as_json = isinstance(field, models.JSONField)

    def written(value: Any) -> Any:
        if value is _MISSING:
            if not field.null and not field.has_default():
                raise ImproperlyConfigured(f"{field} must be given")
            value = field.get_default() if field.has_default() else None
        return json.dumps(value, ensure_ascii=False) if as_json and value is not None else value

    return written


class Rows:
    """Collects rows of the ``tables`` (each after those that it refers to), gives them their ids, and copies them.

    ``first_day`` and ``a_day`` are for ids by the day: what happened earlier has the smaller id, though it is invented
    later; no day has more than ``a_day`` of them.
    """

    def __init__(self, tables: list[type[models.Model]], *, first_day: datetime, a_day: int) -> None:
        self._tables = {model: _Table(model) for model in tables}
        self._begin = {
            model: 1 + (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) for model in tables
        }
        self._given = dict.fromkeys(tables, 0)
        self._days: dict[tuple[type[models.Model], int], int] = {}
        self._first_day, self._a_day = localdate(first_day), a_day
        self._waiting = self.copied = 0

    def next_id(self, model: type[models.Model]) -> int:
        """The next one."""
        id_ = self._begin[model] + self._given[model]
        self._given[model] += 1
        return id_

    def id_on(self, model: type[models.Model], at: datetime) -> int:
        """The next one of that day."""
        day = (localdate(at) - self._first_day) // timedelta(days=1)
        place = self._days.get((model, day), 0)
        if place == self._a_day or day < 0:
            raise ImproperlyConfigured(f"{model._meta.label}: more than {self._a_day} on day {day}")
        self._days[model, day] = place + 1
        return self._begin[model] + day * self._a_day + place

    def add(self, model: type[models.Model], **values: Any) -> None:
        """A row by the names of its columns; one that is not given has the model's default."""
        self._tables[model].add(values)
        self._waiting += 1

    def first_id(self, model: type[models.Model]) -> int:
        """That of the first row which is added here."""
        return self._begin[model]

    @property
    def enough(self) -> bool:
        return self._waiting >= ENOUGH

    def copy(self) -> None:
        """Send what is kept, in the caller's transaction."""
        with _as_they_stand(list(self._tables)), transaction.atomic(), checks_at_once(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # takes along which triggers are passed over
            for table in self._tables.values():
                if table.rows:
                    with cursor.copy(table.copy) as copy:
                        for row in table.rows:
                            copy.write_row(row)
                    self.copied += len(table.rows)
                    table.rows.clear()
        self._waiting = 0

    def finish(self) -> None:
        """Send the rest, let the tables' own ids go on behind the last, and the planner know how much there is now."""
        self.copy()
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in self._tables)}")
            for model in self._tables:
                key = model._meta.pk
                if isinstance(key, models.AutoField):
                    table, column = model._meta.db_table, key.column
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence(%s, %s), greatest(max({column}), 1)) FROM {table}",  # noqa: S608
                        [table, column],
                    )


@contextmanager
def _as_they_stand(tables: list[type[models.Model]]) -> Iterator[None]:
    begins = [
        f"{model._meta.label}:{trigger.name}"
        for model in tables
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, StateTrigger) and trigger.operation == pgtrigger.Insert
    ]
    with pgtrigger.ignore(*begins):
        yield

"""Rows of many tables on their way to the database: written as COPY takes them, in any process; sent by one connection.

The states in which rows begin are checked by triggers, since the platform lets each row make its moves. Here a row comes
as it stands today, so those triggers alone are passed over; what a row may be at all is checked as ever.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pgtrigger
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models, transaction

from gonghui.kit.bulk import checks_at_once
from gonghui.kit.states import StateTrigger

ENOUGH = 20_000
"""Rows kept as they are, before they are joined to one piece; the tables do not depend on it."""

Model = type[models.Model]
Leading = Mapping[Model, Sequence[str]]
"""Columns that are written before the others, for who has to find them."""
Pieces = dict[str, list[bytes]]
"""What COPY takes, by the label of the model."""


@dataclass(frozen=True)
class Range:
    """Which ids are given: by model so many after the first; and so many a day after the first of the first day."""

    first: Mapping[Model, int]
    width: Mapping[Model, int]
    first_on_day: Mapping[Model, int]
    a_day: int
    first_day: date
    whole_day: int  # from the first id of a day to that of the next


class _Table:
    """One model's columns, and how a row of it is written."""

    def __init__(self, model: Model, leading: Sequence[str] = ()) -> None:
        # All but those that the database makes of the others.
        fields = {field.attname: field for field in model._meta.concrete_fields if not field.generated}
        self.fields = {name: fields[name] for name in (*leading, *(one for one in fields if one not in leading))}
        columns = ", ".join(f'"{field.column}"' for field in self.fields.values())
        self.copy = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self.lines: list[str] = []
        self._ways: dict[tuple[str, ...], tuple[list[str], list[tuple[int, _Written | None]]]] = {}

    def add(self, values: dict[str, Any]) -> None:
        names = tuple(values)
        line, given = self._ways.get(names) or self._way(names)
        line = line.copy()
        for value, (place, written) in zip(values.values(), given, strict=True):
            if value != "":  # which needs no writing, as many are
                line[place] = (written or _KINDS.get(type(value), _other))(value)
        self.lines.append("\t".join(line))

    def _way(self, names: tuple[str, ...]) -> tuple[list[str], list[tuple[int, "_Written | None"]]]:
        """How a row with these columns is written: what the others have, and who writes each. Found once."""
        if unknown := set(names) - self.fields.keys():
            raise ImproperlyConfigured(f"no such columns: {unknown}")
        line = ["" if name in names else _default(field) for name, field in self.fields.items()]
        places = {name: place for place, name in enumerate(self.fields)}
        way = line, [(places[name], _writer(self.fields[name])) for name in names]
        self._ways[names] = way
        return way


NULL = r"\N"
_Written = Callable[[Any], str]


def _default(field: "models.Field[Any, Any]") -> str:
    value = field.get_default() if field.has_default() else None
    differs = field.has_default() and callable(field.default) and not isinstance(value, str | list | dict)
    if differs or (value is None and not field.null):  # differs from row to row
        raise ImproperlyConfigured(f"{field} must be given")
    return (_writer(field) or _KINDS.get(type(value), _other))(value)


def _writer(field: "models.Field[Any, Any]") -> _Written | None:
    """Of columns that are not written by the value alone."""
    return _json if isinstance(field, models.JSONField) else None


def _json(value: Any) -> str:
    return NULL if value is None else _text(json.dumps(value, ensure_ascii=False))


def _text(value: str) -> str:
    if "\\" in value or not value.isprintable():
        return value.translate(_ESCAPED)
    return value


def _array(values: Sequence[str]) -> str:
    quoted = ('"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return _text("{" + ",".join(quoted) + "}")


def _other(value: Any) -> str:
    """A value of a class of choices, or another class of the known ones."""
    if isinstance(value, str):
        return _text(str.__str__(value))
    raise ImproperlyConfigured(f"{type(value)} is not known how to be written")


_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_KINDS: dict[type, _Written] = {
    type(None): lambda value: NULL,
    str: _text,
    int: str,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: r"\\x" + value.hex(),
    datetime: datetime.isoformat,
    date: date.isoformat,
    UUID: str,
    list: _array,
}


class Rows:
    """Collects rows of the ``tables``, gives them the ids of a range, and packs them.

    Ids by the day: what happened earlier has the smaller id, though it is invented later.
    """

    def __init__(self, tables: Sequence[Model], range_: Range, leading: Leading) -> None:
        self._tables = {model: _Table(model, leading.get(model, ())) for model in tables}
        self._range = range_
        self._given = dict.fromkeys(tables, 0)
        self._days: dict[tuple[Model, int], int] = {}
        self._pieces: Pieces = {}
        self._waiting = 0

    def next_id(self, model: Model) -> int:
        """The next one. Raises ImproperlyConfigured where the range has no more, KeyError where ids follow the days."""
        place = self._given[model]
        if place == self._range.width[model]:
            raise ImproperlyConfigured(f"{model._meta.label}: more than {place} in a share")
        self._given[model] = place + 1
        return self._range.first[model] + place

    def id_on(self, model: Model, at: datetime) -> int:
        """The next one of the day of ``at``, in its own time zone. Raises ImproperlyConfigured where the day has no more,
        KeyError where ids do not follow the days.
        """
        mine = self._range
        day = (at.date() - mine.first_day) // timedelta(days=1)
        place = self._days.get((model, day), 0)
        if place == mine.a_day or day < 0:
            raise ImproperlyConfigured(f"{model._meta.label}: more than {mine.a_day} on day {day}")
        self._days[model, day] = place + 1
        return mine.first_on_day[model] + day * mine.whole_day + place

    def add(self, model: Model, **values: Any) -> None:
        """A row by the names of its columns; one that is not given has the model's default."""
        self._tables[model].add(values)
        self._waiting += 1
        if self._waiting >= ENOUGH:
            self._pack()

    def packed(self) -> Pieces:
        """Everything that was added since the last time."""
        self._pack()
        pieces, self._pieces = self._pieces, {}
        return pieces

    def _pack(self) -> None:
        for model, table in self._tables.items():
            if table.lines:
                self._pieces.setdefault(model._meta.label, []).append("\n".join([*table.lines, ""]).encode())
                table.lines.clear()
        self._waiting = 0


class Sender:
    """Sends packed rows, in the caller's transaction, each table after those that it refers to."""

    def __init__(self, tables: Sequence[Model], leading: Leading) -> None:
        self._tables = tables
        self._copies = {model._meta.label: _Table(model, leading.get(model, ())).copy for model in tables}
        self.sent = 0

    def send(self, pieces: Pieces) -> None:
        with _as_they_stand(self._tables), transaction.atomic(), checks_at_once(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # takes along which triggers are passed over
            for label, statement in self._copies.items():
                if label in pieces:
                    with cursor.copy(statement) as copy:
                        for piece in pieces[label]:
                            copy.write(piece)
                    self.sent += cursor.rowcount


@contextmanager
def _as_they_stand(tables: Sequence[Model]) -> Iterator[None]:
    begins = [
        f"{model._meta.label}:{trigger.name}"
        for model in tables
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, StateTrigger) and trigger.operation == pgtrigger.Insert
    ]
    with pgtrigger.ignore(*begins):
        yield

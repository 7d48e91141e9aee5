"""Binds what the version before sealed to its column and row (ADR 21): in batches, while the platform runs, as the owner.

A batch is one transaction, so that a killed run loses nothing and the next one goes on. It goes from the newest row to the
oldest: while unbound values are left, the oldest row has one, which is where ``seen`` looks. It is no change of the rows:
neither their histories nor the audit see it, and the earlier versions themselves are bound too.
"""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import pghistory.models
import pgtrigger
from django.apps import apps
from django.db import connection, models, transaction

from gonghui.kit.crypto import UNBOUND, Purpose, is_retired, open_unbound
from gonghui.kit.sealing import TEXTS, SealedTexts, original, purpose, sealed_columns

ROWS, BYTES = 1000, 4 * 1024 * 1024
"""At most so much in a batch; one file may be megabytes."""

WAIT_SECONDS = 1
LOOKED_AT, HEAD = 100, 64
"""Of each table, by ``seen``: its oldest rows, and the bytes of a value that tell its version and key."""

Progress = Callable[[str, int], None]


class Store:
    """The sealed values of one table, of a model or of the earlier versions of one.

    In SQL its row is ``stored``, what it is an earlier version of ``live``. ``owner`` is null for an earlier version
    whose row is not bound yet: that one comes first.
    """

    kind = "bytea"
    shares_seal_id = True

    def __init__(self, model: type[models.Model]) -> None:
        pk = model._meta.pk.attname
        self.table, self.pk, self.columns = model._meta.db_table, f"stored.{pk}", sealed_columns(model)
        self.purposes = [purpose(model, column) for column in self.columns]
        self.unbound = " OR ".join(f"substr(stored.{column}, 1, 1) = '\\x{UNBOUND:02x}'" for column in self.columns)
        self.join, self.owner = "", "coalesce(stored.seal_id, gen_random_uuid())"
        if (live := original(model)) is not model:
            key = live._meta.pk.attname
            self.join = f"LEFT JOIN {live._meta.db_table} AS live ON live.{key} = stored.pgh_obj_id"
            self.owner = f"CASE WHEN live.{key} IS NULL THEN {self.owner} ELSE live.seal_id END"

    def bound(self, values: Sequence[Any], owner: UUID) -> list[Any]:
        """The values of a row, those that are unbound bound."""
        return [
            of.seal_bytes(open_unbound(value), owner) if value and value[0] == UNBOUND else value
            for value, of in zip(values, self.purposes, strict=True)
        ]

    def blobs(self, values: Sequence[Any]) -> list[bytes]:
        """The sealed values of a row."""
        return [value for value in values if value]

    def pick(self, below: int) -> list[int]:
        """The ids of the next batch, newest first; without a lock."""
        size = " + ".join(f"coalesce(pg_column_size(stored.{column}), 0)" for column in self.columns)
        rows = _query(
            f"SELECT {self.pk}, {size} FROM {self.table} AS stored WHERE {self.pk} < %s AND ({self.unbound})"  # noqa: S608
            f" ORDER BY {self.pk} DESC LIMIT {ROWS}",
            [below],
        )
        sizes = list(accumulate(size for _, size in rows))
        return [pk for (pk, _), size in zip(rows, sizes, strict=True) if size <= max(BYTES, sizes[0])]

    def bind(self, picked: Sequence[int]) -> int:
        """Bind these rows, in the caller's transaction, but those that somebody else holds; returns how many."""
        rows = _query(
            f"SELECT {self.pk}, {self.owner}, {self._values()} FROM {self.table} AS stored {self.join}"  # noqa: S608
            f" WHERE {self.pk} = ANY(%s) AND ({self.unbound}) FOR NO KEY UPDATE OF stored SKIP LOCKED",
            [list(picked)],
        )
        bound = [[pk, owner, *self.bound(values, owner)] for pk, owner, *values in rows if owner]
        if not bound:
            return 0
        columns = [*(["seal_id"] if self.shares_seal_id else []), *self.columns]
        sets = ", ".join(f"{column} = bound.{column}" for column in columns)
        kinds = ", ".join(f"%s::{kind}[]" for kind in ("bigint", "uuid", *[self.kind] * len(self.columns)))
        with pgtrigger.ignore(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.table} AS stored SET {sets}"  # noqa: S608
                f" FROM unnest({kinds}) AS bound (pk, seal_id, {', '.join(self.columns)}) WHERE {self.pk} = bound.pk",
                [list(column) for column in zip(*bound, strict=True)],
            )
        return len(bound)

    def oldest(self) -> list[bytes]:
        """The sealed values of the oldest rows, or their beginnings."""
        query = f"SELECT {self._values(cut=True)} FROM {self.table} AS stored ORDER BY {self.pk} LIMIT {LOOKED_AT}"  # noqa: S608
        return [blob for values in _query(query) for blob in self.blobs(values)]

    def _values(self, cut: bool = False) -> str:
        return ", ".join(f"substr(stored.{name}, 1, {HEAD})" if cut else f"stored.{name}" for name in self.columns)


class TextStore(Store):
    """The same for sealed values inside a JSON column."""

    kind = "jsonb"
    shares_seal_id = False
    begin = b64encode(bytes((UNBOUND, 0))).decode()[:2]
    """How an unbound value begins in base64: its version, and that its key's id is shorter than 16."""

    def __init__(self, texts: SealedTexts, model: type[models.Model]) -> None:
        self.table, self.pk = model._meta.db_table, f"stored.{model._meta.pk.attname}"
        self.columns, self.keys, self.purpose = [texts.column], texts.keys, texts.purpose
        self.unbound = " OR ".join(f"stored.{texts.column}->>'{key}' LIKE '{self.begin}%%'" for key in texts.keys)
        self.join, self.owner = "", texts.owner

    def bound(self, values: Sequence[Any], owner: UUID) -> list[Any]:
        found = json.loads(values[0])
        for key in self.keys:
            if found.get(key, "").startswith(self.begin):
                found[key] = b64encode(_bound(found[key], self.purpose, owner)).decode()
        return [json.dumps(found, ensure_ascii=False)]

    def blobs(self, values: Sequence[Any]) -> list[bytes]:
        found = json.loads(values[0])
        return [b64decode(found[key]) for key in self.keys if found.get(key)]

    def _values(self, cut: bool = False) -> str:
        return f"stored.{self.columns[0]}::text"


def _bound(text: str, purpose: Purpose, owner: UUID) -> bytes:
    return purpose.seal_bytes(open_unbound(b64decode(text)), owner)


def stores() -> list[Store]:
    """Every table with sealed values, those of earlier versions after those whose ids they share."""
    every = [model for model in apps.get_models() if model._meta.managed]
    columns = [Store(model) for model in sorted(filter(sealed_columns, every), key=_is_history)]
    texts = [
        TextStore(text, model)
        for text in TEXTS.values()
        for model in every
        if original(model) is text.model and text.column in {field.attname for field in model._meta.concrete_fields}
    ]
    return [*columns, *texts]


def _is_history(model: type[models.Model]) -> bool:
    return issubclass(model, pghistory.models.Event)


def bind_all(progress: Progress) -> int:
    """Bind every unbound value that there is; returns how many rows were bound.

    ``progress`` is told the table and how many rows a batch has bound. A row that somebody else holds is left for the
    next round, and so is what an act has meanwhile copied from an earlier version (undoing an import): rounds follow
    until one has found nothing.
    """
    total = 0
    while True:
        bound = left = 0
        for store in stores():
            below = 2**63 - 1
            while picked := store.pick(below):
                with transaction.atomic():
                    done = store.bind(picked)
                progress(store.table, done)
                bound, left, below = bound + done, left + len(picked) - done, picked[-1]
        total += bound
        if not bound and not left:
            return total
        if not bound:
            time.sleep(WAIT_SECONDS)


class Seen(NamedTuple):
    """Tables among whose oldest rows are values that are unbound, or sealed under a retired key."""

    unbound: list[str]
    retired: list[str]


def seen() -> Seen:
    """A look at the oldest rows of every table: quick, and as values are bound and sealed anew from the newest on, enough."""
    found = Seen([], [])
    for store in stores():
        blobs = store.oldest()
        if any(blob[0] == UNBOUND for blob in blobs):
            found.unbound.append(store.table)
        if any(is_retired(blob) for blob in blobs):
            found.retired.append(store.table)
    return found


def _query(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()

"""Binds sealed values of the previous version to column and row (ADR 21): in batches, online, as the database owner.

A batch is one transaction, so that a killed run loses nothing and the next run continues. Batches go from the newest
row to the oldest: while unbound values are left, the oldest rows have one, which ``seen`` checks. Binding does not
count as a change: histories and audit do not record it. The earlier versions in the histories are bound too.
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

from gonghui.kit.crypto import UNBOUND, is_retired, open_unbound
from gonghui.kit.sealing import TEXTS, SealedTexts, original, purpose, sealed_columns

ROWS, BYTES = 1000, 4 * 1024 * 1024
"""The limits of a batch; one file may have megabytes."""

WAIT_SECONDS = 1
SAMPLE_ROWS, SAMPLE_BYTES = 100, 64
"""``seen`` reads so many oldest rows of a table, and so many bytes of a value, which contain version and key."""

Progress = Callable[[str, int], None]


class Store:
    """The sealed values of one table: of a model or of its history.

    In SQL its row is ``stored``; for a history ``live`` is the current row. ``owner`` is null for an earlier version
    whose current row is not bound yet: the current row is bound first.
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
        """Returns the values of a row, all bound."""
        return [
            of.seal_bytes(open_unbound(value), owner) if value and value[0] == UNBOUND else value
            for value, of in zip(values, self.purposes, strict=True)
        ]

    def blobs(self, values: Sequence[Any]) -> list[bytes]:
        """Returns the non-empty sealed values of a row."""
        return [value for value in values if value]

    def pick(self, below: int) -> list[int]:
        """Returns the ids of the next batch, newest first; takes no lock."""
        size = " + ".join(f"coalesce(pg_column_size(stored.{column}), 0)" for column in self.columns)
        rows = _query(
            f"SELECT {self.pk}, {size} FROM {self.table} AS stored WHERE {self.pk} < %s AND ({self.unbound})"  # noqa: S608
            f" ORDER BY {self.pk} DESC LIMIT {ROWS}",
            [below],
        )
        sizes = list(accumulate(size for _, size in rows))
        return [pk for (pk, _), size in zip(rows, sizes, strict=True) if size <= max(BYTES, sizes[0])]

    def bind(self, picked: Sequence[int]) -> int:
        """Binds these rows, in the caller's transaction, except locked ones; returns how many."""
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
        """Returns the sealed values of the oldest rows, or their first bytes."""
        query = f"SELECT {self._values(cut=True)} FROM {self.table} AS stored ORDER BY {self.pk} LIMIT {SAMPLE_ROWS}"  # noqa: S608
        return [blob for values in _query(query) for blob in self.blobs(values)]

    def _values(self, cut: bool = False) -> str:
        return ", ".join(
            f"substr(stored.{name}, 1, {SAMPLE_BYTES})" if cut else f"stored.{name}" for name in self.columns
        )


class TextStore(Store):
    """The sealed values inside a JSON column."""

    kind = "jsonb"
    shares_seal_id = False
    begin = b64encode(bytes((UNBOUND, 0))).decode()[:2]
    """The first characters of an unbound value in base64: its version, and a key id shorter than 16."""

    def __init__(self, texts: SealedTexts, model: type[models.Model]) -> None:
        self.table, self.pk = model._meta.db_table, f"stored.{model._meta.pk.attname}"
        self.columns, self.keys, self.purpose = [texts.column], texts.keys, texts.purpose
        self.unbound = " OR ".join(f"stored.{texts.column}->>'{key}' LIKE '{self.begin}%%'" for key in texts.keys)
        self.join, self.owner = "", texts.owner

    def bound(self, values: Sequence[Any], owner: UUID) -> list[Any]:
        texts = json.loads(values[0])
        for key in self.keys:
            if texts.get(key, "").startswith(self.begin):
                text = open_unbound(b64decode(texts[key]))
                texts[key] = b64encode(self.purpose.seal_bytes(text, owner)).decode()
        return [json.dumps(texts, ensure_ascii=False)]

    def blobs(self, values: Sequence[Any]) -> list[bytes]:
        texts = json.loads(values[0])
        return [b64decode(texts[key]) for key in self.keys if texts.get(key)]

    def _values(self, cut: bool = False) -> str:
        return f"stored.{self.columns[0]}::text"


def stores() -> list[Store]:
    """Returns all tables with sealed values; histories after the models whose ``seal_id`` they share."""
    managed = [model for model in apps.get_models() if model._meta.managed]
    rows_first = sorted(filter(sealed_columns, managed), key=lambda model: issubclass(model, pghistory.models.Event))
    texts = [
        TextStore(text, model)
        for text in TEXTS.values()
        for model in managed
        if original(model) is text.model and text.column in {field.attname for field in model._meta.concrete_fields}
    ]
    return [*map(Store, rows_first), *texts]


def bind_all(progress: Progress) -> int:
    """Binds all unbound values; returns how many rows were bound.

    ``progress`` is called with the table and the number of rows of each batch. A locked row is left for the next round,
    and so is a value that undoing an import copies from a history meanwhile: the last round finds nothing.
    """
    total = 0
    while True:
        bound = skipped = 0
        for store in stores():
            below = 2**63 - 1
            while picked := store.pick(below):
                with transaction.atomic():
                    count = store.bind(picked)
                progress(store.table, count)
                bound, skipped, below = bound + count, skipped + len(picked) - count, picked[-1]
        total += bound
        if not bound and not skipped:
            return total
        if not bound:
            time.sleep(WAIT_SECONDS)


class Seen(NamedTuple):
    """Tables whose oldest rows have unbound values, or values sealed with a retired key."""

    unbound: list[str]
    retired: list[str]


def seen() -> Seen:
    """Checks the oldest rows of all tables. That is enough, because binding and resealing go from the newest row on."""
    result = Seen([], [])
    for store in stores():
        blobs = store.oldest()
        if any(blob[0] == UNBOUND for blob in blobs):
            result.unbound.append(store.table)
        if any(is_retired(blob) for blob in blobs):
            result.retired.append(store.table)
    return result


def _query(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()

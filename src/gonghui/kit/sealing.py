"""The sealed columns of the database, and what each row's values are bound to.

A column whose name ends in ``_sealed`` holds what `kit.crypto` sealed. Its values are bound to the column and to the
row's ``seal_id``, which the row's staging row and its earlier versions share, so a value may be copied between
these and nowhere else (ADR 21).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol
from uuid import UUID, uuid4

from django.db import models

from gonghui.kit.crypto import Purpose
from gonghui.kit.hooks import Registry

SUFFIX = "_sealed"


class SealedRow(models.Model):
    """A row with sealed columns; the code that seals its first value sets ``seal_id``, once."""

    seal_id = models.UUIDField(null=True, editable=False)  # None until `gonghui migrate` has converted old rows

    sealed_as: ClassVar[str] = ""
    """The table whose columns these are, if not the row's own: a staging row's sealed values are copied there."""

    class Meta:
        abstract = True


class Row(Protocol):
    """A SealedRow, or one of its earlier versions."""

    @property
    def seal_id(self) -> UUID | None: ...


def sealed_columns(model: type[models.Model]) -> list[str]:
    """Returns the sealed columns of a model, or of a model of earlier versions."""
    return [field.attname for field in model._meta.concrete_fields if field.attname.endswith(SUFFIX)]


def original(model: Any) -> type[models.Model]:
    """Returns the model itself, or the tracked model of earlier versions."""
    return getattr(model, "pgh_tracked_model", None) or model


@cache
def purpose(model: type[models.Model], column: str) -> Purpose:
    """Returns the purpose of a sealed column; the same for a row, its staging row and its earlier versions."""
    if column not in sealed_columns(model):
        raise ValueError(f"{model.__name__} has no sealed column {column!r}")
    table = getattr(model, "sealed_as", "") or original(model)._meta.db_table
    return Purpose(f"{table}.{column}")


def owner_of(row: SealedRow) -> UUID:
    """Returns the id that the row's sealed values are bound to; a new one if there is none, which the caller saves."""
    row.seal_id = row.seal_id or uuid4()
    return row.seal_id


def opened(row: Row, column: str) -> str:
    """Returns the text of a sealed column, "" if it is empty. Raises crypto.Tampered if bound to another place."""
    blob = getattr(row, column)
    return purpose(type(row), column).open(blob, row.seal_id) if blob else ""


def opened_bytes(row: Row, column: str) -> bytes:
    """Returns the bytes of a sealed column, b"" if it is empty. Raises as `opened`."""
    blob = getattr(row, column)
    return purpose(type(row), column).open_bytes(blob, row.seal_id) if blob else b""


@dataclass(frozen=True)
class SealedTexts:
    """Sealed values (base64) in a JSON column, under ``keys``. ``owner`` is SQL for the owner of the row ``stored``."""

    model: type[models.Model]
    column: str
    keys: Sequence[str]
    purpose: Purpose
    owner: str


TEXTS: Registry[SealedTexts] = Registry()
"""By model and column."""


def register_texts(texts: SealedTexts) -> None:
    """Registers an app's column; called once, from its ``apps.py``."""
    TEXTS.register(f"{texts.model._meta.label_lower}.{texts.column}", texts)

"""Entries that were sealed, and somebody in the database who touches them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import connection, transaction

from gonghui.audit import heads
from gonghui.audit.actions import record
from gonghui.audit.sealing import seal_waiting
from gonghui.audit.verification import Verification


@pytest.fixture(autouse=True)
def apart(settings, tmp_path):
    """The folder of the heads."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, audit_heads=tmp_path / "heads")
    return tmp_path / "heads"


def write(count: int, **data) -> list[int]:
    """So many entries in one transaction; returns their ids."""
    with transaction.atomic():
        return [record("account.signed_in", by=None, count=number, **data).pk for number in range(count)]


def sealed(count: int) -> list[int]:
    ids = write(count)
    seal_waiting()
    return ids


@contextmanager
def as_superuser() -> Iterator:
    """A cursor past all triggers, as somebody in the database would be."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT string_agg(relid::text, ' ') FROM pg_partition_tree('audit_entry')")
        tables = [*cursor.fetchone()[0].split(), "audit_seal"]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def findings() -> list[str]:
    return Verification().run(heads.kept())

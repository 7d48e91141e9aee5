"""The entries lie in a table a year, and no row is lost on the way there (SPEC 7.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.audit.partitions import DEFAULT, lacking, make_partitions, partitions
from tests.migrated import connect_to

pytestmark = pytest.mark.server

COLUMNS = "id, at, verb, actor_label, union_id, object_type, label, data::text, request_id"
OF_YEARS = """
INSERT INTO audit_entry (at, verb, actor_label, union_id, object_type, label, data, request_id)
SELECT timestamptz '2024-06-01' + n * interval '7 days', 'verb.' || n, 'x', n, '', '', '{}', '' FROM generate_series(1, 120) n
"""


def run(statement: str, *parameters) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def another_database() -> Iterator[None]:
    """An empty one, in which migrations may go back and forth."""
    ours = connection.settings_dict["NAME"]
    name = f"{ours}_partitions"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        connect_to(name)
        yield
    finally:
        connect_to(ours)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.django_db(transaction=True)
def test_the_migration_moves_every_entry_and_goes_on_numbering():
    with another_database():
        call_command("migrate", "audit", "0004", verbosity=0)
        run(OF_YEARS)
        run("GRANT SELECT, INSERT ON audit_entry TO gonghui")
        before = run(f"SELECT {COLUMNS} FROM audit_entry ORDER BY id")  # noqa: S608
        file = run("SELECT pg_relation_filenode('audit_entry')")
        call_command("migrate", "audit", "0005", verbosity=0)
        assert run(f"SELECT {COLUMNS} FROM audit_entry ORDER BY id") == before  # noqa: S608
        first = partitions()[0]
        assert run(f"SELECT pg_relation_filenode('{first}')") == file  # not a row was copied
        assert run(f"SELECT count(*) FROM {first}") == [(120,)]  # noqa: S608
        run(OF_YEARS)
        assert run("SELECT count(DISTINCT id), min(id) FROM audit_entry WHERE id > 120") == [(120, 121)]
        assert run("SELECT has_table_privilege('gonghui', 'audit_entry', 'INSERT')") == [(True,)]
        assert run("SELECT has_table_privilege('gonghui', 'audit_entry', 'UPDATE, DELETE')") == [(False,)]
        for table in ("audit_entry", first):
            refused(f"UPDATE {table} SET verb = 'x'")  # noqa: S608


def refused(statement: str) -> None:
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        run(statement)


@pytest.mark.django_db(transaction=True)
def test_the_migration_runs_again_after_it_was_stopped():
    migration = import_module("gonghui.audit.migrations.0005_partitions_by_year")
    with another_database():
        call_command("migrate", "audit", "0004", verbosity=0)
        run(OF_YEARS)
        with connection.cursor() as cursor:
            migration._prepare(cursor, f"audit_entry_{localdate().year}", f"{localdate().year + 1}-01-01 00:00:00+08")
        call_command("migrate", "audit", "0005", verbosity=0)
        migration.partition(None, connection.schema_editor())
        assert run("SELECT count(*) FROM audit_entry") == [(120,)]


@pytest.mark.django_db
def test_next_years_partition_is_there_and_the_job_makes_it_only_once():
    year = localdate().year
    assert partitions() == [f"audit_entry_{year}", f"audit_entry_{year + 1}", DEFAULT]
    assert make_partitions() == []
    assert lacking() == ""


@pytest.mark.django_db
def test_a_missing_year_is_told_made_and_takes_the_strays_out_of_the_default_partition():
    year = localdate().year
    run(f"DROP TABLE audit_entry_{year + 1}")
    assert lacking() == f"next year's, audit_entry_{year + 1}, is missing"
    run(
        "INSERT INTO audit_entry (at, verb, actor_label, object_type, label, data, request_id)"
        " VALUES (%s, 'next', '', '', '', '{}', ''), (%s, 'far', '', '', '', '{}', '')",
        f"{year + 1}-03-01",
        f"{year + 9}-03-01",
    )
    assert run(f"SELECT count(*) FROM {DEFAULT}") == [(2,)]  # noqa: S608
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert make_partitions() == [f"audit_entry_{year + 1}"]
    assert run(f"SELECT verb FROM audit_entry_{year + 1}") == [("next",)]  # noqa: S608
    assert run(f"SELECT verb FROM {DEFAULT}") == [("far",)]  # noqa: S608
    assert lacking() == f"{DEFAULT} holds entries of a year that has no partition"
    assert Entry.objects.filter(verb__in=("next", "far")).count() == 2


@pytest.mark.django_db
def test_a_new_partition_is_as_protected_and_as_indexed_as_the_others():
    year = localdate().year
    kinds = "SELECT count(*) FROM pg_indexes WHERE tablename = %s"
    assert run(kinds, f"audit_entry_{year + 1}") == run(kinds, f"audit_entry_{year}") == [(7,)]
    run(
        "INSERT INTO audit_entry (at, verb, actor_label, object_type, label, data, request_id)"
        " VALUES (%s, 'next', '', '', '', '{}', '')",
        f"{year + 1}-03-01",
    )
    for statement in (f"UPDATE audit_entry_{year + 1} SET verb = 'x'", f"DELETE FROM audit_entry_{year + 1}"):  # noqa: S608
        refused(statement)

"""A database in which all migrations have run: each process of the tests copies it, which takes a second, not fifteen."""

import hashlib
import inspect
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

PREFIX = "migrated_"
LOCK = 0x6D69
"""Whoever comes second waits until the first has made it."""


def template() -> str:
    """The database's name. It is made anew when a migration, ours or a library's, has changed."""
    name = PREFIX + _fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        there = {row[0] for row in cursor.fetchall()}
        if name not in there:
            for old in there:
                cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
            unfinished = f"{name}_unfinished"
            cursor.execute(f'CREATE DATABASE "{unfinished}"')
            _migrate(unfinished)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for _, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        digest.update(Path(inspect.getfile(type(migration))).read_bytes())
    return digest.hexdigest()[:20]


def _migrate(name: str) -> None:
    ours = connection.settings_dict["NAME"]
    try:
        connect_to(name)
        call_command("migrate", verbosity=0)
    finally:
        connect_to(ours)


def connect_to(name: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name

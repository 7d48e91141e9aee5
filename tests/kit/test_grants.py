"""What the application's role may do, on a real server."""

from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from gonghui.kit import postgres
from gonghui.kit.grants import grant_application


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """A connection as the application, on a database with one ordinary and one append-only table."""
    server = postgres.start(Path(tmp_path_factory.mktemp("var")) / "postgres")
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE plain (id int GENERATED ALWAYS AS IDENTITY, word text)")
        owner.execute("CREATE TABLE record (id int GENERATED ALWAYS AS IDENTITY, word text)")
        grant_application(owner, postgres.APPLICATION, append_only=["record"])
        grant_application(owner, postgres.APPLICATION, append_only=["record"])
    with psycopg.connect(server.app_url, autocommit=True) as connection:
        yield connection
    server.stop()


def test_rows_of_ordinary_tables_can_be_written(application):
    application.execute("INSERT INTO plain (word) VALUES ('a')")
    application.execute("UPDATE plain SET word = 'b'")
    assert application.execute("DELETE FROM plain RETURNING word").fetchall() == [("b",)]


def test_append_only_tables_take_new_rows(application):
    application.execute("INSERT INTO record (word) VALUES ('a')")
    assert application.execute("SELECT word FROM record").fetchall() == [("a",)]


@pytest.mark.parametrize("statement", ["UPDATE record SET word = 'b'", "DELETE FROM record", "TRUNCATE record"])
def test_append_only_tables_keep_their_rows(application, statement):
    with pytest.raises(InsufficientPrivilege):
        application.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE other (id int)",
        "CREATE TEMPORARY TABLE other (id int)",
        "DROP TABLE plain",
        "ALTER TABLE plain ADD COLUMN other text",
        "ALTER TABLE plain DISABLE TRIGGER ALL",
        "CREATE SCHEMA other",
        "CREATE FUNCTION other() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE other",
        "CREATE DATABASE other",
        "TRUNCATE plain",
        "SET ROLE gonghui_owner",
    ],
)
def test_the_application_cannot_change_the_structure(application, statement):
    with pytest.raises((InsufficientPrivilege, psycopg.errors.InvalidParameterValue)):
        application.execute(statement)

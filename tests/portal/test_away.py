"""Which errors mean an unreachable or slow database (503), and which are our own faults (500)."""

import pytest
from django.db import DatabaseError, connection, transaction

from gonghui.portal.away import AWAY, BUSY, TOO_SLOW, page_of, trouble_of
from gonghui.portal.views import server_error


def error_of(statement: str) -> BaseException:
    """Returns the database's error."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


@pytest.mark.parametrize(
    ("statement", "trouble"),
    [
        ("SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)", TOO_SLOW),
        ("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$", TOO_SLOW),  # lock_timeout
        ("DO $$ BEGIN RAISE SQLSTATE '08006'; END $$", AWAY),  # connection_failure
        ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", AWAY),  # disk_full
        ("DO $$ BEGIN RAISE SQLSTATE '57P03'; END $$", AWAY),  # cannot_connect_now
        ("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$", None),  # deadlock_detected
        ("SELECT 1 / 0", None),
        ("SELECT nothing", None),
    ],
)
def test_what_the_database_answers_decides(db, rf, statement, trouble):
    error = error_of(statement)
    assert trouble_of(error) is trouble
    try:
        raise RuntimeError("what a broken transaction makes follow") from error
    except RuntimeError:
        answer = server_error(rf.get("/"))
    assert answer.status_code == (trouble.status if trouble else 500)
    assert (trouble.sentence if trouble else "系统出现故障") in answer.text


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_an_absence():
    connection.ensure_connection()
    connection.connection.pgconn.finish()
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert trouble_of(caught.value) is AWAY
    connection.close()


def test_a_fault_of_the_code_is_none():
    assert trouble_of(KeyError("x")) is None
    assert trouble_of(None) is None


def test_what_is_answered_before_the_middlewares_has_their_headers(client):
    _, headers, _ = page_of(BUSY, htmx=False)
    page = client.get("/healthz")
    for name in ("X-Frame-Options", "X-Content-Type-Options"):
        assert headers[name] == page[name]
    assert sorted(headers["Content-Security-Policy"].split("; ")) == sorted(page["Content-Security-Policy"].split("; "))

"""A session that the database cannot write: the page says that the database is away, not that the request was wrong."""

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_it_is_a_failure_of_the_database(officer):
    officer.raise_request_exception = False
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other, connection.cursor() as cursor:
        other.execute("LOCK TABLE django_session IN SHARE MODE")
        cursor.execute("SET lock_timeout = '50ms'")
        answer = officer.get(reverse("members:list"))
        cursor.execute("RESET lock_timeout")
    assert answer.status_code == 503
    assert "没有保存" in answer.text


def test_one_that_was_deleted_meanwhile_is_none_of_it(officer):
    """Django's own case: somebody has signed out in another window while this page was made."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("DELETE FROM django_session")
    assert officer.get(reverse("members:list")).status_code == 302

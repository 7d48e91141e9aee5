"""A session that the database cannot write: the page says that the database is away, not that the request was wrong."""

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def beside() -> psycopg.Connection:
    """Another connection to the tests' database."""
    own = connection.settings_dict
    names = {"dbname": own["NAME"], "user": own["USER"], "password": own["PASSWORD"], "host": own["HOST"]}
    return psycopg.connect(**names, port=own["PORT"] or None)


def test_it_is_a_failure_of_the_database(officer):
    officer.raise_request_exception = False
    with beside() as other, connection.cursor() as cursor:
        other.execute("LOCK TABLE django_session IN SHARE MODE")
        cursor.execute("SET lock_timeout = '50ms'")
        answer = officer.get(reverse("members:list"))
        cursor.execute("RESET lock_timeout")
    assert answer.status_code == 503
    assert "没有保存" in answer.text

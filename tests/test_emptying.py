"""What a test commits is not there for the next one, and what the migrations left is (tests/emptying.py)."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from gonghui.codelists.models import Code
from gonghui.kit.jobs import defer
from gonghui.notices.tasks import send_urgent
from tests.emptying import MIGRATED, empty
from tests.factories import make_member
from tests.people import make_cast


def filled() -> set[str]:
    """The tables that hold rows."""
    with connection.cursor() as cursor:
        found = set()
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT EXISTS (SELECT FROM {name})")  # noqa: S608
            found |= {name} if cursor.fetchone()[0] else set()
    return found


@pytest.mark.django_db(transaction=True)
def test_rows_histories_and_jobs_go_and_what_the_migrations_left_stays():
    permissions = Permission.objects.count()
    member = make_member(make_cast().union)
    member.sex = "female"
    member.save()
    defer(send_urgent)
    Code.objects.filter(value="rural").update(label="农村", version=2)
    assert {"members_memberevent", "procrastinate_jobs", "accounts_user"} < filled()
    empty()
    assert filled() == MIGRATED
    assert Permission.objects.count() == permissions
    assert Code.objects.get(value="rural").label == "农业"

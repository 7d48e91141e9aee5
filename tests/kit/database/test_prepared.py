"""The row that every request loads: the same as by the query that it is prepared from, in each thread, at any time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models import Count, Value
from django.test.utils import CaptureQueriesContext

from gonghui.accounts.models import User
from gonghui.kit.database.prepared import PreparedRow
from tests.people import Cast, make_cast


def prepared() -> PreparedRow[User]:
    return PreparedRow(lambda: User.objects.select_related("union").annotate(unions=Count("union"), said=Value("甲")))


@pytest.mark.django_db
def test_the_row_comes_with_what_the_query_joins_and_adds(cast: Cast):
    users = prepared()
    for user in (cast.officer, cast.claimant, cast.officer):
        union = user.union
        with CaptureQueriesContext(connection) as asked:
            found = users.get(user.pk)
            assert (found, found.union, found.unions, found.said) == (user, union, int(bool(union)), "甲")
            assert (found.roles, found.is_active) == (user.roles, True)
        assert len(asked) == 1
    assert users.get(0) is None
    assert users.get(None) is None


@pytest.mark.django_db
def test_each_time_it_is_read_anew(cast: Cast):
    users = prepared()
    first = users.get(cast.officer.pk)
    User.objects.filter(pk=cast.officer.pk).update(name="别名")
    assert (first.name, users.get(cast.officer.pk).name) == ("示例经办人", "别名")


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_get_each_others_rows():
    cast, users = make_cast(), prepared()
    people = [cast.officer, cast.newcomer, cast.reviewer, cast.claimant] * 50

    def name_of(user: User) -> str:
        try:
            return users.get(user.pk).name
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(name_of, people)) == [one.name for one in people]

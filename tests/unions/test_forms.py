"""What superiors choose unions by (SPEC 5.2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import localdate

from gonghui.kit.days import years_before
from gonghui.unions.forms import AGES
from gonghui.unions.models import Union
from tests.factories import make_union

pytestmark = pytest.mark.django_db

TREE = "/unions/"


@pytest.mark.parametrize(
    ("years", "days", "age"),
    [
        (0, 0, "0-1"),
        (1, 1, "0-1"),
        (1, 0, "1-3"),
        (3, 1, "1-3"),
        (3, 0, "3-5"),
        (10, 1, "5-10"),
        (10, 0, "10-1000"),
        (90, 0, "10-1000"),
        (None, 0, None),
        (0, 1, None),
    ],
)
def test_each_age_holds_what_was_founded_within_it_and_no_other(client, cast, years, days, age):
    founded = None if years is None else years_before(localdate(), years) + timedelta(days=days)
    Union.objects.filter(pk=cast.union.pk).update(founded_on=founded)
    client.force_login(cast.reviewer)
    found = [one for one in AGES if cast.union in client.get(TREE, {"age": one}).context["page"].rows]
    assert found == ([age] if age else [])


def test_a_street_chooses_by_age_too_and_the_chip_says_so(client, cast):
    Union.objects.filter(pk=cast.union.pk).update(founded_on=years_before(localdate(), 4))
    client.force_login(cast.reviewer)
    page = client.get(TREE, {"age": "3-5"})
    assert dict(page.context["filters"].chips) == {"建会时间：3 到 5 年": "?"}
    assert "存为常用筛选" in page.text
    assert not client.get(TREE, {"age": "5-10"}).context["page"].rows


def test_an_index_finds_the_few_unions_of_an_age(client, cast):
    for _ in range(300):
        make_union("grassroots", cast.street, founded_on=years_before(localdate(), 7))
    Union.objects.filter(pk=cast.union.pk).update(founded_on=localdate())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE unions_union")
        rows = Union.objects.filter(founded_on__range=(years_before(localdate(), 1), localdate())).order_by("id")
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "union_founded" in rows.explain()

"""The search for a union by its number, its code, its name and its employer's name."""

import pytest
from django.db import connection

from gonghui.unions.models import Employer, Union
from gonghui.unions.queries import first_matching, matching

pytestmark = pytest.mark.django_db


@pytest.fixture
def ways(cast) -> dict[str, str]:
    """Returns a text for each way that finds this union only."""
    Employer.objects.filter(union=cast.union).update(
        name="上海别名制造有限公司", name_key=None, former_code="123456789"
    )
    return {
        "name": "示例科技",
        "employer's name": "别名制造",
        "number": cast.union.number,
        "code": cast.union.employer.code,
        "former code": "123456789",
    }


@pytest.mark.parametrize("find", [matching, lambda unions, text: first_matching(unions, text, 8)])
def test_each_way_finds_the_union_within_the_rows_it_is_asked_of(cast, ways, find):
    for way, text in ways.items():
        assert [*find(Union.objects.all(), text)] == [cast.union], way
        assert [*find(Union.objects.visible_to(cast.reviewer), text)] == [cast.union], way
        assert not find(Union.objects.visible_to(cast.other_reviewer), text), way
    for text in ("", "%", "绝无此名", "_" * 30):
        assert not find(Union.objects.all(), text), text


def test_a_word_of_all_names_gives_no_more_than_asked_for_of_each_way(cast):
    assert matching(Union.objects.all(), "有限公司").count() == 3
    assert 1 <= len(first_matching(Union.objects.all(), "有限公司", 1)) <= 2


def test_the_register_is_not_gone_through_row_by_row(cast, ways):
    """Each way uses its own index: an OR over two tables has none."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # a sequential scan would be used for so few rows
        for text in ways.values():
            for rows in (matching(Union.objects.all(), text), first_matching(Union.objects.all(), text, 8)):
                cursor.execute(f"EXPLAIN {rows.query.sql_with_params()[0]}", rows.query.sql_with_params()[1])
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan" not in plan, plan

"""A column that a request does not read decides nothing in it; one that it may read counts."""

import pytest
from django.db import connection
from django.db.models import F

from gonghui.accounts.models import User
from gonghui.unions.models import Union, UnionState
from tests.people import Cast
from tests.reads import columns_read

pytestmark = pytest.mark.django_db
KIND, STATE = Union._meta.get_field("kind"), Union._meta.get_field("state")
ROLES = User._meta.get_field("roles")


def read_by(act) -> set:
    with columns_read([KIND, STATE, ROLES]) as read:
        act()
    return read


def test_a_row_that_is_only_fetched_is_not_read(cast: Cast):
    assert read_by(lambda: list(Union.objects.all())) == set()
    assert read_by(lambda: User.objects.select_related("union").get(pk=cast.officer.pk)) == set()


def test_an_attribute_is_read_where_it_is_asked_for(cast: Cast):
    assert read_by(lambda: cast.union.kind) == {KIND}
    assert read_by(lambda: cast.officer.union.is_grassroots) == {KIND}
    assert read_by(lambda: Union.objects.only("name").get(pk=cast.union.pk).state) == {STATE}


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Union.objects.filter(kind="city"),
        lambda: Union.objects.order_by("kind"),
        lambda: Union.objects.values("kind"),
        lambda: Union.objects.values_list("kind", flat=True),
        lambda: Union.objects.annotate(copy=F("kind")),
        lambda: Union.objects.filter(superior__kind="city"),
        lambda: User.objects.filter(union__in=Union.objects.filter(kind="city")),
    ],
)
def test_a_statement_that_names_the_column_reads_it(cast: Cast, rows):
    assert read_by(lambda: list(rows())) == {KIND}
    with connection.cursor() as cursor:
        assert read_by(lambda: cursor.execute("SELECT max(kind) FROM unions_union")) == {KIND}


def test_a_table_that_is_written_to_is_read_whole(cast: Cast):
    assert read_by(lambda: Union.objects.filter(pk=cast.union.pk).update(name="甲")) == {KIND, STATE}


def test_what_one_function_alone_reads_can_be_left_out(cast: Cast):
    def ask() -> bool:
        return cast.union.state == UnionState.APPROVED

    with columns_read([KIND, STATE], but_by=ask) as read:
        assert ask()
        assert read == set()
        assert cast.union.state
    assert read == {STATE}

"""A column or a parameter that a request does not read decides nothing in it; one that it may read counts."""

import pytest
from django.db import connection
from django.db.models import F
from django.test import RequestFactory

from gonghui.accounts.models import User
from gonghui.kit.middleware import NullCharacterMiddleware
from gonghui.unions.models import Union, UnionState
from tests.people import Cast
from tests.reads import ALL, columns_read, parameters_read, presence_read

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


def test_what_some_functions_alone_read_can_be_left_out(cast: Cast):
    def ask() -> bool:
        return cast.union.state == UnionState.APPROVED

    def load() -> Union | None:
        return Union.objects.filter(kind="city").first()

    with columns_read([KIND, STATE], but_by=[ask, load]) as read:
        assert ask()
        assert load()
        assert read == set()
        assert cast.union.state
    assert read == {STATE}


def test_a_parameter_is_read_where_its_value_is_asked_for():
    request = RequestFactory().post("/?a=1&b=2", {"c": "3", "d": "4"})
    with parameters_read() as read:
        NullCharacterMiddleware(lambda _: None).process_view(request)
        assert "b" in request.GET
        assert read == set()
        assert (request.GET["a"], request.POST.get("c"), request.GET.getlist("e")) == ("1", "3", [])
        assert read == {"a", "c", "e"}
    with parameters_read() as read, presence_read(read):
        assert "b" in RequestFactory().get("/?a=1&b=2").GET
        assert "f" not in request.POST
    assert read == {"b", "f"}


@pytest.mark.parametrize(
    "look", [lambda one: one.GET.urlencode(), lambda one: [*one.GET.items()], lambda one: one.get_full_path()]
)
def test_who_looks_at_the_whole_query_reads_every_parameter(look):
    request = RequestFactory().get("/?a=1")
    with parameters_read() as read:
        look(request)
    assert ALL in read

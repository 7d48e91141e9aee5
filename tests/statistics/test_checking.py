"""`gonghui check --statistics` finds a number that somebody changed, and counts it again."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.statistics.checking import find_wrong, mend
from gonghui.statistics.closing import close_all, month_ends
from gonghui.statistics.counting import digest
from gonghui.statistics.models import Closing, Figure
from gonghui.unions.models import Union
from tests.people import Cast
from tests.statistics.test_closing import member_since

pytestmark = pytest.mark.django_db


def last() -> date:
    """The end of the last month."""
    return next(month_ends(localdate() - timedelta(days=1), 1))


@pytest.fixture
def closed(cast: Cast) -> Cast:
    for union in (cast.union, cast.neighbour, cast.far):
        member_since(union, last() - timedelta(days=70))
    close_all()
    assert find_wrong() == []
    return cast


def plant(node: Union) -> None:
    rows = Figure.objects.filter(closing__day=last(), node=node, dimension="")
    rows.update(closing_members=F("closing_members") + 5, joined=F("joined") + 5)


def test_a_planted_number_is_found_and_counted_again_with_a_report(closed):
    plant(closed.street)
    assert {str(one.closing) for one in find_wrong()} >= {f"{last()} 当时口径", f"{last()} 更正后"}
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_figures", stdout=said)
    for basis in ("当时口径", "更正后"):
        assert f"{last()} {basis} 五角场镇工会 期末: 6 -> 1" in said.getvalue()
    numbers = Figure.objects.filter(closing__day=last(), node=closed.street, dimension="")
    assert list(numbers.values_list("closing_members", flat=True)) == [1, 1]
    assert find_wrong() == []
    assert Entry.objects.filter(verb="closing.mended").count() == 2


def test_an_error_planted_all_the_way_up_is_found_by_the_digest(closed):
    for node in (closed.union, closed.street, closed.district, closed.city):
        plant(node)
    assert "its figures are not those that were closed" in [one.what for one in find_wrong()]
    mend()
    assert find_wrong() == []


def test_what_does_not_go_on_from_the_month_before_is_found(closed):
    rows = Figure.objects.filter(closing__day=last(), dimension="")
    rows.update(opening=F("opening") + 1, corrected=F("corrected") - 1)
    for closing in Closing.objects.filter(day=last()):
        closing.digest = digest(closing)
        closing.save()
    assert any("does not begin with" in one.what or "sum" in one.what for one in find_wrong())


def test_what_is_right_is_left_alone(closed):
    kept = list(Figure.objects.order_by("pk").values_list("pk", flat=True))
    said = StringIO()
    call_command("check_figures", stdout=said)
    assert "ok" in said.getvalue()
    assert mend() == []
    assert list(Figure.objects.order_by("pk").values_list("pk", flat=True)) == kept

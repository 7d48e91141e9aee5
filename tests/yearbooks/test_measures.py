"""The numbers of a year come from the closed figures: of its last day, or of all its months."""

from datetime import timedelta

import pytest

from gonghui.members.models import Membership
from gonghui.statistics.closing import close_day, month_ends
from gonghui.yearbooks.measures import FLOWS, STOCKS, of_node
from tests.statistics.test_closing import member_since
from tests.yearbooks.stories import end_of, last_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(cast) -> int:
    """Two were there before the year; one came in it, two in its last month, one of whom left."""
    year = last_year()
    for _ in range(2):
        member_since(cast.union, end_of(year - 1) - timedelta(days=3))
    member_since(cast.neighbour, end_of(year).replace(month=5, day=10))
    member_since(cast.union, end_of(year).replace(day=3), sex="female")
    gone = member_since(cast.union, end_of(year).replace(day=4))
    Membership.objects.filter(member=gone).update(ended_on=end_of(year).replace(day=20), ended_by="resigned")
    return year


def test_stocks_are_those_of_the_last_day(cast, year):
    close_day(end_of(year))
    numbers = of_node(cast.district, year)
    assert set(numbers) == set(STOCKS)
    assert (numbers["closing_members"], numbers["women"]) == (4, 1)
    assert of_node(cast.other_street, year)["closing_members"] == 1
    assert of_node(cast.bureau, year)["closing_members"] == 0


def test_flows_are_the_sum_of_all_months_and_the_year_adds_up(cast, year):
    for day in reversed(list(month_ends(end_of(year), 12))):
        close_day(day)
    numbers = of_node(cast.district, year)
    assert set(numbers) == {*STOCKS, *FLOWS}
    assert (numbers["opening"], numbers["joined"], numbers["departed"], numbers["closing_members"]) == (2, 3, 1, 4)
    moved = numbers["joined"] + numbers["moved_in"] - numbers["departed"] - numbers["moved_out"]
    assert numbers["opening"] + moved + numbers["corrected"] == numbers["closing_members"]


def test_a_year_that_is_not_closed_has_none(cast, year):
    assert of_node(cast.city, year) == {}

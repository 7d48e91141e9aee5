"""Who joined and left by month, and what there is, for each node of the tree."""

from datetime import date

import pytest
from django.utils.timezone import localdate, timedelta

from gonghui.members.models import Member, Membership
from gonghui.statistics.actions import MONTHS, count_months, first_month
from gonghui.statistics.models import MonthFigure
from gonghui.statistics.queries import cards_by_branch, trend
from tests.factories import make_member
from tests.states import out_of_order

pytestmark = pytest.mark.django_db


def joined_on(union, day: date) -> Member:
    member = make_member(union)
    Membership.objects.filter(member=member).update(began_on=day)
    return member


def test_the_first_month_is_a_year_before_this_one():
    assert first_month(1) == localdate().replace(day=1)
    year_ago = first_month(MONTHS)
    assert (year_ago.year, year_ago.month, year_ago.day) == (localdate().year - 1, localdate().month, 1)


@pytest.mark.server
def test_a_node_is_the_sum_of_what_is_below_it(cast):
    last_month = first_month(1) - timedelta(days=1)
    joined_on(cast.union, last_month)
    joined_on(cast.union, localdate())
    joined_on(cast.neighbour, localdate())
    joined_on(cast.far, localdate())
    count_months()
    assert trend(cast.street).members[-2:] == [1, 2]
    assert trend(cast.district).members[-2:] == [1, 3]
    assert trend(cast.district).added == 2
    city = trend(cast.city)
    assert (city.joined[-2:], city.members[-1], city.unions) == ([1, 3], 4, 3)


def test_who_leaves_is_counted_and_what_was_counted_before_is_counted_anew(cast):
    member = joined_on(cast.union, localdate())
    count_months()
    assert trend(cast.street).departed[-1] == 0
    with out_of_order():
        Membership.objects.filter(member=member).update(ended_on=localdate(), ended_by="resigned")
    count_months()
    count_months()
    assert (trend(cast.street).joined[-1], trend(cast.street).departed[-1]) == (1, 1)
    assert MonthFigure.objects.filter(superior=cast.street).count() == 1


def test_cards_are_counted_by_branch(cast):
    member = make_member(cast.union)
    make_member(cast.union)
    Member.objects.filter(pk=member.pk).update(has_card=True)
    count_months()
    assert cards_by_branch(cast.city)[cast.district.pk] == (2, 1)
    assert cards_by_branch(cast.district)[cast.street.pk] == (2, 1)
    assert trend(cast.street).card_rate == "50.0%"


def test_a_node_without_figures_has_noughts(cast):
    empty = trend(cast.city)
    assert (len(empty.months), set(empty.members), empty.card_rate, empty.counted_at) == (MONTHS, {0}, "-", None)

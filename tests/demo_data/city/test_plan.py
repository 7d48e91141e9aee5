"""The plan of a city: as many as there are to be, most in small unions, the same for the same seed."""

from datetime import timedelta
from statistics import median

import pytest
from django.utils import timezone

from gonghui.demo_data.city.plan import Clock, Plan


@pytest.mark.parametrize(("members", "unions"), [(30_000, 400), (1, 40), (500, 100), (200_000, 1_000)])
def test_the_sizes_are_together_just_as_many_as_there_are_to_be(members, unions):
    sizes = list(Plan(members, unions).sizes())
    assert len(sizes) == unions
    assert sum(sizes) == members
    assert min(sizes) >= 0


def test_most_unions_are_small_and_some_have_thousands():
    sizes = [size for size in Plan(100_000, 2_000).sizes() if size]
    assert 12 <= median(sizes) <= 35
    assert max(sizes) > 1_000
    assert max(sizes) < 20_000


def test_another_seed_is_another_city_and_the_same_seed_the_same():
    assert list(Plan(3_000, 60, 1).sizes()) == list(Plan(3_000, 60, 1).sizes()) != list(Plan(3_000, 60, 2).sizes())


def test_who_is_not_approved_has_no_members():
    plan = Plan(3_000, 200)
    assert all(size == 0 for number, size in enumerate(plan.sizes()) if plan.state(number) != "approved")


def test_no_city_is_without_unions_or_members():
    for members, unions in ((0, 5), (5, 0), (-1, 3)):
        with pytest.raises(ValueError, match="at least one"):
            Plan(members, unions)


def test_everything_happens_in_its_order_on_working_days_and_before_today():
    plan = Plan(1, 1)
    clock, chance = Clock(plan.midnight), plan.chance("test", 0)
    for days in range(1, 60):
        at = clock.at(days, chance)
        later = clock.after(at, chance.random() * 3, chance)
        assert at < later < timezone.now()
        assert at.weekday() < 5
        assert at < plan.midnight
        assert later <= plan.midnight + timedelta(0)


def test_nothing_happens_before_it_could_on_whatever_day_of_the_week_it_is_drawn():
    for weekday in range(7):
        midnight = Plan(1, 1).midnight - timedelta(days=weekday)
        clock, chance = Clock(midnight), Plan(1, 1).chance("test", 0)
        for days in range(1, 10):
            since = (midnight - timedelta(days=days)).date()
            assert clock.at(days, chance, since=since).date() == since
            assert clock.at(days, chance).weekday() < 5

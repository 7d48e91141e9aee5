"""Days are closed once; what is corrected later appears as 「调整」 in the next one, and by 「更正后」."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils.timezone import localdate

from gonghui.members.models import Member, Membership
from gonghui.statistics import closing as closings
from gonghui.statistics.closing import close_all, close_day, is_month_end, month_ends, opening_of
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from gonghui.unions.models import Union
from tests.factories import make_member
from tests.statistics.acts import Acts, take_out

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=1)


@pytest.fixture
def last_months() -> list[date]:
    """The last four ends of months, the oldest first."""
    return [*reversed(list(month_ends(localdate() - YESTERDAY, 4)))]


def member_since(union: Union, day: date, **fields) -> Member:
    """A member who came on a day of the past."""
    member = make_member(union, **fields)
    Membership.objects.filter(member=member).update(began_on=day)
    return member


def figure(node: Union, day: date, basis: str = Basis.THEN, **of: str) -> Figure:
    return Figure.objects.get(
        closing__day=day, closing__basis=basis, node=node, dimension=of.get("dimension", ""), value=of.get("value", "")
    )


def close(days: list[date]) -> None:
    for day in days:
        assert close_day(day)


def test_a_month_begins_with_what_the_one_before_ended_with(cast, last_months):
    *_, before, last = last_months
    member_since(cast.union, before)
    member_since(cast.union, last)
    close([before, last])
    row = figure(cast.district, last)
    assert (row.opening, row.joined, row.corrected, row.closing_members) == (1, 1, 0, 2)
    assert figure(cast.city, before).closing_members == 1


def test_a_month_that_is_closed_is_closed_once(cast, last_months):
    member_since(cast.union, last_months[0])
    close(last_months)
    kept = list(Figure.objects.order_by("pk").values())
    member_since(cast.union, last_months[0])
    assert not any(close_day(day) for day in last_months)
    assert list(Figure.objects.order_by("pk").values()) == kept


def test_a_day_that_is_not_over_is_not_closed(cast):
    assert not close_day(localdate())
    assert not close_day(localdate() + timedelta(days=1))


def test_a_correction_into_three_closed_months_appears_once_in_the_next(cast, last_months):
    first, *_, last = last_months
    wrong, _right = [member_since(cast.union, first) for _ in range(2)]
    close(last_months[:-1])
    take_out(wrong)
    close([last])
    for node in (cast.union, cast.street, cast.district, cast.city):
        assert [figure(node, day).closing_members for day in last_months] == [2, 2, 2, 1]
        row = figure(node, last)
        assert (row.opening, row.corrected, row.closing_members, row.departed) == (2, -1, 1, 0)
    close_all()
    assert [figure(cast.city, day, Basis.CORRECTED).closing_members for day in last_months] == [1, 1, 1, 1]
    assert [figure(cast.city, day, Basis.CORRECTED).corrected for day in last_months] == [0, 0, 0, 0]


def test_a_wrong_sex_is_corrected_in_past_months_too_and_what_changed_is_not(cast, last_months):
    first, second, *_ = last_months
    member = member_since(cast.union, first, sex="male", education="college")
    close_all()
    Member.objects.filter(pk=member.pk).update(sex="female", education="bachelor")
    Closing.objects.filter(basis=Basis.CORRECTED).delete()
    close_all()
    assert (figure(cast.street, second).women, figure(cast.street, second, Basis.CORRECTED).women) == (0, 1)
    then = figure(cast.street, second, Basis.CORRECTED, dimension="education", value="college")
    assert then.closing_members == 1


def test_what_changes_about_a_member_moves_between_the_values_of_a_dimension(cast, last_months):
    *_, before, last = last_months
    born = last.replace(year=last.year - 25, day=1)  # turns 25 on the first day of the month
    member_since(cast.union, before - YESTERDAY, born_on=born)
    close([before, last])
    younger, older = (figure(cast.street, last, dimension="age", value=value) for value in ("1", "2"))
    assert (younger.opening, younger.reclassified, younger.closing_members) == (1, -1, 0)
    assert (older.opening, older.reclassified, older.closing_members) == (0, 1, 1)
    assert figure(cast.street, last).reclassified == 0


def test_the_job_closes_what_is_over_and_then_nothing_more(cast):
    member_since(cast.union, localdate() - timedelta(days=100))
    yesterday = localdate() - YESTERDAY
    assert close_all() > 0
    days = set(Closing.objects.filter(basis=Basis.THEN).values_list("day", flat=True))
    assert yesterday in days
    assert {day for day in days if is_month_end(day)} == {
        day for day in month_ends(yesterday, 13) if day >= localdate() - timedelta(days=100)
    }
    assert close_all() == 0


def test_nothing_is_closed_before_there_is_anybody(cast):
    assert close_all() == 0
    member_since(cast.union, localdate())
    assert close_all() == 0


def test_days_within_a_month_are_kept_for_a_week(cast, monkeypatch):
    member_since(cast.union, localdate() - timedelta(days=60))
    monkeypatch.setattr(closings, "DAYS_KEPT", 0)
    close_all()
    kept = Closing.objects.filter(basis=Basis.THEN).values_list("day", flat=True)
    assert all(is_month_end(day) or day == localdate() - YESTERDAY for day in kept)
    assert kept


def test_every_node_is_the_sum_of_those_below_it_and_adds_up_with_what_was_before(cast):
    first = localdate() - timedelta(days=120)
    Acts(cast, Random(7)).live(first, 119, 120)
    close_all()
    for closing in Closing.objects.filter(basis=Basis.THEN):
        rows = Figure.objects.filter(closing=closing, dimension="")
        below = {
            row["superior"]: row for row in rows.values("superior").annotate(**{n: Sum(n) for n in COUNTS}).order_by()
        }
        for row in rows.values("node").annotate(**{n: Sum(n) for n in COUNTS}).order_by():
            if row["node"] in below:
                assert {n: row[n] for n in COUNTS} == {n: below[row["node"]][n] for n in COUNTS}
        former = Closing.objects.filter(day=opening_of(closing.day), basis=Basis.THEN).first()
        if former:
            ended = dict(
                Figure.objects.filter(closing=former, dimension="").values_list("node").annotate(Sum("closing_members"))
            )
            for node, opening in rows.values_list("node").annotate(Sum("opening")):
                assert opening == ended.get(node, 0)


def test_the_database_holds_that_a_figure_adds_up(cast, last_months):
    member_since(cast.union, last_months[-1])
    close(last_months[-1:])
    with pytest.raises(IntegrityError, match="figure_adds_up"), transaction.atomic():
        Figure.objects.filter(node=cast.city, dimension="").update(closing_members=F("closing_members") + 1)

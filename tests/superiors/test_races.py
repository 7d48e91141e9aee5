"""The tree and those below it at the same moment, by two connections."""

import pytest

from gonghui.accounts.models import User
from gonghui.filings.filing.actions import submit_filing
from gonghui.reviews.models import Step
from gonghui.superiors import actions
from gonghui.superiors.queries import version_of
from gonghui.unions.models import Union, UnionState
from tests.at_once import DONE, at_once
from tests.factories import live
from tests.filings.stories import values
from tests.superiors.stories import begun_closing, begun_move, second_district

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def city(cast) -> User:
    """An object of one's own: two threads would share its columns."""
    return User.objects.get(pk=cast.platform_admin.pk)


def test_of_two_administrators_one_is_told(cast):
    seen = version_of(cast.street)
    rename = lambda name: actions.rename_superior(  # noqa: E731
        Union.objects.get(pk=cast.street.pk), name=name, area="", version=seen, by=city(cast)
    )
    outcomes = at_once(lambda: rename("甲街道工会"), lambda: rename("乙街道工会"))
    assert outcomes.count(DONE) == 1
    assert [one for one in outcomes if "已被其他管理员变动" in one]


def test_a_filing_comes_before_a_closing_or_is_refused_never_to_a_closed_one(cast):
    Union.objects.filter(pk=cast.union.pk).update(superior=cast.other_street)
    change = begun_closing(cast, cast.street, None)
    form = values(cast)
    outcomes = at_once(
        lambda: actions.carry_out(change.pk),
        lambda: submit_filing(cast.unfiled, entrance="district", values=form, by=cast.newcomer),
    )
    assert outcomes[0] == DONE
    closed = live(cast.street).state == UnionState.DISSOLVED
    assert Step.objects.filter(superior=cast.street, open=True).exists() is not closed
    assert (outcomes[1] == DONE) is not closed


def test_two_streets_never_take_over_from_each_other(cast):
    change = lambda union, other: begun_closing(cast, union, other, by=city(cast))  # noqa: E731
    outcomes = at_once(lambda: change(cast.street, cast.other_street), lambda: change(cast.other_street, cast.street))
    assert outcomes.count(DONE) == 1


def test_a_union_that_comes_while_its_street_moves_is_seen_by_the_new_district(cast):
    change = begun_move(cast, cast.street, second_district(cast))
    outcomes = at_once(
        lambda: actions.carry_out(change.pk),
        lambda: Union.objects.filter(pk=cast.neighbour.pk).update(superior=cast.street),
    )
    assert outcomes == [DONE, DONE]
    assert live(cast.neighbour).level2 == live(cast.street).superior

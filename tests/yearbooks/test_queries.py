"""What waits for a union's signature."""

import pytest

from gonghui.yearbooks.queries import work
from tests.yearbooks.stories import filled, opened, sheet_of, signed, street_closed, street_signed

pytestmark = pytest.mark.django_db


def waiting(user) -> list[int]:
    return [item.rows.count() for item in work(user)]


def test_a_sheet_waits_for_its_union_when_all_below_have_signed(cast):
    opened(cast)
    assert [waiting(who) for who in (cast.reviewer, cast.district_admin, cast.officer)] == [[1], [0], []]
    street_signed(cast)
    signed(filled(sheet_of(cast.other_street), cast.other_reviewer), cast.other_reviewer)
    assert [waiting(who) for who in (cast.reviewer, cast.district_admin, cast.platform_admin)] == [[0], [1], [0]]


def test_it_is_the_work_of_who_may_sign(cast):
    opened(cast)
    assert [item.mine for who in (cast.reviewer, cast.viewer) for item in work(who)] == [True, False]


def test_that_of_a_closed_union_waits_for_its_superior(cast):
    opened(cast)
    street_closed(cast)
    assert waiting(cast.district_admin) == [1]

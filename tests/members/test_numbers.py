"""会员编号 (SPEC 3.2)."""

import pytest

from gonghui.kit.errors import Refused
from gonghui.members.models import NumberRange
from gonghui.members.numbers import LAST, member_number, number_prefix, take_numbers

pytestmark = pytest.mark.server


def test_numbers_run_on_and_are_never_given_twice(cast):
    assert take_numbers(cast.district, 1) == range(1, 2)
    assert take_numbers(cast.district, 3) == range(2, 5)
    assert take_numbers(cast.bureau, 2) == range(1, 3)
    assert NumberRange.objects.get(level2=cast.district).next == 5


def test_a_number_is_the_superiors_three_digits_and_seven_running(cast):
    assert member_number(number_prefix(cast.district), 42) == "0100000042"


def test_used_up_numbers_are_refused_and_the_rest_stay(cast):
    NumberRange.objects.create(level2=cast.district, next=LAST)
    with pytest.raises(Refused, match="已经用完"):
        take_numbers(cast.district, 2)
    assert take_numbers(cast.district, 1) == range(LAST, LAST + 1)
    with pytest.raises(Refused):
        take_numbers(cast.district, 1)


def test_more_than_a_whole_range_is_refused_at_first_asking(cast):
    with pytest.raises(Refused):
        take_numbers(cast.district, LAST + 1)
    assert not NumberRange.objects.exists()


@pytest.mark.parametrize("code", [None, "12", "A01"])
def test_a_superior_without_three_digits_is_refused(cast, code):
    cast.district.code = code
    with pytest.raises(Refused, match="三位数"):
        number_prefix(cast.district)

"""Two administrators of the city at the same moment, by two connections."""

import pytest
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.codelists.actions import CHANGED_MEANWHILE, add_code, rename_code, retire_code
from gonghui.codelists.models import Code
from tests.at_once import DONE, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def code(value: str) -> Code:
    return Code.objects.get(code_list="household", value=value)


def city(cast) -> User:
    """An object of one's own: two threads would share its columns."""
    return User.objects.get(pk=cast.platform_admin.pk)


def test_one_label_is_added_once(cast):
    add = lambda: add_code("household", label="境外", by=city(cast))  # noqa: E731
    outcomes = at_once(add, add)
    assert sorted(outcomes) == [DONE, "这个代码表中已有“境外”，请换一个名称。"]
    assert list(Code.objects.filter(code_list="household").order_by("position").values_list("value", flat=True)) == [
        "urban", "rural", "resident", "other", "city_1",
    ]  # fmt: skip


def test_of_two_changes_of_one_value_the_second_is_told(cast):
    outcomes = at_once(
        lambda: rename_code(code("rural"), label="农村", version=1, by=city(cast)),
        lambda: retire_code(code("rural"), on=localdate(), successor=None, version=1, by=city(cast)),
    )
    assert sorted(outcomes) == [DONE, CHANGED_MEANWHILE]
    assert code("rural").version == 2
    assert (code("rural").label == "农村") != (code("rural").valid_until is not None)


def test_of_two_retired_with_each_other_as_successor_one_stays(cast):
    outcomes = at_once(
        lambda: retire_code(code("rural"), on=localdate(), successor=code("urban"), version=1, by=city(cast)),
        lambda: retire_code(code("urban"), on=localdate(), successor=code("rural"), version=1, by=city(cast)),
    )
    assert outcomes.count(DONE) == 1
    assert sum(code(value).valid_until is not None for value in ("rural", "urban")) == 1

"""Two administrators of one union save its rules at the same moment: one holds, the other is told."""

import pytest

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.notices.models import Notice
from gonghui.policies.actions import set_policy
from gonghui.policies.models import Policy
from gonghui.policies.queries import of_city, of_union
from tests.at_once import DONE, at_once
from tests.factories import make_user
from tests.people import make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.mark.parametrize("turn", range(3))
def test_of_two_at_once_one_holds_and_the_other_is_told(turn: int):
    cast = make_cast()
    other = make_user(cast.city, Role.ADMIN, name="王芳")
    outcomes = at_once(
        lambda: set_policy(cast.city, {"transfer_days": 10}, by=cast.platform_admin, version=""),
        lambda: set_policy(cast.city, {"transfer_days": 12}, by=other, version=""),
    )
    assert outcomes.count(DONE) == 1
    assert any("您的修改没有保存" in outcome for outcome in outcomes)
    assert of_city("transfer_days") == (10 if outcomes[0] == DONE else 12)
    assert Entry.objects.filter(verb="policy.set").count() == 1
    assert Notice.objects.count() == 2


@pytest.mark.parametrize("turn", range(3))
def test_a_city_that_shortens_while_a_district_decides_is_not_overruled(turn: int):
    cast = make_cast()
    at_once(
        lambda: set_policy(cast.city, {"transfer_days": 5}, by=cast.platform_admin),
        lambda: set_policy(cast.district, {"transfer_days": 12}, by=cast.district_admin),
    )
    assert of_union("transfer_days", cast.union) == 5
    assert Policy.objects.get(union=cast.city).transfer_days == 5

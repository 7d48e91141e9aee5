"""How many could come is counted by a job, shown, and asked again when it has failed."""

import pytest

from gonghui.bookings.eligibility.actions import ask_survey, counted, give_up
from gonghui.bookings.tasks import count_eligible
from gonghui.kit.errors import Refused
from tests.bookings.stories import drafted
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


def test_counted_by_a_job(cast):
    programme = drafted(cast, rules=[("sex", {"sexes": ["female"]})])
    make_member(cast.union)
    for _ in range(2):
        ask_survey(programme, by=cast.platform_admin)
    assert live(programme).survey_asked_at
    count_eligible(programme.pk)
    result = counted(live(programme))
    assert (result.members, result.eligible, result.by_nobody) == (1, 0, ["性别：女"])
    assert live(programme).survey_asked_at is None


def test_only_the_publisher_asks(cast):
    with pytest.raises(Refused, match="管理员"):
        ask_survey(drafted(cast), by=cast.district_admin)


def test_one_that_fails_may_be_asked_again(cast):
    programme = drafted(cast)
    ask_survey(programme, by=cast.platform_admin)
    give_up(programme.pk)
    assert counted(live(programme)) is None
    assert "重新统计" in live(programme).survey["failed"]
    ask_survey(live(programme), by=cast.platform_admin)
    assert live(programme).survey_asked_at

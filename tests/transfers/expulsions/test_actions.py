"""「已备案」: an expulsion is reported to the superior, who acknowledges it (SPEC 3.10)."""

import pytest

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.transfers.departures.actions import undo
from gonghui.transfers.expulsions.actions import acknowledge
from gonghui.transfers.queries import expulsions
from tests.factories import live, make_member
from tests.transfers.stories import ended

pytestmark = pytest.mark.django_db


def expelled(cast, name: str = "除示例"):
    return ended(cast, make_member(cast.union, name=name), "expelled")


def open_notices(user):
    return user.notices.filter(read_at=None, title__contains="请备案")


def test_the_superior_is_told_and_acknowledges_and_the_union_is_told(cast):
    transfer = expelled(cast)
    assert open_notices(cast.reviewer).exists()
    assert not open_notices(cast.other_reviewer).exists()
    assert acknowledge([transfer.pk], by=cast.reviewer).done
    transfer = live(transfer)
    assert (transfer.acknowledged_by, bool(transfer.acknowledged_at)) == (cast.reviewer, True)
    assert not open_notices(cast.reviewer).exists()
    assert cast.officer.notices.filter(title="上级工会已备案除名", body__contains="除示例").exists()
    assert Entry.objects.filter(verb="transfer.acknowledged", object_id=transfer.pk).exists()


def test_a_second_acknowledgement_names_the_first(cast):
    transfer = expelled(cast)
    acknowledge([transfer.pk], by=cast.reviewer)
    outcome = acknowledge([transfer.pk], by=cast.reviewer)
    assert not outcome.done
    assert f"已由 {cast.reviewer} 备案" in "".join(outcome.remarks())


def test_only_reviewers_of_the_direct_superior_acknowledge(cast):
    transfer = expelled(cast)
    for by in (cast.viewer, cast.district_admin, cast.platform_admin, cast.other_reviewer, cast.officer):
        with pytest.raises(Refused, match="没有您可以备案的"):
            acknowledge([transfer.pk], by=by)
    with pytest.raises(Refused, match="勾选"):
        acknowledge([], by=cast.reviewer)
    assert live(transfer).acknowledged_at is None


def test_those_above_see_it_and_nobody_else(cast):
    transfer = expelled(cast)
    seeing = {
        user
        for user in (cast.viewer, cast.reviewer, cast.district_admin, cast.platform_admin, cast.other_reviewer,
                     cast.bureau_admin, cast.company_reviewer, cast.officer, cast.neighbour_officer, cast.claimant)
        if expulsions(user).filter(pk=transfer.pk).exists()
    }  # fmt: skip
    assert seeing == {cast.viewer, cast.reviewer, cast.district_admin, cast.platform_admin}


def test_undone_until_it_is_acknowledged_which_ends_the_task(cast):
    undone, known = expelled(cast), expelled(cast)
    assert undo([undone.pk], by=cast.officer).done
    acknowledge([known.pk], by=cast.reviewer)
    assert "已由上级工会备案，不能撤销" in "".join(undo([known.pk], by=cast.officer).remarks())
    outcome = acknowledge([undone.pk], by=cast.reviewer)
    assert "工会已撤销除名" in "".join(outcome.remarks())
    assert not open_notices(cast.reviewer).exists()


def test_who_resigns_is_reported_to_nobody(cast):
    ended(cast, make_member(cast.union), "withdrawn")
    assert not open_notices(cast.reviewer).exists()
    assert not expulsions(cast.reviewer).exists()

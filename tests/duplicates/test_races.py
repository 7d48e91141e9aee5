"""Two at the same moment, by two connections: one outcome, and a clear sentence for the other."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.duplicates.actions import Wish, answer, dismiss, merge, undo, withdraw
from gonghui.duplicates.models import Merge, Record
from gonghui.duplicates.overdue import decide, settle_overdue
from gonghui.duplicates.queries import version_of
from gonghui.duplicates.states import MergeState, PairState
from gonghui.members.memberships import wrong_counts
from gonghui.members.models import Alias, Membership
from gonghui.transfers.models import TransferState
from tests.at_once import DONE, at_once
from tests.duplicates.stories import fresh, merged, paired, silent
from tests.factories import live
from tests.people import Cast
from tests.transfers.stories import agreed, requested

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
WISH = Wish(Record.MAIN, Record.OTHER)


def test_two_reviewers_merge_at_once(cast: Cast):
    pair = paired(cast.union, cast.union)
    version = version_of(pair)
    outcomes = at_once(
        *(lambda by=by: merge(pair, WISH, version=version, by=live(by)) for by in (cast.officer, cast.reviewer))
    )
    assert outcomes.count(DONE) == 1
    assert "不能重复办理" in next(one for one in outcomes if one != DONE)
    assert Merge.objects.count() == Alias.objects.count() == 1
    assert not wrong_counts()


def test_merged_and_judged_different_at_once_is_one_of_them(cast: Cast):
    pair = paired(cast.union, cast.union)
    version = version_of(pair)
    outcomes = at_once(
        lambda: merge(pair, WISH, version=version, by=live(cast.officer)),
        lambda: dismiss(pair, note="", version=version, by=live(cast.reviewer)),
    )
    assert outcomes.count(DONE) == 1
    assert Alias.objects.exists() == (fresh(pair).state == PairState.MERGED)


def test_agreed_to_and_withdrawn_at_once_is_one_of_them(cast: Cast):
    one = merged(paired(cast.union, cast.neighbour), cast.district_admin)
    outcomes = at_once(
        lambda: answer(one, agree=True, opinion="", by=live(cast.neighbour_officer)),
        lambda: withdraw(one, by=live(cast.district_admin)),
    )
    assert outcomes.count(DONE) == 1
    assert Alias.objects.exists() == (live(one).state == MergeState.DONE)


def test_answered_on_the_last_moment_and_settled_at_once_is_one_of_them(cast: Cast):
    one = merged(paired(cast.union, cast.neighbour), cast.district_admin)
    Merge.objects.update(due_on=localdate() - timedelta(days=1))
    at_once(settle_overdue, lambda: answer(one, agree=True, opinion="", by=live(cast.neighbour_officer)))
    assert live(one).state in (MergeState.DONE, MergeState.OVERDUE)
    assert Alias.objects.exists() == (live(one).state == MergeState.DONE)
    assert settle_overdue() == 0


def test_decided_by_two_superiors_at_once_is_decided_once(cast: Cast):
    one = silent(paired(cast.union, cast.neighbour), cast.district_admin)
    outcomes = at_once(
        lambda: decide(one, agree=True, opinion="", by=live(cast.district_admin)),
        lambda: decide(one, agree=False, opinion="是两个人", by=live(cast.platform_admin)),
    )
    assert outcomes.count(DONE) == 1
    assert Alias.objects.exists() == (live(one).state == MergeState.DONE)


def test_undone_twice_at_once_is_undone_once(cast: Cast):
    one = merged(paired(cast.union, cast.union), cast.officer)
    outcomes = at_once(lambda: undo(one, by=live(cast.officer)), lambda: undo(one, by=live(cast.reviewer)))
    assert outcomes.count(DONE) == 1
    assert Membership.objects.filter(ended_on=None).count() == 2
    assert not wrong_counts()


def test_merged_while_a_transfer_is_agreed_to(cast: Cast):
    """Either it was transferred first, and the page is out of date, or the transfer still waits, and forbids it."""
    pair = paired(cast.union, cast.union)
    transfer = requested(cast, pair.other)
    version = version_of(pair)
    outcomes = at_once(
        lambda: merge(pair, WISH, version=version, by=live(cast.district_admin)),
        lambda: agreed(transfer, by=live(cast.officer)),
    )
    assert outcomes[1] == DONE
    assert outcomes[0] != DONE
    assert live(transfer).state == TransferState.AGREED
    assert not Alias.objects.exists()
    assert not wrong_counts()

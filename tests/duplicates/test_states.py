"""Every move of a pair and of a merge is made by an act or by the job (docs/states.md)."""

import pytest

from gonghui.duplicates.actions import answer, dismiss, reopen, undo, withdraw
from gonghui.duplicates.finding import look_at
from gonghui.duplicates.models import Merge, Pair
from gonghui.duplicates.overdue import decide
from gonghui.duplicates.queries import version_of
from tests.duplicates.stories import fresh, merged, paired, silent
from tests.factories import change_member
from tests.people import Cast
from tests.states import every_move_is_made
from tests.transfers.stories import left

pytestmark = pytest.mark.django_db


def test_every_move_of_a_pair_is_made(cast: Cast):
    with every_move_is_made(Pair):
        pair = paired(cast.union, cast.union)
        reopen(dismiss(pair, note="", version=version_of(pair), by=cast.officer), by=cast.officer)
        undo(merged(pair, cast.officer), by=cast.officer)
        change_member(pair.other, mobile="19900001111")
        look_at([pair.other_id])
        change_member(pair.other, mobile="19900005678")
        look_at([pair.other_id])
        two = paired(cast.union, cast.neighbour, name="李两家", mobile="19900007777")
        withdraw(merged(two, cast.district_admin), by=cast.district_admin)
        answer(merged(two, cast.district_admin), agree=True, opinion="", by=cast.neighbour_officer)


def test_every_move_of_a_merge_is_made(cast: Cast):
    with every_move_is_made(Merge):
        undo(merged(paired(cast.union, cast.union), cast.officer), by=cast.officer)
        pair = paired(cast.union, cast.neighbour, name="李两家", mobile="19900007777")
        withdraw(merged(pair, cast.district_admin), by=cast.district_admin)
        answer(merged(pair, cast.district_admin), agree=False, opinion="不是", by=cast.neighbour_officer)
        answer(merged(pair, cast.district_admin), agree=True, opinion="", by=cast.neighbour_officer)
        other = paired(cast.union, cast.neighbour, name="李走了", mobile="19900008888")
        merged(other, cast.district_admin)
        left(cast, fresh(other).member)
        two = paired(cast.union, cast.neighbour, name="李逾期", mobile="19900009999")
        withdraw(silent(two, cast.district_admin), by=cast.district_admin)
        decide(silent(two, cast.district_admin), agree=False, opinion="不是", by=cast.district_admin)
        decide(silent(two, cast.district_admin), agree=True, opinion="", by=cast.district_admin)
        last = paired(cast.union, cast.neighbour, name="李又走", mobile="19900006666")
        silent(last, cast.district_admin)
        left(cast, fresh(last).member)

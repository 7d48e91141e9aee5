"""Two people at the same moment: one of them does it, the other is told (SPEC 5.5)."""

import pytest

from gonghui.audit.models import Entry
from gonghui.exports import actions
from gonghui.exports.models import Export, ExportState
from gonghui.kit.errors import Refused
from tests.at_once import DONE, at_once
from tests.exports.stories import asked, colleague, pending, ready
from tests.factories import live, make_member, make_user
from tests.people import make_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def cast():  # each test commits
    return make_cast()


def test_two_approve_at_once(cast):
    first, second = colleague(cast), make_user(cast.union, "officer", name="第三经办人")
    export = pending(cast)
    outcomes = at_once(*(lambda by=by: actions.decide(export, approved=True, rows=2, by=by) for by in (first, second)))
    assert outcomes.count(DONE) == 1
    assert "没有重复办理" in "".join(outcomes)
    assert Entry.objects.filter(verb="export.approved").count() == 1


def test_it_is_approved_while_it_is_called_back(cast):
    second = colleague(cast)
    export = pending(cast)
    outcomes = at_once(
        lambda: actions.decide(export, approved=True, rows=2, by=second),
        lambda: actions.recall(export, by=cast.officer),
    )
    assert outcomes[1] == DONE
    assert live(export).state == ExportState.RECALLED


def test_it_is_called_back_while_it_is_fetched(cast):
    export = ready(cast)
    outcomes = at_once(
        lambda: actions.fetch(export, by=cast.officer),
        lambda: actions.recall(export, reason="用途不符", by=cast.reviewer),
    )
    assert outcomes[1] == DONE
    assert outcomes[0] == DONE or "已由五角场镇审核人收回" in outcomes[0]
    with pytest.raises(Refused, match="收回，不能再下载"):
        actions.fetch(export, by=cast.officer)


def test_a_double_click_asks_once(cast):
    make_member(cast.union)
    outcomes = at_once(lambda: asked(cast.officer), lambda: asked(cast.officer))
    assert outcomes.count(DONE) == 1
    assert Export.objects.count() == 1

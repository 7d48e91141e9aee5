"""Every transition of exports and of reports is made by an action (docs/states.md)."""

import pytest

from gonghui.exports import actions as disclosures
from gonghui.national.exports import actions
from gonghui.national.models import Export, MemberReport, UnionReport
from tests.factories import make_member
from tests.national.stories import asked, exported, reported, returned
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def test_every_move_of_the_tables_is_made(cast):
    make_member(cast.union)
    with every_move_is_made(Export, MemberReport, UnionReport):
        actions.give_up(asked(cast.officer).pk)
        disclosures.recall(asked(cast.officer).disclosure, by=cast.officer)
        disclosures.recall(exported(cast.officer).disclosure, by=cast.officer)
        given_up = exported(cast.officer)
        actions.mark(given_up, by=cast.officer)
        actions.give_up(given_up.pk)
        for form in ("member", "organisation"):
            reported(cast.officer, form)
            returned(cast.officer, "不符", form=form)
            reported(cast.officer, form)

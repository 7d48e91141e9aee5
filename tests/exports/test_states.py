"""Every transition of exports is made by an action (docs/states.md)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.exports import actions, building
from gonghui.exports.models import Export
from tests.exports.stories import approved, asked, built, colleague, pending
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def test_every_move_of_the_table_is_made(cast):
    second = colleague(cast)
    with every_move_is_made(Export):
        actions.decide(pending(cast), approved=False, opinion="范围太大", by=second)
        actions.recall(asked(cast.officer), by=cast.officer)
        building.give_up(approved(asked(cast.officer), second).pk)
        actions.recall(asked(cast.officer, full=False), by=cast.officer)
        actions.recall(built(cast.officer, full=False), by=cast.officer)
        built(cast.officer, full=False)
        actions.expire(timezone.now() + timedelta(days=2))

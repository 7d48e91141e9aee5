"""Every move of a transfer's state, and of a member's, is made by an act (docs/states.md)."""

import pytest

from gonghui.transfers.answers.actions import answer
from gonghui.transfers.departures.actions import undo, withdraw
from gonghui.transfers.models import Transfer
from tests.factories import make_member
from tests.states import every_move_is_made
from tests.transfers.stories import agreed, left, offered, requested

pytestmark = pytest.mark.django_db


def test_every_move_of_a_transfer_is_made(cast):
    first, second, third = (make_member(cast.union) for _ in range(3))
    with every_move_is_made(Transfer):
        agreed(requested(cast, first), by=cast.officer)
        answer([requested(cast, second).pk], agree=False, opinion="仍在本单位工作。", by=cast.officer)
        withdraw([requested(cast, third).pk], by=cast.neighbour_officer)
        offered(cast, third)
        (departure,) = left(cast, third)  # the offer lapses
        undo([departure.pk], by=cast.officer)

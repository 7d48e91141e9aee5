"""Every transition of an import's state is made by an action (docs/states.md)."""

import pytest

from gonghui.imports import actions, editing, job
from gonghui.imports.models import Batch
from tests.factories import live
from tests.imports.test_actions import send, take_new
from tests.imports.test_columns_not_read import renamed, sent, told
from tests.states import every_move_is_made
from tests.workbooks import member_row

pytestmark = pytest.mark.django_db


def test_every_move_of_an_import_is_made(cast):
    with every_move_is_made(Batch):
        mended = send(cast, member_row(1), member_row(2, mobile="1"))
        mended = editing.edit_rows(mended, {3: {"mobile": "19900000002"}}, [], version=0, by=cast.officer)
        job.run_batch(take_new(mended, by=cast.officer).pk)
        actions.undo_batch(live(mended), by=cast.officer)

        partly = send(cast, member_row(3), member_row(4, mobile="1"))
        job.give_up(take_new(partly, by=cast.officer).pk)
        actions.discard_batch(send(cast, member_row(5, mobile="1")), by=cast.officer)

        batch = sent(cast, renamed(address="家庭住址"), member_row(6, address="x" * 500))
        told(cast, batch, 家庭住址="address")
        actions.discard_batch(sent(cast, renamed(address="家庭住址")), by=cast.officer)

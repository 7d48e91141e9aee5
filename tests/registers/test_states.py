"""Every move of a load's state is made by an act or by its job (docs/states.md)."""

import pytest

from gonghui.registers import actions, job
from gonghui.registers.models import Load, Register
from tests.registers.files import checked, csv_of, employer_line, loaded
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db


def test_every_move_of_a_load_is_made(cast):
    good = csv_of([employer_line(1)])
    with every_move_is_made(Load):
        actions.discard(actions.begin(Register.EMPLOYERS, "库.csv", 9, by=None), by=None)
        actions.discard(checked(good), by=None)
        checked(b"no register")
        job.give_up(actions.confirm(checked(good), by=None).pk)
        loaded(good)
        loaded(good)

"""Every transition of a year's table and of its sheets is made by an action (docs/states.md)."""

import pytest

from gonghui.yearbooks.models import Sheet, Yearbook
from tests.states import every_move_is_made
from tests.yearbooks.stories import district_signed, filled, opened, returned, sheet_of, signed

pytestmark = pytest.mark.django_db


def test_every_move_of_the_tables_is_made(cast):
    with every_move_is_made(Yearbook, Sheet):
        opened(cast)
        district_signed(cast)
        sheet = returned(sheet_of(cast.street), cast.district_admin)
        signed(filled(sheet, cast.reviewer), cast.reviewer)

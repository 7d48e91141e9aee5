"""Opening by the command line: the same action, the same rules (SPEC 2.6, 7.4)."""

import io

import pytest
from django.core.management import CommandError, call_command

from gonghui.audit.models import Entry
from gonghui.inspections.models import Window
from tests.inspections.stories import day, opened

pytestmark = pytest.mark.django_db


def test_the_whole_city_from_today(cast):
    said = io.StringIO()
    call_command("open_inspection", str(day(20)), stdout=said)
    window = Window.objects.get()
    assert (window.begins_on, window.deadline, window.level2_ids, window.opened_by) == (day(0), day(20), None, None)
    assert "全市" in said.getvalue()
    assert window.mailings.get().occasion == "opened"
    assert Entry.objects.get(verb="inspection.opened").actor_label == "系统"


def test_chosen_districts_and_bureaus_later(cast):
    call_command(
        "open_inspection", str(day(20)), "--begins-on", str(day(5)), "--year", "2027", "--level2", "010", "050"
    )
    window = Window.objects.get()
    assert (window.year, window.begins_on) == (2027, day(5))
    assert set(window.level2_ids) == {cast.district.pk, cast.bureau.pk}


def test_what_is_wrong_is_told_and_opens_nothing(cast):
    with pytest.raises(CommandError, match="no district or bureau has the code 999"):
        call_command("open_inspection", str(day(20)), "--level2", "010", "999")
    opened(cast)
    with pytest.raises(CommandError, match="已有年检"):
        call_command("open_inspection", str(day(20)))
    with pytest.raises(CommandError, match="Error"):
        call_command("open_inspection", "tomorrow")
    assert Window.objects.count() == 1

"""Export → import → 「没有变化」, as Excel and as LibreOffice writes it (SPEC 3.10)."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from gonghui.imports.models import ImportState
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from tests.members.people import values
from tests.national.stories import collecting_all, contents, exported, read, whole_member, with_reasons

pytestmark = pytest.mark.django_db


def by_libreoffice(data: bytes, folder: Path) -> bytes:
    (folder / "采集表.xlsx").write_bytes(data)
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is among the system packages of the tests"
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", folder / "out", folder / "采集表.xlsx"], check=True, capture_output=True)
    return (folder / "out" / "采集表.xlsx").read_bytes()


def the_form(cast) -> bytes:
    """Of three members, one of whom lacks much."""
    collecting_all(cast)
    whole_member(cast, 1)
    whole_member(cast, 2, household="resident", workplace="", skill_level="technician", education="college")
    add_member(cast.union, values(3, education="", household="", skill_level=""), by=cast.officer)
    (data,) = contents(exported(cast.officer))
    return data


@pytest.mark.parametrize("office", ["ours", "libreoffice"])
def test_the_exported_form_imported_again_changes_nothing(cast, tmp_path, office):
    data = the_form(cast)
    before = list(Member.objects.order_by("pk").values())
    batch = read("members", by_libreoffice(data, tmp_path) if office == "libreoffice" else data, cast.officer)
    assert (batch.state, batch.problems) == (ImportState.AWAITING_CONFIRMATION, [])
    assert batch.group_counts == {"same": 3}
    assert list(Member.objects.order_by("pk").values()) == before


def test_where_the_city_collects_nothing_more_it_changes_nothing_either(cast):
    whole_member(cast)
    (data,) = contents(exported(cast.officer))
    assert read("members", data, cast.officer).group_counts == {"same": 1}


def test_what_was_filled_in_on_the_form_is_a_change(cast):
    book = load_workbook(BytesIO(the_form(cast)))
    page = book.worksheets[0]
    places = {cell.value: cell.column for cell in page[4]}
    page.cell(7, places["民族"], "满族")
    page.cell(7, places["技术等级"], "三级（高级）")
    content = BytesIO()
    book.save(content)
    batch = read("members", content.getvalue(), cast.officer)
    assert batch.group_counts == {"same": 2, "changed": 1}


def test_the_column_of_the_reasons_does_not_disturb_the_import(cast):
    batch = read("members", with_reasons(the_form(cast), ["", "", ""]), cast.officer)
    assert batch.group_counts == {"same": 3}

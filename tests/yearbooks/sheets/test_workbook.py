"""The workbook of what was signed: its numbers, and the same bytes whatever has changed since."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pgtrigger
import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.unions.models import Union
from gonghui.yearbooks.sheets.actions import export_workbook
from tests.statistics.test_closing import member_since
from tests.yearbooks.stories import end_of, last_year, opened, returned, sheet_of, signed, street_signed

pytestmark = pytest.mark.django_db


def workbook(client, sheet, user) -> bytes:
    client.force_login(user)
    answer = client.post(reverse("yearbooks:workbook", args=[sheet.pk]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_it_holds_what_was_signed_as_numbers(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    rows = list(load_workbook(BytesIO(workbook(client, sheet, cast.reviewer))).active.values)
    assert rows[0][0] == "工会统计年报"
    assert rows[1][0].startswith(f"{cast.street.name}　截至 {last_year()}-12-31　签报：五角场镇审核人")
    assert rows[2] == ("行次", "项目", "本年", "上年", "变动", "变动比例", "说明")
    assert [row[:3] for row in rows[3:7]] == [
        (1, "会员", 1),
        (2, "女会员", 0),
        (3, "困难职工", 7),
        (4, "困难女职工", 4),
    ]
    assert rows[7][0].startswith("校验值 ")
    assert Entry.objects.get(verb="yearbook.exported").label == f"{cast.street}：工会统计年报"


def test_it_is_the_same_to_the_byte_whatever_has_changed(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    first = workbook(client, sheet, cast.reviewer)
    Member.objects.all().update(sex="female")
    member_since(cast.union, end_of(last_year()) - timedelta(days=1))
    Union.objects.filter(pk=cast.street.pk).update(name="改名街道工会")
    cast.reviewer.name = "改名"
    cast.reviewer.save()
    assert workbook(client, sheet, cast.district_admin) == first


def test_it_knows_no_time_but_that_of_the_signature(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    long_ago = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    with pgtrigger.ignore("yearbooks.Signature:signature_stays"):
        sheet.signatures.update(signed_at=long_ago)
    properties = load_workbook(BytesIO(workbook(client, sheet, cast.reviewer))).properties
    assert {properties.created, properties.modified} == {long_ago.replace(tzinfo=None)}


def test_another_signature_gives_another(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    first = workbook(client, sheet, cast.reviewer)
    sheet = signed(returned(sheet, cast.district_admin), cast.reviewer)
    assert workbook(client, sheet, cast.reviewer) != first


def test_neither_a_sister_nor_a_grassroots_union_gets_one(cast, tmp_path):
    opened(cast)
    sheet = street_signed(cast)
    for user in (cast.other_reviewer, cast.bureau_admin, cast.officer):
        with pytest.raises(Refused, match="只能导出本工会和下级工会的年报"):
            export_workbook(sheet, tmp_path / "a.xlsx", by=user)


def test_what_is_not_signed_has_none(client, cast):
    opened(cast)
    client.force_login(cast.reviewer)
    answer = client.post(reverse("yearbooks:workbook", args=[sheet_of(cast.street).pk]))
    assert answer.status_code == 409
    assert "还没有签报，没有可以导出的数" in answer.content.decode()

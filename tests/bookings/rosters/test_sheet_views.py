"""What leaves the roster: workbooks, the insurance list, the sheet with its codes, calendar files (SPEC 6.9)."""

from io import BytesIO

import pytest
from django.urls import reverse
from icalendar import Calendar
from openpyxl import load_workbook

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.sentences import NOT_MANAGER
from gonghui.exports import building
from gonghui.exports.models import Export, ExportState
from tests.bookings.stories import booked, published
from tests.exports.stories import approved
from tests.factories import make_member
from tests.policies.stories import ruled

pytestmark = pytest.mark.django_db


def at(name: str, row) -> str:
    return reverse(f"bookings:{name}", args=[row.pk])


def rows(response) -> list[tuple]:
    data = b"".join(response.streaming_content)
    return list(load_workbook(BytesIO(data)).active.iter_rows(values_only=True))


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.district_admin)
    return client


@pytest.fixture
def programme(cast) -> Programme:
    programme = published(cast, publisher=cast.district, by=cast.district_admin, capacity=10)
    booked(cast.officer, programme, make_member(cast.union, name="王小明"))
    return programme


def test_a_roster_has_the_chosen_columns_and_empty_ones_to_write_in(admin, cast, programme):
    sent = {"columns": ["name", "number", "union"], "blanks": "房间号，备注"}
    heading, line = rows(admin.post(at("roster_export", programme), sent))
    assert heading == ("姓名", "证件号码（遮盖）", "工会", "房间号", "备注")
    assert (line[0], line[2], line[3]) == ("王小明", cast.union.name, None)
    assert "*" in line[1]
    assert Entry.objects.get(verb="roster.exported").data["count"] == 1


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"blanks": ""}, "columns", "请至少勾选一列"),
        ({"columns": ["name"], "blanks": "姓名"}, "blanks", "重名"),
        ({"columns": ["name"], "blanks": "、".join("一二三四五六七八九十某")}, "blanks", "最多 10 列"),
        ({"columns": ["nothing"]}, "columns", "nothing"),
    ],
)
def test_columns_that_cannot_be_are_refused_at_their_field(admin, programme, sent, field, words):
    page = admin.post(at("roster_export", programme), sent)
    assert page.status_code == 422
    assert words in "".join(page.context["form"].errors[field])


def test_an_export_of_nobody_says_so(admin, cast, programme):
    sent = {"columns": ["name"]}
    page = admin.post(f"{at('roster_export', programme)}?state=absent", sent)
    assert "没有可以导出的人员" in page.text


def test_the_insurance_list_has_full_numbers_and_its_reason_is_recorded(admin, cast, programme):
    assert admin.post(at("insurance", programme), {"purpose": ""}).status_code == 422
    assert not Export.objects.exists()
    admin.post(f"{at('insurance', programme)}?state=booked", {"purpose": "投保旅游意外险"})
    export = Export.objects.get()
    assert export.told["conditions"] == [["项目", str(programme)], ["状态", "已约"]]
    building.build(export.pk)
    stamp, heading, line = rows(admin.post(reverse("exports:fetch", args=[export.pk])))
    assert "用途：投保旅游意外险" in stamp[0]
    assert heading[3] == "证件号码"
    assert line[3] == Place.objects.get().member.document_number
    entry = Entry.objects.get(verb="roster.insured")
    assert entry.data["purpose"] == "投保旅游意外险"
    assert line[3] not in str(entry.data)


def test_a_long_insurance_list_is_approved_by_a_second_person(admin, cast, programme):
    ruled(cast, export_alone_rows=1)
    booked(cast.officer, programme, make_member(cast.union))
    admin.post(at("insurance", programme), {"purpose": "投保旅游意外险"})
    export = Export.objects.get()
    assert (export.state, export.decides) == (ExportState.PENDING, cast.city)
    assert approved(export, cast.platform_admin).state == ExportState.BUILDING


def test_an_insurance_list_of_a_programme_out_of_scope_is_not_written(admin, cast, programme):
    admin.post(at("insurance", programme), {"purpose": "投保旅游意外险"})
    User.objects.filter(pk=cast.district_admin.pk).update(roles=["viewer"])
    building.build(Export.objects.get().pk)
    assert Export.objects.get().failure == NOT_MANAGER


def test_the_sign_in_sheet_has_a_code_that_says_nothing_of_the_person(admin, programme):
    page = admin.get(at("sign_in_sheet", programme)).text
    place = Place.objects.get()
    assert page.count("<svg") > 0
    assert 'class="qr' in page
    assert place.member.document_number not in page
    assert "王小明" in page
    assert Entry.objects.filter(verb="roster.looked_at").exists()
    assert "不用打印" in admin.get(at("sign_in_sheet", programme), {"state": "absent"}, follow=True).text


def test_a_booking_has_a_calendar_file_without_names(client, cast, programme):
    place = Place.objects.select_related("session", "booking").get()
    client.force_login(cast.officer)
    response = client.get(at("calendar", place.booking))
    assert response["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert event["dtstart"].dt == place.session.begins_on
    assert (event["dtend"].dt - event["dtstart"].dt).days == place.session.days
    assert place.booking.number in event["description"]
    assert "王小明" not in response.text
    client.force_login(cast.neighbour_officer)
    assert client.get(at("calendar", place.booking)).status_code == 404

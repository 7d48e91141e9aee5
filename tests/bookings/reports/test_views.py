"""Figures of the ledger and who has never been (SPEC 6.9)."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.bookings.marks.actions import mark_places
from gonghui.bookings.models import Place
from gonghui.bookings.reports import forms
from tests.bookings.stories import begun, booked, published
from tests.factories import make_member

pytestmark = pytest.mark.django_db

REPORT, NEVER = reverse("bookings:report"), reverse("bookings:never")


@pytest.fixture
def been(cast):
    """Two members of `cast.union` came, one of its neighbour did not; somebody of `cast.union` has never been."""
    programme = published(cast, publisher=cast.district, by=cast.district_admin, capacity=10)
    booked(cast.officer, programme, 2)
    absent = booked(cast.neighbour_officer, programme, 1)
    begun(programme)
    came = Place.objects.exclude(booking=absent).values_list("pk", flat=True)
    mark_places(list(came), came=True, by=cast.district_admin)
    mark_places(
        list(Place.objects.filter(booking=absent).values_list("pk", flat=True)), came=False, by=cast.district_admin
    )
    return make_member(cast.union, name="从未去")


def rows(response) -> list[tuple]:
    return list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.iter_rows(values_only=True))


def test_people_times_and_money_stand_by_union_and_sum_up(client, cast, been):
    client.force_login(cast.district_admin)
    context = client.get(REPORT, {"year": localdate().year, "kind": "recuperation"}).context
    lines = {line.label: line for line in context["lines"]}
    assert (lines[cast.street.name].people, lines[cast.street.name].times) == (2, 2)
    assert lines[cast.other_street.name].people == 0
    assert (context["whole"].people, context["whole"].sum) == (2, lines[cast.street.name].sum)
    assert context["whole"].sum == "4,000"
    assert client.get(REPORT, {"kind": "checkup"}).context["whole"].people == 0


def test_a_street_sees_its_own_unions_and_a_bureau_none_of_them(client, cast, been):
    client.force_login(cast.reviewer)
    (line,) = client.get(REPORT).context["lines"]
    assert (line.label, line.people) == (cast.union.name, 2)
    client.force_login(cast.bureau_admin)
    assert client.get(REPORT).context["whole"].people == 0


def test_the_report_is_exported_and_recorded(client, cast, been):
    client.force_login(cast.district_admin)
    heading, *lines = rows(client.post(reverse("bookings:report_export")))
    assert heading[:3] == ("工会", "人数", "人次")
    assert len(lines) == 2
    assert Entry.objects.get(verb="report.exported").data["year"] == localdate().year


def test_who_has_never_been_is_listed_masked_and_exported(client, cast, been):
    client.force_login(cast.district_admin)
    page = client.get(NEVER)
    assert "从未去" in page.text
    assert been.document_number not in page.text
    listed = [member.pk for member in page.context["page"].rows]
    assert been.pk in listed
    assert Place.objects.filter(state="attended")[0].member_id not in listed
    assert Entry.objects.filter(verb="report.looked_at").exists()
    assert "从未去" in str(rows(client.post(reverse("bookings:never_export"))))
    assert client.get(NEVER, {"union": "没有这家"}).context["page"].rows == []
    assert "不用导出" in client.post(f"{reverse('bookings:never_export')}?union=没有这家", follow=True).text


def test_a_wrong_year_selects_nothing_else(client, cast, been):
    client.force_login(cast.district_admin)
    assert client.get(REPORT, {"year": "12"}).status_code == 422


def test_lists_ask_no_more_for_many_than_for_few(client, cast, been):
    client.force_login(cast.district_admin)

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    few = asked(NEVER), asked(REPORT)
    for _ in range(5):
        make_member(cast.neighbour)
    assert (asked(NEVER), asked(REPORT)) == few


def test_an_officer_has_no_report(client, cast):
    client.force_login(cast.officer)
    assert client.get(REPORT).status_code == 404


def test_a_name_that_many_unions_have_asks_for_more_of_it(client, cast, been, monkeypatch):
    client.force_login(cast.district_admin)
    assert been in client.get(NEVER, {"union": cast.union.number}).context["page"].rows
    assert been in client.get(NEVER, {"union": cast.union.name[2:6]}).context["page"].rows
    monkeypatch.setattr(forms, "MAX_UNIONS", 0)
    page = client.get(NEVER, {"union": cast.union.name[2:6]})
    assert page.status_code == 422
    assert "请填写得更完整，或填写工会编号" in page.text
    assert page.context["page"].rows == []


def test_a_union_elsewhere_is_not_found(client, cast, been):
    client.force_login(cast.bureau_admin)
    assert client.get(NEVER, {"union": cast.union.number}).context["page"].rows == []

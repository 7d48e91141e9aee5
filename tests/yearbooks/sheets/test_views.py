"""The page of a sheet: what it shows and offers to whom, and what bad input is told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.unions.levels import UnionKind
from tests.factories import make_union
from tests.statistics.test_closing import member_since
from tests.yearbooks.stories import (
    DIFFICULT,
    WOMEN,
    end_of,
    filled,
    last_year,
    opened,
    sheet_of,
    street_signed,
)

pytestmark = pytest.mark.django_db


def page(client, sheet, user, name: str = "sheet"):
    client.force_login(user)
    return client.get(reverse(f"yearbooks:{name}", args=[sheet.pk]))


def post(client, sheet, user, name: str, **data):
    client.force_login(user)
    return client.post(reverse(f"yearbooks:{name}", args=[sheet.pk]), data)


def test_a_street_fills_in_looks_and_signs(client, cast):
    opened(cast)
    sheet = sheet_of(cast.street)
    text = page(client, sheet, cast.reviewer).content.decode()
    assert "还没有填写：困难职工、困难女职工" in text
    assert "签报以后数字不再改变" not in text
    answer = post(client, sheet, cast.reviewer, "fill", version=1, value_3="7", value_4="4")
    assert answer.status_code == 302
    answer = page(client, sheet, cast.reviewer)
    assert "签报以后数字不再改变" in answer.content.decode()
    assert post(client, sheet, cast.reviewer, "sign", version=2).status_code == 302
    assert "五角场镇审核人 于" in page(client, sheet, cast.reviewer).content.decode()


def test_a_district_sees_who_has_signed_first_who_has_not(client, cast):
    opened(cast)
    street_signed(cast)
    answer = page(client, sheet_of(cast.district), cast.district_admin)
    assert [(one.node, one.state, one.signer) for one in answer.context["page"].rows] == [
        (cast.other_street, "pending", None),
        (cast.street, "signed", "五角场镇审核人"),
    ]
    assert (answer.context["signed"], answer.context["total"]) == (1, 2)
    assert "下级还有" in answer.content.decode()


def test_the_rule_that_is_broken_stands_at_its_line_with_both_numbers(client, cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer, {DIFFICULT: 3, WOMEN: 5})
    said = "第 4 行“困难女职工”（5）不能大于第 3 行“困难职工”（3）"
    assert page(client, sheet, cast.reviewer).content.decode().count(said) == 2
    answer = post(client, sheet, cast.reviewer, "sign", version=sheet.version)
    assert answer.status_code == 409
    assert said in answer.content.decode()


def test_a_sheet_out_of_scope_is_not_there(client, cast):
    opened(cast)
    for user, node in (
        (cast.reviewer, cast.other_street), (cast.reviewer, cast.district), (cast.bureau_admin, cast.street),
        (cast.district_admin, cast.city), (cast.officer, cast.street),
    ):  # fmt: skip
        for name in ("sheet", "fill", "send_back"):
            assert page(client, sheet_of(node), user, name).status_code == 404
        for name in ("sign", "workbook"):
            assert post(client, sheet_of(node), user, name).status_code == 404


def test_only_who_signs_is_offered_it(client, cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer)
    for user in (cast.viewer, cast.district_admin, cast.platform_admin):
        answer = page(client, sheet, user)
        assert (answer.context["may_sign"], answer.context["may_fill"]) == (False, False)
        assert page(client, sheet, user, "fill").status_code == 404


def test_what_is_signed_is_sent_back_from_the_union_above_it(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    assert not page(client, sheet, cast.platform_admin).context["may_send_back"]
    assert page(client, sheet, cast.district_admin).context["may_send_back"]
    answer = post(client, sheet, cast.district_admin, "send_back", version=sheet.version, reason="")
    assert answer.status_code == 422
    answer = post(client, sheet, cast.district_admin, "send_back", version=sheet.version, reason="请核对")
    assert answer.url == reverse("yearbooks:sheet", args=[sheet_of(cast.district).pk])
    assert "原因：请核对" in page(client, sheet, cast.reviewer).content.decode()


def test_what_cannot_be_a_number_is_told_at_its_field_and_still_there(client, cast):
    opened(cast)
    sheet = sheet_of(cast.street)
    answer = post(client, sheet, cast.reviewer, "fill", version=1, value_3="七个", value_4="-1")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"value_3", "value_4"}
    assert "七个" in answer.content.decode()


def test_a_signed_sheet_is_not_filled_in(client, cast):
    opened(cast)
    sheet = street_signed(cast)
    assert page(client, sheet, cast.reviewer, "fill").url == reverse("yearbooks:sheet", args=[sheet.pk])


def test_a_page_costs_as_much_with_many_sheets_below_as_with_few(client, cast):
    opened(cast, last_year() - 2)
    counts = []
    for year, more in ((last_year() - 1, 0), (last_year(), 8)):
        for number in range(more):
            street = make_union(UnionKind.STREET, cast.district, name=f"第{number}街道工会", area=f"第{number}街道")
            member_since(make_union(UnionKind.GRASSROOTS, street), end_of(year))
        opened(cast, year)
        page(client, sheet_of(cast.district, year), cast.district_admin)
        with CaptureQueriesContext(connection) as queries:
            answer = page(client, sheet_of(cast.district, year), cast.district_admin)
        assert answer.context["total"] == 2 + more
        counts.append(len(queries))
    assert counts[0] == counts[1]

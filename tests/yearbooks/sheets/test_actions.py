"""A sheet's way: filled in, signed from below, sent back, each by whom it concerns and once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.notices.models import Notice
from gonghui.statistics.closing import close_day
from gonghui.yearbooks.models import Signature
from gonghui.yearbooks.sheets.actions import fill, send_back, sign
from gonghui.yearbooks.sheets.rows import digest, holding, live_rows, rows_of
from gonghui.yearbooks.tables.actions import Row
from tests.statistics.test_closing import member_since
from tests.yearbooks.stories import (
    DIFFICULT,
    FILLED,
    WOMEN,
    all_signed,
    district_signed,
    end_of,
    filled,
    last_year,
    opened,
    returned,
    sheet_of,
    signed,
    street_closed,
    street_signed,
)

pytestmark = pytest.mark.django_db


def refused_sign(sheet, by) -> str:
    with pytest.raises(Refused) as refused:
        signed(sheet, by)
    return refused.value.sentence


def refused_back(sheet, by, reason: str = "请核对") -> str:
    with pytest.raises(Refused) as refused:
        returned(sheet, by, reason)
    return refused.value.sentence


def numbers(sheet) -> dict[str, int | None]:
    return {row.label: row.value for row in rows_of(sheet)}


def told(user) -> list[str]:
    """What open notices ask of the user."""
    return list(
        Notice.objects.filter(user=user, read_at=None, kind="yearbook").order_by("pk").values_list("title", flat=True)
    )


def test_it_is_signed_from_the_street_up_to_the_city(cast):
    opened(cast)
    city = all_signed(cast)
    assert city.is_signed
    assert numbers(city) == {"会员": 3, "女会员": 0, "困难职工": 21, "困难女职工": 12}
    assert numbers(sheet_of(cast.district))["困难职工"] == 14
    assert Entry.objects.filter(verb="yearbook.signed").count() == 6


def test_nobody_signs_before_all_below_have(cast):
    opened(cast)
    street_signed(cast)
    said = refused_sign(sheet_of(cast.district), cast.district_admin)
    assert said == f"{cast.other_street}还没有签报。请在下级全部签报以后再签报。"


def test_who_is_above_is_told_when_all_below_have_signed(cast):
    opened(cast)
    street_signed(cast)
    assert told(cast.reviewer) == []
    assert told(cast.district_admin) == []
    signed(filled(sheet_of(cast.other_street), cast.other_reviewer), cast.other_reviewer)
    assert told(cast.district_admin) == ["《工会统计年报》的下级都已签报，请汇总后签报"]


def test_who_may_not_neither_fills_in_nor_signs_nor_sends_back(cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer)
    for who in (cast.viewer, cast.other_reviewer, cast.district_admin, cast.platform_admin, cast.officer):
        with pytest.raises(Refused, match="只有本工会的管理员和审核人"):
            fill(sheet, FILLED, {}, version=sheet.version, by=who)
        assert "只有本工会的管理员和审核人" in refused_sign(sheet, who)
    signed(sheet, cast.reviewer)
    for who in (cast.reviewer, cast.other_reviewer, cast.platform_admin, cast.bureau_admin):
        assert "只有上级工会的管理员和审核人" in refused_back(sheet, who)
    assert sheet_of(cast.street).is_signed


def test_a_number_that_is_missing_is_named(cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer, {DIFFICULT: 3})
    assert refused_sign(sheet, cast.reviewer) == "还没有填写：困难女职工。请填写以后再签报，没有的填 0。"


def test_more_than_the_line_that_bounds_it_is_refused_with_both_numbers(cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer, {DIFFICULT: 3, WOMEN: 5})
    said = "第 4 行“困难女职工”（5）不能大于第 3 行“困难职工”（3）"
    assert [row.wrong for row in live_rows(sheet)] == ["", "", "", said]
    assert refused_sign(sheet, cast.reviewer) == f"{said}。请核对后改正。"
    assert not Signature.objects.exists()
    assert signed(filled(sheet, cast.reviewer, {DIFFICULT: 5, WOMEN: 5}), cast.reviewer).is_signed


def test_more_women_than_members_are_refused_with_both_numbers(cast):
    opened(cast, rows=[Row("会员", "closing_members"), Row("女会员", at_most=0)])
    sheet = filled(sheet_of(cast.street), cast.reviewer, {2: 2})
    assert "“女会员”（2）不能大于第 1 行“会员”（1）" in refused_sign(sheet, cast.reviewer)


@pytest.fixture
def year_before(cast):
    """The year before last is signed by all, with 7 and 4."""
    opened(cast, last_year() - 1)
    all_signed(cast, last_year() - 1)


def test_a_change_of_more_than_the_line_lets_pass_wants_a_word(cast, year_before):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer, {DIFFICULT: 9, WOMEN: 4})
    row = live_rows(sheet)[DIFFICULT - 1]
    assert (row.last, row.change, row.percent, row.stands_out) == (7, 2, "+28.5%", True)
    said = refused_sign(sheet, cast.reviewer)
    assert "“困难职工”上年 7，本年 9" in said
    assert "“会员”上年 1，本年 2" in said
    words = {1: "新建一家工会", DIFFICULT: "一家企业停产"}
    sheet = signed(filled(sheet, cast.reviewer, {DIFFICULT: 9, WOMEN: 4}, words), cast.reviewer)
    assert [row.explanation for row in rows_of(sheet)] == ["新建一家工会", "", "一家企业停产", ""]


def test_a_change_within_it_wants_none(cast, year_before):
    opened(cast, rows=[Row("困难职工", tolerance=20), Row("困难女职工", at_most=0)])
    sheet = signed(filled(sheet_of(cast.street), cast.reviewer, {1: 8, 2: 4}), cast.reviewer)
    assert rows_of(sheet)[0].percent == "+14.2%"


def test_what_is_signed_stays_as_it_was(cast):
    opened(cast)
    sheet = street_signed(cast)
    before = rows_of(sheet)
    Member.objects.all().update(sex="female")
    member_since(cast.union, end_of(last_year()) - timedelta(days=1))
    signature = holding(sheet)
    assert rows_of(sheet) == before
    assert bytes(signature.digest) == digest(signature.content, signature.signed_at)
    for change in ({"content": {}}, {"digest": b""}, {"signed_by": cast.viewer}):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            Signature.objects.filter(pk=signature.pk).update(**change)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        signature.delete()


def test_what_is_signed_is_not_filled_in_or_signed_again(cast):
    opened(cast)
    sheet = street_signed(cast)
    with pytest.raises(Refused, match="已由五角场镇审核人签报，不能再修改"):
        fill(sheet, FILLED, {}, version=sheet.version, by=cast.reviewer)
    assert "已由五角场镇审核人签报" in refused_sign(sheet, cast.reviewer)
    assert Signature.objects.count() == 1


def test_the_database_holds_one_signature_at_a_time(cast):
    opened(cast)
    signature = holding(street_signed(cast))
    signature.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        signature.save()


def test_a_sheet_goes_back_with_a_reason_and_comes_again(cast):
    opened(cast)
    sheet = returned(street_signed(cast), cast.district_admin)
    assert (sheet.state, sheet.returned_for, sheet.returned_by) == ("returned", "困难职工数请核对", cast.district_admin)
    assert told(cast.reviewer) == [f"《工会统计年报》已由{cast.district}退回，请更正后重新签报"]
    assert Entry.objects.get(verb="yearbook.returned").data == {"reason": "困难职工数请核对"}
    assert numbers(sheet)["困难职工"] == 7, "what was typed is still there"
    sheet = signed(filled(sheet, cast.reviewer, {DIFFICULT: 6, WOMEN: 4}), cast.reviewer)
    assert (sheet.is_signed, sheet.returned_for) == (True, "")
    assert told(cast.reviewer) == []
    assert [one.ended_at is None for one in sheet.signatures.order_by("pk")] == [False, True]


def test_sending_back_ends_the_own_signature(cast):
    opened(cast)
    district_signed(cast)
    returned(sheet_of(cast.street), cast.district_admin)
    district = sheet_of(cast.district)
    assert (district.state, holding(district)) == ("pending", None)
    assert "还没有签报" in refused_sign(district, cast.district_admin)


def test_what_the_union_above_has_signed_goes_back_by_it_alone(cast):
    opened(cast)
    all_signed(cast)
    said = refused_back(sheet_of(cast.street), cast.district_admin)
    assert said == f"{cast.city}已经签报，不能再退回。确需更正的，请{cast.city}先退回本级。"
    returned(sheet_of(cast.district), cast.platform_admin)
    assert (sheet_of(cast.city).state, sheet_of(cast.district).state) == ("pending", "returned")
    returned(sheet_of(cast.street), cast.district_admin)
    assert sheet_of(cast.district).state == "returned"


def test_what_is_not_signed_or_sent_back_already_is_not_sent_back(cast):
    opened(cast)
    assert "还没有签报，或者已经退回" in refused_back(sheet_of(cast.street), cast.district_admin)
    sheet = returned(street_signed(cast), cast.district_admin)
    assert "还没有签报，或者已经退回" in refused_back(sheet, cast.district_admin)
    assert Entry.objects.filter(verb="yearbook.returned").count() == 1


def test_for_a_closed_union_its_superior_signs(cast):
    opened(cast)
    street_closed(cast)
    sheet = sheet_of(cast.street)
    with pytest.raises(Refused, match="由它的上级填报和签报"):
        filled(sheet, cast.reviewer)
    sheet = signed(filled(sheet, cast.district_admin), cast.district_admin)
    assert rows_of(sheet)[DIFFICULT - 1].value == 7
    returned(sheet, cast.district_admin)
    assert told(cast.district_admin) == [f"《工会统计年报》已由{cast.district}退回，请更正后重新签报"]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_sending_back_wants_a_reason(cast, reason):
    opened(cast)
    assert "请填写退回的原因，不超过 200 个字" in refused_back(street_signed(cast), cast.district_admin, reason)


def test_a_page_of_before_a_change_is_told(cast):
    opened(cast)
    district = sheet_of(cast.district)
    street = street_signed(cast)
    old = street.version
    signed(filled(sheet_of(cast.other_street), cast.other_reviewer), cast.other_reviewer)
    with pytest.raises(Refused, match="您打开页面之后，这份年报有了变化"):
        sign(district, version=district.version, by=cast.district_admin)
    signed(filled(returned(street, cast.district_admin), cast.reviewer), cast.reviewer)
    with pytest.raises(Refused, match="您打开页面之后"):
        send_back(street, reason="请核对", version=old, by=cast.district_admin)
    assert sheet_of(cast.street).is_signed


@pytest.mark.parametrize(
    ("values", "words", "said"),
    [
        ({DIFFICULT: -1}, {}, "应为 0 至"),
        ({DIFFICULT: 3_000_000_000}, {}, "应为 0 至"),
        ({}, {1: "长" * 201}, "不能超过 200 个字"),
    ],
)
def test_what_cannot_be_is_not_saved(cast, values, words, said):
    opened(cast)
    sheet = sheet_of(cast.street)
    with pytest.raises(Refused, match=said):
        fill(sheet, values, words, version=sheet.version, by=cast.reviewer)
    assert not sheet.entries.exists()


def test_what_is_computed_or_summed_up_is_not_typed(cast):
    opened(cast)
    filled(sheet_of(cast.district), cast.district_admin, {1: 99, DIFFICULT: 99})
    filled(sheet_of(cast.street), cast.reviewer, {1: 99, **FILLED})
    assert numbers(sheet_of(cast.street)) == {"会员": 1, "女会员": 0, "困难职工": 7, "困难女职工": 4}
    assert numbers(sheet_of(cast.district))["困难职工"] == 7


def test_the_closed_figures_are_what_counts(cast):
    opened(cast)
    member_since(cast.union, end_of(last_year()) - timedelta(days=1))
    assert not close_day(end_of(last_year()))
    assert numbers(sheet_of(cast.city))["会员"] == 3

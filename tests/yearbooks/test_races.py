"""Two at the same moment, by two connections: one outcome, and a clear sentence for the other."""

import pytest

from gonghui.notices.models import Notice
from gonghui.yearbooks.models import Signature, Yearbook
from gonghui.yearbooks.sheets.actions import send_back, sign
from gonghui.yearbooks.tables.actions import Table, save_table
from tests.at_once import DONE, at_once
from tests.factories import live
from tests.people import Cast
from tests.yearbooks.stories import (
    ROWS,
    closed,
    district_signed,
    filled,
    last_year,
    opened,
    sheet_of,
    signed,
    street_signed,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_a_sheet_signed_twice_at_once_is_signed_once(cast: Cast):
    opened(cast)
    sheet = filled(sheet_of(cast.street), cast.reviewer)
    outcomes = at_once(*[lambda: sign(sheet, version=sheet.version, by=live(cast.reviewer))] * 2)
    assert outcomes.count(DONE) == 1
    assert "已由五角场镇审核人签报" in next(one for one in outcomes if one != DONE)
    assert Signature.objects.count() == 1


def test_the_last_two_streets_sign_at_once_and_the_district_is_told(cast: Cast):
    opened(cast)
    street = filled(sheet_of(cast.street), cast.reviewer)
    other = filled(sheet_of(cast.other_street), cast.other_reviewer)
    outcomes = at_once(
        lambda: sign(street, version=street.version, by=live(cast.reviewer)),
        lambda: sign(other, version=other.version, by=live(cast.other_reviewer)),
    )
    assert outcomes == [DONE, DONE]
    assert Notice.objects.filter(user=cast.district_admin, kind="yearbook").count() == 1


def test_a_district_signs_while_it_sends_a_street_back(cast: Cast):
    """Either the signature came first, and ends with the street's, or it finds a street that has not signed."""
    opened(cast)
    street_signed(cast)
    signed(filled(sheet_of(cast.other_street), cast.other_reviewer), cast.other_reviewer)
    district, street = sheet_of(cast.district), sheet_of(cast.street)
    outcomes = at_once(
        lambda: sign(district, version=district.version, by=live(cast.district_admin)),
        lambda: send_back(street, reason="请核对", version=street.version, by=live(cast.district_admin)),
    )
    assert outcomes[1] == DONE
    assert not sheet_of(cast.district).is_signed
    assert sheet_of(cast.street).state == "returned"


def test_the_city_sends_a_district_back_while_it_sends_a_street_back(cast: Cast):
    opened(cast)
    district_signed(cast)
    district, street = sheet_of(cast.district), sheet_of(cast.street)
    outcomes = at_once(
        lambda: send_back(district, reason="请核对", version=district.version, by=live(cast.platform_admin)),
        lambda: send_back(street, reason="请核对", version=street.version, by=live(cast.district_admin)),
    )
    assert DONE in outcomes
    assert not sheet_of(cast.district).is_signed
    assert not Signature.objects.filter(sheet=district, ended_at=None).exists()


def test_a_year_laid_down_twice_at_once_has_one_table(cast: Cast):
    closed(cast)
    table = Table(last_year(), "工会统计年报", ROWS)
    outcomes = at_once(*[lambda: save_table(table, by=live(cast.platform_admin))] * 2)
    assert outcomes.count(DONE) == 1
    assert "一年只有一份" in next(one for one in outcomes if one != DONE)
    assert Yearbook.objects.count() == 1

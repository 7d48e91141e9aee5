"""The 年报 of last year: laid down, opened, filled in, signed by one after another."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.statistics.closing import close_day
from gonghui.unions.models import Union, UnionState
from gonghui.yearbooks.models import Sheet, Yearbook
from gonghui.yearbooks.sheets import actions as sheets
from gonghui.yearbooks.tables import actions as tables
from gonghui.yearbooks.tables.actions import Row, Table
from tests.people import Cast
from tests.statistics.test_closing import member_since

ROWS = (
    Row("会员", "closing_members", tolerance=20),
    Row("女会员", "women", at_most=0),
    Row("困难职工", tolerance=20),
    Row("困难女职工", at_most=2),
)
DIFFICULT, WOMEN = 3, 4
"""The positions of what is asked."""
FILLED = {DIFFICULT: 7, WOMEN: 4}


def last_year() -> int:
    return localdate().year - 1


def end_of(year: int) -> date:
    return date(year, 12, 31)


def closed(cast: Cast, year: int | None = None) -> date:
    """A member at each street by the end of the year, which is closed; returns that day."""
    day = end_of(year or last_year())
    for union in (cast.union, cast.neighbour, cast.far):
        member_since(union, day - timedelta(days=40))
    close_day(day)
    return day


def laid_down(cast: Cast, year: int | None = None, rows: Sequence[Row] = ROWS, **more: Any) -> Yearbook:
    table = Table(year or last_year(), "工会统计年报", rows)
    return tables.save_table(table, by=cast.platform_admin, **more)


def opened(cast: Cast, year: int | None = None, rows: Sequence[Row] = ROWS) -> Yearbook:
    """With last year's figures closed."""
    closed(cast, year)
    yearbook = laid_down(cast, year, rows)
    tables.open_yearbook(yearbook, version=yearbook.version, by=cast.platform_admin)
    yearbook.refresh_from_db()
    return yearbook


def sheet_of(node: Union, year: int | None = None) -> Sheet:
    return Sheet.objects.get(node=node, yearbook__year=year or last_year())


def filled(sheet: Sheet, by: User, values: dict[int, int | None] | None = None, words: dict[int, str] | None = None):
    sheet.refresh_from_db()
    sheets.fill(sheet, FILLED if values is None else values, words or {}, version=sheet.version, by=by)
    return sheet_of(sheet.node, sheet.yearbook.year)


def signed(sheet: Sheet, by: User) -> Sheet:
    sheet.refresh_from_db()
    sheets.sign(sheet, version=sheet.version, by=by)
    return sheet_of(sheet.node, sheet.yearbook.year)


def returned(sheet: Sheet, by: User, reason: str = "困难职工数请核对") -> Sheet:
    sheet.refresh_from_db()
    sheets.send_back(sheet, reason=reason, version=sheet.version, by=by)
    return sheet_of(sheet.node, sheet.yearbook.year)


def street_signed(cast: Cast, year: int | None = None) -> Sheet:
    sheet = sheet_of(cast.street, year)
    return signed(filled(sheet, cast.reviewer), cast.reviewer)


def district_signed(cast: Cast, year: int | None = None) -> Sheet:
    street_signed(cast, year)
    other = sheet_of(cast.other_street, year)
    signed(filled(other, cast.other_reviewer), cast.other_reviewer)
    return signed(sheet_of(cast.district, year), cast.district_admin)


def all_signed(cast: Cast, year: int | None = None) -> Sheet:
    district_signed(cast, year)
    signed(filled(sheet_of(cast.company, year), cast.company_reviewer), cast.company_reviewer)
    signed(sheet_of(cast.bureau, year), cast.bureau_admin)
    return signed(sheet_of(cast.city, year), cast.platform_admin)


def street_closed(cast: Cast) -> None:
    """Its unions are handed on to the other street."""
    Union.objects.filter(superior=cast.street).update(superior=cast.other_street)
    Union.objects.filter(pk=cast.street.pk).update(state=UnionState.DISSOLVED)

"""年报: two years, opened; some streets and companies have signed, one was sent back, most have not begun."""

from datetime import date

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.statistics.closing import close_day, month_ends
from gonghui.yearbooks.models import Sheet
from gonghui.yearbooks.sheets.actions import fill, send_back, sign
from gonghui.yearbooks.sheets.rows import live_rows
from gonghui.yearbooks.tables.actions import Row, Table, open_yearbook, save_table
from gonghui.yearbooks.tables.form import PROPOSED

ASKED = tuple(Row(row.label, "", None, row.tolerance) for row in PROPOSED if not row.measure)
SIGNING = ("wujiaochang", "xinjiangwan", "company", "yidian")
"""Who has signed both years, by their e-mails."""
SENT_BACK = "dinghai"
NEW = "平台上一年年底启用，会员在本年陆续登记。"
WORDS = {"困难职工": "两家企业停产，新建档的职工增加。"}


def close_years() -> None:
    """Last year's months and what they began with, which a platform of so few days would not close by itself."""
    for day in reversed(list(month_ends(date(localdate().year - 1, 12, 31), 13))):
        close_day(day)


def yearbooks() -> None:
    """What has happened of both years."""
    year, city = localdate().year - 1, _user("city")
    for table in (
        Table(year - 1, f"{year - 1} 年工会统计年报", ASKED),
        Table(year, f"{year} 年工会统计年报", PROPOSED),
    ):
        yearbook = save_table(table, by=city)
        open_yearbook(yearbook, version=yearbook.version, by=city)
    for place, name in enumerate((*SIGNING, SENT_BACK)):
        user = _user(name)
        _signed(_sheet(user, year - 1), user, 40 + 7 * place)
        _signed(_sheet(user, year), user, 55 + 7 * place)
    sheet = _sheet(_user(SENT_BACK), year)
    send_back(sheet, reason="困难职工与去年的建档数对不上，请核对。", version=sheet.version, by=_user("yangpu"))


def _signed(sheet: Sheet, by: User, number: int) -> None:
    """With ``number`` in difficulty, and a word where it differs too much from last year."""
    asked = {"专职工会工作者": number // 10, "困难职工": number, "困难女职工": number // 3}
    values = {row.position: asked[row.label] for row in live_rows(sheet) if row.asked}
    fill(sheet, values, {}, version=sheet.version, by=by)
    sheet.refresh_from_db()
    words = {row.position: WORDS.get(row.label, NEW) for row in live_rows(sheet) if row.stands_out}
    fill(sheet, values, words, version=sheet.version, by=by)
    sheet.refresh_from_db()
    sign(sheet, version=sheet.version, by=by)


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.test")


def _sheet(user: User, year: int) -> Sheet:
    return Sheet.objects.get(node=user.union, yearbook__year=year)

"""Parses dates in all unambiguous formats, and explains why the others are ambiguous."""

import calendar
import datetime
import re

from gonghui.kit.excel.model import Cell

_EPOCH = datetime.date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 3654, 73050
"""1910-01-02 to 2099-12-31. A smaller number may be a year, and must not become a day of 1905."""

_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_year_first = re.compile(r"(\d{4})(?:年|[-/.\\–—−。、,])(\d{1,2})(?:月|[-/.\\–—−。、,])(\d{1,2})[日号]?")
_iso = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_eight = re.compile(r"(\d{4})(\d{2})(\d{2})")
_english = re.compile(r"(\d{1,2})[-/. ]?([A-Za-z]{3})[a-z]*[-/., ]*(\d{4}|\d{2})")
_serial_text = re.compile(r"([0-9]{4,5})(?:\.[0-9]{1,12})?")
_clock = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?")
_only_year = re.compile(r"(?:19|20)\d{2}年?")
_only_month = re.compile(r"(?:19|20)\d{2}(?:(?:年|[-/.、])\d{1,2}月?|(?:0[1-9]|1[0-2]))")
_year_last = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}")
_short_year = re.compile(r"\d{1,2}(?:年|[-/.、])\d{1,2}(?:月|[-/.、])\d{1,2}日?|\d{6}")


def day_of(serial: int) -> datetime.date | None:
    """Returns the day of a serial number of Excel (1900 system), or None if it is out of range."""
    return _EPOCH + datetime.timedelta(serial) if _FIRST_SERIAL <= serial <= _LAST_SERIAL else None


def clean_date(cell: Cell) -> datetime.date | None:
    """Returns the date in a cell of a DATE column, or None if it is missing or ambiguous.

    Accepts 1990-1-2, 1990/1/2, 1990.1.2, 1990年1月2日, 19900102, 2-Jan-1990, 2-Jan-90 (30-99 are the 1900s, as in
    Excel), each with or without a time of day, and 32875, a serial number of Excel as text. Rejects 1/2/1990 and
    90-1-2, which are ambiguous.
    """
    try:
        if _iso.fullmatch(cell.text):  # nearly all: the child writes Excel's dates in this format
            return datetime.date.fromisoformat(cell.text)
        if serial := _serial_text.fullmatch(cell.text):
            return day_of(int(serial[1]))
        parts = _parts(_plain(cell.text))
        return datetime.date(*parts) if parts else None
    except ValueError:
        return None


def unclear(text: str) -> str:
    """Returns why `clean_date` could not parse a text, without a full stop."""
    plain, shown = _plain(text), f"“{text[:20]}”"
    if parts := _parts(plain):
        return f"日期{shown}不存在：{_missing(*parts)}"
    if _only_year.fullmatch(plain):
        return f"{shown}只有年份，没有月和日"
    if _only_month.fullmatch(plain):
        return f"{shown}只有年和月，没有日"
    if _year_last.fullmatch(plain):
        return f"{shown}分不清哪个是月、哪个是日"
    if _short_year.fullmatch(plain):
        return f"{shown}没有写全四位的年份"
    return f"{shown}不是日期"


def _plain(text: str) -> str:
    return _clock.sub("", text).replace(" ", "")


def _parts(text: str) -> tuple[int, int, int] | None:
    """Returns year, month and day of a text in an accepted format; the day may not exist."""
    if match := _year_first.fullmatch(text) or _eight.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif (match := _english.fullmatch(text)) and (place := _MONTHS.find(match[2].lower())) % 3 == 0:
        year, month, day = int(match[3]), place // 3 + 1, int(match[1])
        if year < 100:
            year += 1900 if year >= 30 else 2000
    else:
        return None
    return year, month, day


def _missing(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"没有 {month} 月"
    if year < 1:
        return "没有这一年"
    last = calendar.monthrange(year, month)[1]
    return f"{year} 年 {month} 月只有 {last} 天，没有 {day} 日" if day else "没有 0 日"

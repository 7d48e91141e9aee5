"""Converts the content of cells to text that can be checked, by the kind of the column."""

import datetime
import math
import re
from decimal import Decimal

from gonghui.kit.excel.dates import day_of
from gonghui.kit.excel.model import FIELD, CellKind, Flag

Value = str | bool | int | float | datetime.date | datetime.time | datetime.timedelta

_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f"
_DOTS = "・•．‧∙⋅･"
_SPACES = "\t-\r \x1c-\x1f\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u3164\uffa0"
_UNSEEN = "\x02-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_QUOTES = "'’‘＇`"

RECORD = "\x02"
"""Separates rows in the child's answer, as FIELD separates cells. No cleaned text contains either."""

ODD = re.compile(f"[{_SPACES}{_QUOTES}{_DOTS}.#\x00{_UNSEEN}\uff01-\uffee]")
"""Finds all characters that cleaning changes, in a row joined by FIELD. Nearly all rows have none."""

_unseen = re.compile(f"[\x00{FIELD}{_UNSEEN}]+")
_spaces = re.compile(f"[{_SPACES}]+")
_space_in_name = re.compile(f"(?<=[{_CJK}·]) (?=[{_CJK}·])")
_dot_in_name = re.compile(f" ?[{_DOTS}·] ?|(?<=[{_CJK}]) ?\\. ?(?=[{_CJK}])")
_scientific = re.compile(r"(\d)\.(\d+)[Ee]\+?(\d{1,2})")

_full_width = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_full_width_letters = {code: half for code, half in _full_width.items() if chr(half).isalnum()}

ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#ERROR"})
"""Error values as text: pasted as values, or in a workbook marked by us."""

MAX_EXACT = 10**15
"""Excel stores 15 digits of a number."""


def clean_typed(text: str, kind: CellKind) -> str:
    """Returns `clean_text` of a form field or a read cell; fast for clean text, which nearly all is."""
    return clean_text(text, kind) if ODD.search(text) or text != text.strip() else text


def clean_text(text: str, kind: CellKind) -> str:
    """Cleans a text. For every kind: removes invisible characters, a leading apostrophe and outer spaces, replaces a
    run of spaces and line breaks by one space, and full-width letters and digits by half-width ones.

    NAME: one kind of middle dot, no spaces between Chinese characters (张　三). CODE: no spaces, all full-width forms
    in half width. DATE: all full-width forms in half width.
    """
    text = _unseen.sub("", text)
    if kind is CellKind.CODE:
        return _spaces.sub("", text).lstrip(_QUOTES).translate(_full_width)
    if kind is CellKind.DATE:
        text = text.translate(_full_width)
    if kind is CellKind.NAME:
        text = _dot_in_name.sub("·", _spaces.sub(" ", text))
        text = _space_in_name.sub("", text)
    text = text.translate(_full_width_letters)
    return _spaces.sub(" ", text).strip().lstrip(f"{_QUOTES} ")


def clean_value(value: Value, kind: CellKind, *, epoch_1904: bool = False) -> tuple[str, Flag]:
    """Returns the text of a cell's value from calamine, and its flag."""
    match value:
        case str():
            text = clean_text(value, kind)
            if text in ERRORS:
                return text, Flag.ERROR
            return _expand(text) if kind is CellKind.CODE else (text, Flag.NONE)
        case bool():
            return "是" if value else "否", Flag.BOOLEAN
        case float() if not math.isfinite(value):
            return str(value), Flag.NUMBER
        case int() | float():
            return _serial(value, epoch_1904) if kind is CellKind.DATE else _number(value)
        case datetime.datetime():
            clock = "" if kind is CellKind.DATE or value.time() == datetime.time() else f" {value.time():%H:%M:%S}"
            return value.date().isoformat() + clock, Flag.DATE
        case datetime.date():
            return value.isoformat(), Flag.DATE
        case _:
            return str(value), Flag.TIME


def _number(value: float) -> tuple[str, Flag]:
    """Returns digits without exponent: 13812345678.0 is 13812345678; 0.1 + 0.2 is 0.3, as Excel shows it."""
    if abs(value) >= MAX_EXACT:
        return f"{Decimal(repr(value)):f}".removesuffix(".0"), Flag.LOST_DIGITS
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text, Flag.NUMBER


def _expand(text: str) -> tuple[str, Flag]:
    """Expands a text such as 1.3812345678E+10 if no digit is lost; 1.38123E+10 has lost five."""
    if not (match := _scientific.fullmatch(text)):
        return text, Flag.NONE
    first, decimals, exponent = match.groups()
    if len(decimals) == int(exponent) <= 14:
        return first + decimals, Flag.NUMBER
    return text, Flag.LOST_DIGITS


def _serial(value: float, epoch_1904: bool) -> tuple[str, Flag]:
    """Converts a date without date format, the days since Excel's epoch; `clean_date` parses 19900102."""
    if day := day_of(int(value) + (1462 if epoch_1904 else 0)):
        return day.isoformat(), Flag.DATE
    return _number(value)

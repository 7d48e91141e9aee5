"""From what stands in a cell to text that can be checked: one function a kind of column."""

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
"""Between rows on the way from the child, as FIELD is between cells. No cleaned text holds them."""

ODD = re.compile(f"[{_SPACES}{_QUOTES}{_DOTS}.#\x00{_UNSEEN}\uff01-\uffee]")
"""Finds whatever any cleaning would touch, in a row joined by FIELD. Rows without it, nearly all, stay as they are."""

_unseen = re.compile(f"[\x00{FIELD}{_UNSEEN}]+")
_spaces = re.compile(f"[{_SPACES}]+")
_space_in_name = re.compile(f"(?<=[{_CJK}·]) (?=[{_CJK}·])")
_dot_in_name = re.compile(f" ?[{_DOTS}·] ?|(?<=[{_CJK}]) ?\\. ?(?=[{_CJK}])")
_scientific = re.compile(r"(\d)\.(\d+)[Ee]\+?(\d{1,2})")

_full_width = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_full_width_letters = {code: half for code, half in _full_width.items() if chr(half).isalnum()}

ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#ERROR"})
"""Error values as text: pasted as values, or in a workbook that we have marked."""

MAX_EXACT = 10**15
"""Excel keeps 15 digits of a number."""


def clean_typed(text: str, kind: CellKind) -> str:
    """`clean_text` of what stands in a form, or in a row already: nearly all is clean."""
    return clean_text(text, kind) if ODD.search(text) or text != text.strip() else text


def clean_text(text: str, kind: CellKind) -> str:
    """Text as meant. For every kind: no invisible characters, no apostrophe before it, no spaces around it, any run
    of spaces and line breaks as one space, full-width letters and digits in half width.

    NAME: one kind of middle dot, no spaces between Chinese characters (张　三). CODE: no spaces at all, and all
    full-width forms in half width. DATE: all full-width forms in half width.
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
    """The text of a cell as calamine gives it, and what to say about it."""
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
    """Digits without exponent: 13812345678.0 is 13812345678; 0.1 + 0.2 is 0.3, as Excel shows it."""
    if abs(value) >= MAX_EXACT:
        return f"{Decimal(repr(value)):f}".removesuffix(".0"), Flag.LOST_DIGITS
    text = f"{Decimal(f'{value:.15g}'):f}"
    return text, Flag.NUMBER


def _expand(text: str) -> tuple[str, Flag]:
    """1.3812345678E+10 as text is a number again if no digit of it was lost; 1.38123E+10 has lost five."""
    if not (match := _scientific.fullmatch(text)):
        return text, Flag.NONE
    first, decimals, exponent = match.groups()
    if len(decimals) == int(exponent) <= 14:
        return first + decimals, Flag.NUMBER
    return text, Flag.LOST_DIGITS


def _serial(value: float, epoch_1904: bool) -> tuple[str, Flag]:
    """A date that lost its format is the number of days since Excel's epoch; 19900102 is left to `clean_date`."""
    if day := day_of(int(value) + (1462 if epoch_1904 else 0)):
        return day.isoformat(), Flag.DATE
    return _number(value)

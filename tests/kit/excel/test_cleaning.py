"""What cleaning makes of cells: text of each kind, numbers, dates in any shape."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghui.kit.excel import Cell, CellKind, Flag, clean_date, clean_text
from gonghui.kit.excel.cleaning import FIELD, ODD, RECORD, clean_value


@pytest.mark.parametrize(
    ("kind", "typed", "meant"),
    [
        (CellKind.NAME, " 张　三\ufeff", "张三"),
        (CellKind.NAME, "买买提・艾力", "买买提·艾力"),
        (CellKind.NAME, "买买提 • 艾力", "买买提·艾力"),
        (CellKind.NAME, "买买提．艾力", "买买提·艾力"),
        (CellKind.NAME, "买买提‧艾力", "买买提·艾力"),
        (CellKind.NAME, "买买提.艾力", "买买提·艾力"),
        (CellKind.NAME, "J. Smith", "J. Smith"),
        (CellKind.NAME, "Ｊｏｈｎ  Smith", "John Smith"),
        (CellKind.NAME, "𠮷野\U00030000", "𠮷野\U00030000"),
        (CellKind.NAME, "㈱李", "㈱李"),
        (CellKind.TEXT, "人民路１号（近　南京路）\n2楼", "人民路1号（近 南京路） 2楼"),
        (CellKind.TEXT, "'0012", "0012"),
        (CellKind.CODE, "３１００００ 1990\u200b0101\xa0001ｘ", "310000199001010010x"[:17] + "x"),
        (CellKind.CODE, "＇138 1234 5678", "13812345678"),
        (CellKind.CODE, "Ｈ（１）", "H(1)"),
        (CellKind.DATE, "１９９０／１／２", "1990/1/2"),
        (CellKind.TEXT, "\x00a\x01b\x02", "ab"),
    ],
)
def test_text_is_cleaned_as_its_kind_wants(kind: CellKind, typed: str, meant: str) -> None:
    assert clean_text(typed, kind) == meant


@given(st.text(), st.sampled_from(CellKind))
def test_cleaned_text_stays_as_it_is_and_never_holds_a_separator(text: str, kind: CellKind) -> None:
    cleaned = clean_text(text, kind)
    assert clean_text(cleaned, kind) == cleaned
    assert FIELD not in cleaned
    assert RECORD not in cleaned


@given(st.text(), st.sampled_from(CellKind))
def test_the_quick_way_leaves_out_only_what_cleaning_would_not_touch(text: str, kind: CellKind) -> None:
    if FIELD not in text and not ODD.search(text):
        assert clean_value(text, kind) == (text, Flag.NONE)


@pytest.mark.parametrize(
    ("value", "text", "flag"),
    [
        (13812345678.0, "13812345678", Flag.NUMBER),
        (999999999999999.0, "999999999999999", Flag.NUMBER),
        (3.10000199001010e17, "310000199001010000", Flag.LOST_DIGITS),
        (0.1 + 0.2, "0.3", Flag.NUMBER),
        (12.5, "12.5", Flag.NUMBER),
        (-3.0, "-3", Flag.NUMBER),
        (float("nan"), "nan", Flag.NUMBER),
        (float("inf"), "inf", Flag.NUMBER),
        (True, "是", Flag.BOOLEAN),
        ("1.3812345678E+10", "13812345678", Flag.NUMBER),
        ("1.38123E+10", "1.38123E+10", Flag.LOST_DIGITS),
        ("3.10000199001010017E+17", "3.10000199001010017E+17", Flag.LOST_DIGITS),
        (datetime.date(1990, 1, 2), "1990-01-02", Flag.DATE),
        (datetime.datetime(1990, 1, 2, 3, 4), "1990-01-02 03:04:00", Flag.DATE),  # noqa: DTZ001 (a cell has no zone)
    ],
)
def test_numbers_become_digits_and_say_if_some_were_lost(value: object, text: str, flag: Flag) -> None:
    assert clean_value(value, CellKind.CODE) == (text, flag)


@pytest.mark.parametrize(
    "shape",
    [
        *("1990-1-2", "1990-01-02", "1990/1/2", "1990.1.2", "1990．1．2", "1990。1。2", "1990、1、2", "1990—1—2"),
        *("1990年1月2日", "1990 年 1 月 2 日", "1990年1月2号", "1990年1月2", "19900102", "1990 01 02"),
        *(
            "2-Jan-1990",
            "2-Jan-90",
            "2 January 1990",
            "1990-01-02 00:00:00",
            "1990-01-02T08:30",
            "１９９０／０１／０２",
        ),
        *(
            32875,
            32875.0,
            "32875",
            "32875.0",
            " ３２８７５",
            "32875.354",
            19900102,
            datetime.date(1990, 1, 2),
            "'1990-1-2",
        ),
        datetime.datetime(1990, 1, 2, 8, 30),  # noqa: DTZ001 (a cell has no zone)
    ],
)
def test_a_date_is_read_in_any_shape(shape: object) -> None:
    text, _ = clean_value(shape, CellKind.DATE)
    assert clean_date(Cell(text)) == datetime.date(1990, 1, 2)


def test_a_serial_of_the_1904_system_is_read_in_it() -> None:
    text, flag = clean_value(32875 - 1462, CellKind.DATE, epoch_1904=True)
    assert (text, flag) == ("1990-01-02", Flag.DATE)


@pytest.mark.parametrize(
    "shape",
    ["", "1990", 1990, "1/2/1990", "90-1-2", "1990-13-01", "1990-02-30", "199001", "二月", "2-Foo-1990", "2-ebm-90"],
)
def test_what_is_no_date_or_could_be_two_is_not_guessed(shape: object) -> None:
    assert clean_date(Cell(clean_value(shape, CellKind.DATE)[0])) is None


@given(st.dates(datetime.date(1910, 1, 2), datetime.date(2099, 12, 31)))
def test_every_serial_day_is_the_day_it_was(day: datetime.date) -> None:
    serial = float((day - datetime.date(1899, 12, 30)).days)
    assert clean_date(Cell(clean_value(serial, CellKind.DATE)[0])) == day

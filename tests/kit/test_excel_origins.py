"""Workbooks as Excel itself and its users make them: parts of other programs, sheets beside the list, lists too long."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill

from gonghui.kit.excel import Problem, mark
from tests.kit.excel.files import (
    COLUMNS,
    HEADINGS,
    MAIN,
    OFFICE,
    PERSON,
    RELATIONS,
    book,
    raw_book,
    saved,
    sheet_xml,
    text_row,
)
from tests.kit.excel.test_reading import reading, refusal, texts


def listed(more: dict[str, bytes], *sheets: tuple[str, str, str]) -> bytes:
    """A workbook of the good sheet and more parts; `sheets` are name, kind of relation, part."""
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, (name, *_) in enumerate(sheets, start=1)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{part}"/>'
        for n, (_, kind, part) in enumerate(sheets, start=1)
    )
    index = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>'
    relations = f'<Relationships xmlns="{RELATIONS}">{targets}</Relationships>'
    parts = {"xl/workbook.xml": index.encode(), "xl/_rels/workbook.xml.rels": relations.encode()}
    return raw_book(sheet_xml(text_row(1, HEADINGS) + text_row(2, PERSON)), extra=parts | more)


GOOD_SHEET = ("会员", "worksheet", "worksheets/sheet1.xml")


def test_the_queries_of_power_query_are_no_reason_to_refuse() -> None:
    mashup = '<?xml version="1.0" encoding="utf-16"?><DataMashup>AAAA</DataMashup>'.encode("utf-16")
    data = listed({"customXml/item1.xml": mashup, "customXml/_rels/item1.xml.rels": b"<x/>"}, GOOD_SHEET)
    assert texts(reading(data)) == [PERSON]


def test_a_part_of_others_that_the_workbook_leads_to_is_looked_at_all_the_same() -> None:
    hidden = sheet_xml(text_row(1, HEADINGS)).decode().encode("utf-16")
    data = listed({"customXml/item1.xml": hidden}, GOOD_SHEET, ("二", "worksheet", "../customXml/item1.xml"))
    assert "结构不正常" in refusal(data)


@pytest.mark.parametrize("first", [True, False])
def test_a_sheet_whose_part_is_missing_and_a_chart_are_left_out(first: bool) -> None:
    chart = b'<chartsheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    others = [("缺", "worksheet", "worksheets/sheet9.xml"), ("图", "chartsheet", "chartsheets/sheet1.xml")]
    sheets = [*others, GOOD_SHEET] if first else [GOOD_SHEET, *others]
    assert texts(reading(listed({"xl/chartsheets/sheet1.xml": chart}, *sheets))) == [PERSON]
    assert "已损坏" in refusal(listed({}, others[0]))


@pytest.mark.parametrize("merged", ["D1:D1048576", "A1:XFD1", "C1:D1", "E1:H1048576"])
def test_a_heading_merged_over_its_column_or_a_title_over_all_loses_no_value(merged: str) -> None:
    after = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'
    rows = text_row(1, HEADINGS) + text_row(2, PERSON[:3])
    sheet = reading(raw_book(sheet_xml(rows, after=after)))
    assert texts(sheet) == [[*PERSON[:3], ""]]
    assert not list(sheet.troubles(COLUMNS))


@pytest.mark.parametrize("first", [True, False])
def test_a_second_sheet_with_headings_only_is_no_second_list(first: bool) -> None:
    workbook = Workbook()
    sheets = [workbook.active, workbook.create_sheet("二")]
    for sheet in sheets:
        sheet.append(HEADINGS)
    sheets[not first].append(PERSON)
    sheets[first].cell(7, 1).fill = PatternFill("solid", fgColor="FFFF00")
    assert texts(reading(saved(workbook))) == [PERSON]


def test_two_sheets_with_headings_only_have_no_data() -> None:
    workbook = Workbook()
    workbook.active.append(HEADINGS)
    workbook.create_sheet("二").append(HEADINGS)
    assert "没有数据" in refusal(saved(workbook))


@pytest.mark.parametrize("rows", [100_000, 120_000])
def test_a_full_list_that_is_too_long_is_told_as_one(rows: int) -> None:
    content = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, rows + 1))
    told = refusal(raw_book(sheet_xml(text_row(1, HEADINGS) + content)), max_rows=10_000)
    assert "一次最多 10,000 行" in told
    assert "拆分" in told


@pytest.mark.parametrize("text", ['{"refused": ""}', '{"refused": "x"}', "{", '{"refused"', "{}"])
def test_a_cell_that_looks_like_an_answer_of_the_childs_is_a_cell(text: str) -> None:
    data = book([text, *HEADINGS], [text, text, *PERSON[1:]], title="会员")
    sheet = reading(data)
    assert sheet.rows[0].cells["name"].text == text
    assert sheet.unread == [(text, "")]
    problem = Problem(2, "name", "姓名", text, "x", "y")
    assert load_workbook(BytesIO(mark(data, sheet, COLUMNS, [problem]))).worksheets[0]["B2"].value == text

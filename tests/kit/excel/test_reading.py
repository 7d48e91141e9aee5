"""What an honest workbook is read as: columns by heading, rows by number, cells with what happened to them."""

import datetime
import re
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import PatternFill
from xlsxwriter import Workbook as ExcelWriter

from gonghui.kit.errors import Refused
from gonghui.kit.excel import CellKind, Column, Flag, Sheet, clean_date, clean_text, read
from tests.kit.excel.files import (
    COLUMNS,
    HEADINGS,
    PERSON,
    book,
    person_book,
    raw_book,
    saved,
    sheet_xml,
    text_row,
)

KEYS = [column.key for column in COLUMNS]


def reading(data: bytes, *, max_rows: int = 100) -> Sheet:
    return read(data, COLUMNS, max_rows=max_rows)


def texts(sheet: Sheet) -> list[list[str]]:
    return [[row.cells[key].text for key in KEYS] for row in sheet.rows]


def refusal(data: bytes, *, max_rows: int = 100) -> str:
    with pytest.raises(Refused) as refused:
        reading(data, max_rows=max_rows)
    return refused.value.sentence


# --- Columns


def test_columns_are_found_by_heading_wherever_they_stand() -> None:
    data = book(
        ["备注", "联系 地址：", "＊身份证号", "姓名*（必填）"], ["x", "人民路1号", "310000199001010017", "张三"]
    )
    sheet = reading(data)
    assert texts(sheet) == [["张三", "310000199001010017", "", "人民路1号"]]
    assert sheet.notes == ["这些列不在模板中，没有读取：备注。"]


@pytest.mark.parametrize("above", range(5))
def test_headings_may_stand_in_the_first_five_rows(above: int) -> None:
    sheet = reading(book(*[["某某工会会员名册"]] * above, HEADINGS, PERSON))
    assert (sheet.heading_row, sheet.rows[0].number) == (above + 1, above + 2)
    assert texts(sheet) == [PERSON]


def test_headings_further_down_are_not_found() -> None:
    told = refusal(book(*[["标题"]] * 5, HEADINGS, PERSON))
    assert told == "前 5 行里没有找到表头。请使用下载的模板，表头应包括：姓名、证件号码。"


def test_missing_headings_are_named() -> None:
    assert "第 1 行的表头缺少 “证件号码”" in refusal(book(["姓名", "出生日期"], ["张三", ""]))


def test_a_double_heading_is_named_with_both_columns() -> None:
    assert "第 1 行的 A 列和 D 列都是“姓名”" in refusal(book(["姓 名", "证件号码", "", "姓名"], PERSON))


def test_data_away_from_the_first_column_and_row_is_read() -> None:
    workbook = Workbook()
    for place, values in enumerate(zip(HEADINGS, PERSON, strict=True), start=3):
        for row, value in enumerate(values, start=4):
            workbook.active.cell(row, place, value)
    sheet = reading(saved(workbook))
    assert texts(sheet) == [PERSON]
    assert sheet.rows[0].number == 5
    assert sheet.places["name"] == 2


def test_one_wanted_column_is_enough() -> None:
    column = Column("code", "组织机构代码", required=True, kind=CellKind.CODE)
    sheet = read(book(["组织机构代码"], ["12345678X"]), [column], max_rows=10)
    assert [row.cells.text("code") for row in sheet.rows] == ["12345678X"]


# --- Sheets


def two_sheets(second: list[list[Any]], *, state: str = "visible") -> bytes:
    workbook = Workbook()
    workbook.active.append(["说明"])
    workbook.create_sheet("会员").append(HEADINGS)
    workbook["会员"].append(PERSON)
    other = workbook.create_sheet("其他")
    for row in second:
        other.append(row)
    other.sheet_state = state
    return saved(workbook)


def test_the_sheet_with_the_headings_is_taken() -> None:
    assert reading(two_sheets([["电话", "部门"]])).name == "会员"


def test_two_sheets_with_the_headings_are_refused_unless_one_is_hidden() -> None:
    assert "工作表 “会员”、“其他” 都有要导入的表头" in refusal(two_sheets([HEADINGS, PERSON]))
    assert reading(two_sheets([HEADINGS, PERSON], state="hidden")).name == "会员"


# --- Rows


def test_rows_keep_excels_numbers_and_blank_ones_are_left_out() -> None:
    workbook = Workbook()
    for row in (HEADINGS, PERSON, [], [" ", "\u3000", "", None], PERSON):
        workbook.active.append(row)
    for row in range(6, 500):
        workbook.active.cell(row, 2).fill = PatternFill("solid", fgColor="FFFF00")
    sheet = reading(saved(workbook))
    assert [row.number for row in sheet.rows] == [2, 5]


def test_too_many_rows_are_counted() -> None:
    data = book(HEADINGS, *[PERSON] * 7)
    assert len(reading(data, max_rows=7).rows) == 7
    assert refusal(data, max_rows=6) == "共 7 行，一次最多 6 行。请拆分成几个文件分别上传。"


def test_headings_alone_are_refused() -> None:
    assert "只有表头，没有数据" in refusal(book(HEADINGS))


def test_hidden_rows_and_columns_are_read_and_reported() -> None:
    workbook = Workbook()
    for row in (HEADINGS, PERSON, PERSON):
        workbook.active.append(row)
    workbook.active.row_dimensions[3].hidden = True
    workbook.active.column_dimensions["C"].hidden = True
    sheet = reading(saved(workbook))
    assert [row.hidden for row in sheet.rows] == [False, True]
    assert sheet.notes == [
        "有 1 行是隐藏或被筛选掉的（第 3 行），也已一并读取，请核对。",
        "第 C 列是隐藏的，也已一并读取，请核对。",
    ]


# --- Cells


def cell_of(data: bytes, key: str) -> tuple[str, Flag, str]:
    cell = reading(data).rows[0].cells[key]
    return cell.text, cell.flag, cell.detail


def test_a_number_typed_as_a_number_is_flagged_if_it_lost_digits() -> None:
    data = person_book("张三", 310000199001010017)
    assert cell_of(data, "number") == ("310000199001010000", Flag.LOST_DIGITS, "")
    (problem,) = reading(data).troubles(COLUMNS)
    assert (problem.row, problem.column, problem.heading) == (2, "number", "证件号码")
    assert "只保留 15 位" in problem.wrong
    assert "文本" in problem.right


def test_a_number_in_exponent_notation_is_read_whole() -> None:
    cells = '<c r="A2" t="inlineStr"><is><t>张三</t></is></c><c r="B2"><v>1.3812345678E+10</v></c>'
    data = raw_book(sheet_xml(text_row(1, HEADINGS) + f'<row r="2">{cells}</row>'))
    assert cell_of(data, "number") == ("13812345678", Flag.NUMBER, "")


@pytest.mark.parametrize("born", [datetime.date(1990, 1, 1), 32874, "1990年1月1日", "19900101", 19900101])
def test_dates_come_in_any_shape(born: object) -> None:
    cell = reading(person_book("张三", "1", born)).rows[0].cells["born"]
    assert clean_date(cell) == datetime.date(1990, 1, 1)


def test_a_serial_is_read_in_the_workbooks_own_date_system() -> None:
    row = '<row r="2"><c r="A2" t="str"><v>张三</v></c><c r="C2"><v>31412</v></c></row>'
    data = raw_book(sheet_xml(text_row(1, HEADINGS) + row), settings='<workbookPr date1904="1"/>')
    assert cell_of(data, "born") == ("1990-01-01", Flag.DATE, "")


def test_a_calculated_formula_is_its_value() -> None:
    row = '<c r="A2" t="str"><f>B2&amp;""</f><v>张三</v></c><c r="B2"><f>1+1</f><v>2</v></c>'
    row += '<c r="D2" t="str"><f>""</f><v></v></c>'
    data = raw_book(sheet_xml(text_row(1, HEADINGS) + f'<row r="2">{row}</row>'))
    assert texts(reading(data)) == [["张三", "2", "", ""]]
    assert not list(reading(data).troubles(COLUMNS))


@pytest.mark.parametrize("empty", ["", "<v/>", "<v></v>"])
def test_a_formula_that_was_never_calculated_says_so_even_in_the_last_row(empty: str) -> None:
    rows = text_row(1, HEADINGS) + text_row(2, PERSON) + f'<row r="3"><c r="B3"><f>A2&amp;A3</f>{empty}</c></row>'
    sheet = reading(raw_book(sheet_xml(rows)))
    assert [(p.row, p.column, p.wrong) for p in sheet.troubles(COLUMNS)] == [(3, "number", "公式还没有计算结果")]


def test_openpyxls_formulas_are_uncalculated() -> None:
    assert cell_of(person_book("张三", "=1+1"), "number") == ("", Flag.FORMULA, "")


def test_an_error_value_is_told_with_its_code() -> None:
    assert cell_of(person_book("张三", "#N/A"), "number") == ("", Flag.ERROR, "#N/A")
    row = '<c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C2" t="e"><v>#NAME?</v></c>'
    sheet = reading(raw_book(sheet_xml(text_row(1, HEADINGS) + f'<row r="2">{row}</row>')))
    assert [problem.wrong for problem in sheet.troubles(COLUMNS)] == ["单元格是错误值 #DIV/0!", "单元格是错误值 #NAME?"]


def test_an_error_value_that_excel_does_not_know_is_refused() -> None:
    row = '<row r="2"><c r="B2" t="e"><v>;9x</v></c></row>'
    assert "已损坏" in refusal(raw_book(sheet_xml(text_row(1, HEADINGS) + row)))


def test_merged_cells_are_told_with_their_range() -> None:
    workbook = Workbook()
    for row in (["名册", "", "", ""], HEADINGS, PERSON, ["李四", "", "", "人民路2号"]):
        workbook.active.append(row)
    workbook.active.merge_cells("A1:D1")
    workbook.active.merge_cells("B3:C4")
    found = [(p.row, p.column, p.wrong) for p in reading(saved(workbook)).troubles(COLUMNS)]
    wrong = "单元格已合并（B3:C4），这一行没有自己的值"
    assert found == [(3, "born", wrong), (4, "number", wrong), (4, "born", wrong)]


def test_booleans_are_words() -> None:
    assert cell_of(person_book("张三", True), "number") == ("是", Flag.BOOLEAN, "")


def test_a_cell_never_shows_its_text_in_a_log() -> None:
    row = reading(person_book()).rows[0]
    assert "张三" not in repr(row.cells["name"])
    assert "张三" not in repr(row)


# --- Other writers


def test_shared_strings_with_readings_and_runs_are_read_without_the_readings() -> None:
    shared = (
        "<si><t>姓名</t></si><si><t>证件号码</t></si>"
        '<si><r><t>张</t></r><r><rPr><b/></rPr><t>三</t></r><rPh sb="0" eb="1"><t>チョウ</t></rPh></si>'
    )
    strings = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared}</sst>'.encode()
    cells = ['<c r="{}{}" t="s"><v>{}</v></c>'.format(*cell) for cell in ("A10", "B11", "A22")]
    data = raw_book(
        sheet_xml(f'<row r="1">{cells[0]}{cells[1]}</row><row r="2">{cells[2]}</row>'),
        extra={"xl/sharedStrings.xml": strings},
    )
    assert texts(reading(data)) == [["张三", "", "", ""]]


def test_cells_without_references_and_with_prefixes_are_read() -> None:
    rows = "".join(
        "<x:row>" + "".join(f'<x:c t="inlineStr"><x:is><x:t>{v}</x:t></x:is></x:c>' for v in row) + "</x:row>"
        for row in (HEADINGS, PERSON)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = f'<x:worksheet xmlns:x="{main}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'.encode()
    assert texts(reading(raw_book(part))) == [PERSON]


def test_a_workbook_of_xlsxwriter_is_read() -> None:
    content = BytesIO()
    with ExcelWriter(content) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, PERSON)
    assert texts(reading(content.getvalue())) == [PERSON]


def test_a_workbook_saved_by_libreoffice_is_read(tmp_path: Path) -> None:
    """Fails where soffice is missing: package libreoffice-calc-nogui."""
    lines = [HEADINGS, ["张　三", "'310000199001010017", "1990-01-01", "=1+1"], ["李四", "13812345678", "1990/1/2", ""]]
    (tmp_path / "in.csv").write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--infilter=CSV:44,34,76,1,,2052,false,true", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "in.csv")], check=True, timeout=120)
    sheet = reading((tmp_path / "in.xlsx").read_bytes())
    assert texts(sheet) == [
        ["张三", "310000199001010017", "1990-01-01", "2"],
        ["李四", "13812345678", "1990-01-02", ""],
    ]
    assert sheet.rows[1].cells["number"].flag is Flag.NUMBER
    assert sheet.rows[0].cells["born"].flag is Flag.DATE


storable = st.text(max_size=20).map(
    lambda text: ILLEGAL_CHARACTERS_RE.sub("", re.sub("[\ud800-\udfff\ufffe\uffff]", "", text))
)


@settings(max_examples=25)
@given(st.lists(st.tuples(storable, storable, storable, storable), min_size=1, max_size=20))
def test_any_workbook_of_texts_comes_back_as_its_cleaned_texts(rows: list[tuple[str, ...]]) -> None:
    workbook = Workbook()
    workbook.active.append(HEADINGS)
    for row, values in enumerate(rows, start=2):
        for place, value in enumerate(values, start=1):
            cell = workbook.active.cell(row, place)
            cell.value, cell.data_type = re.sub("_x(?=[0-9A-Fa-f]{4}_)", "_", value), "s"
    expected = {
        number: [clean_text(re.sub("_x(?=[0-9A-Fa-f]{4}_)", "_", v), c.kind) for v, c in zip(row, COLUMNS, strict=True)]
        for number, row in enumerate(rows, start=2)
    }
    expected = {number: row for number, row in expected.items() if any(row)}
    if not expected:
        assert "没有数据" in refusal(saved(workbook))
        return
    sheet = reading(saved(workbook))
    assert {row.number: [row.cells.text(key) for key in KEYS] for row in sheet.rows} == expected

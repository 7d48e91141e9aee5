"""Templates, marked workbooks and exports: what an officer gets, and that it can be uploaded again."""

import datetime
import subprocess
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from gonghui.kit.excel import (
    Cell,
    CellKind,
    Column,
    Flag,
    Problem,
    Sheet,
    clean_date,
    clean_text,
    export,
    mark,
    read,
    write_template,
    writing,
)
from tests.kit.excel.files import COLUMNS, HEADINGS, PERSON, book, saved

SEXES = ["男", "女"]
LONG = [f"第{n}种很长很长的选项，含逗号" for n in range(60)]
TEMPLATE = [
    *COLUMNS,
    Column("sex", "性别", choices=SEXES, example="男", width=8),
    Column("sort", "种类", choices=LONG, hint="按实际情况选择"),
]


def template() -> Workbook:
    data = write_template(TEMPLATE, instructions=["每行一人", "从第 2 行起填写"], title="会员导入/模板")
    return load_workbook(BytesIO(data))


# --- The template


def test_the_template_has_the_headings_with_stars_on_the_required() -> None:
    sheet = template().worksheets[0]
    assert sheet.title == "会员导入 模板"
    assert [cell.value for cell in sheet[1]] == ["姓名*", "证件号码*", "出生日期", "联系地址", "性别", "种类"]
    assert sheet.freeze_panes == "A2"


def test_every_column_of_the_template_is_text_as_a_whole() -> None:
    sheet = template().worksheets[0]
    text = {
        n
        for column_dimension in sheet.column_dimensions.values()
        if column_dimension.number_format == "@"
        for n in range(column_dimension.min, column_dimension.max + 1)
    }
    assert text == {1, 2, 3, 4, 5, 6}


def test_coded_columns_have_a_drop_down_however_long() -> None:
    workbook = template()
    rules = {str(rule.sqref): rule for rule in workbook.worksheets[0].data_validations.dataValidation}
    assert rules["E2:E10001"].formula1 == "选项!$E$1:$E$2"
    assert rules["F2:F10001"].formula1 == "选项!$F$1:$F$60"
    assert rules["F2:F10001"].prompt == "按实际情况选择"
    assert workbook["选项"].sheet_state == "hidden"
    assert [cell.value for cell in workbook["选项"]["F"]] == LONG


def test_the_template_explains_itself_with_an_example() -> None:
    rows = [[cell.value for cell in row] for row in template()["填写说明"].iter_rows()]
    assert ["1. 每行一人", None, None, None] in rows
    assert ["性别", "选填", "请从下拉列表中选择：男、女", "男"] in rows


def test_the_filled_in_template_is_read() -> None:
    workbook = template()
    workbook.worksheets[0].append([*PERSON, "男", LONG[0]])
    sheet = read(saved(workbook), TEMPLATE, max_rows=10)
    assert [row.cells["sort"].text for row in sheet.rows] == [LONG[0]]


def test_a_template_of_one_required_column_is_not_mixed_up_with_its_instructions() -> None:
    columns = [Column("code", "代码", required=True)]
    workbook = load_workbook(BytesIO(write_template(columns, instructions=[], title="代码")))
    workbook.worksheets[0].append(["1"])
    assert read(saved(workbook), columns, max_rows=10).name == "代码"


# --- The marked workbook

DANGER = '=HYPERLINK("http://example.invalid","x")'


def uploaded() -> tuple[bytes, Sheet]:
    rows = [["会员名册"], ["序号", *HEADINGS], [1, DANGER, 13812345678, "1990-01-01", "=1+1"], [], [2, *PERSON]]
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.active["B3"].data_type = workbook.active["E3"].data_type = "s"
    data = saved(workbook)
    return data, read(data, COLUMNS, max_rows=10)


def marked() -> tuple[Workbook, bytes]:
    data, sheet = uploaded()
    problems = [
        Problem(3, "name", "姓名", DANGER, "姓名里有不能用的字符", "填写证件上的姓名"),
        Problem(3, "number", "证件号码", "13812345678", "号码不是 18 位", "填写 18 位号码"),
        Problem(5, "born", "出生日期", "1990-01-01", "与证件号码不符", "改为证件上的日期"),
    ]
    result = mark(data, sheet, COLUMNS, problems)
    return load_workbook(BytesIO(result)), result


def test_problem_cells_are_red_with_a_comment_and_rows_stay_where_they_were() -> None:
    sheet = marked()[0].worksheets[0]
    assert sheet["B3"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["B3"].comment.text == "姓名里有不能用的字符\n填写证件上的姓名"
    assert sheet["D5"].comment.text == "与证件号码不符\n改为证件上的日期"
    assert sheet["B5"].comment is None
    assert [sheet.cell(5, place).value for place in range(1, 6)] == ["2", *PERSON]
    assert [sheet["A1"].value, sheet["A2"].value, sheet["F2"].value] == ["会员名册", "序号", "问题"]
    assert "姓名：姓名里有不能用的字符，填写证件上的姓名；证件号码：号码不是 18 位" in sheet["F3"].value


def test_no_value_of_the_marked_workbook_acts_as_a_formula() -> None:
    for sheet in marked()[0].worksheets:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n"}
            assert {type(cell.value) for cell in row} <= {str, type(None)}
    sheet = marked()[0].worksheets[0]
    assert (sheet["B3"].value, sheet["E3"].value) == (DANGER, "=1+1")


def test_cells_past_the_most_comments_are_red_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_COMMENTS", 1)
    sheet = Sheet("会员", 1, {"name": 0, "number": 1}, [])
    problems = [
        Problem(2, "name", "姓名", "张三", "重名", "核对"),
        Problem(2, "number", "证件号码", "1", "太短", "核对"),
    ]
    rows = [HEADINGS[:2], PERSON[:2]]
    page = load_workbook(BytesIO(writing.write_marked(rows, sheet, COLUMNS, problems, {}))).worksheets[0]
    assert [bool(page[cell].comment) for cell in ("A2", "B2")] == [True, False]
    assert [page[cell].fill.fgColor.rgb for cell in ("A2", "B2")] == ["FFFFC7CE"] * 2
    assert "太短" in page["C2"].value


def test_the_summary_lists_every_problem() -> None:
    rows = [[cell.value for cell in row] for row in marked()[0]["问题汇总"].iter_rows()]
    assert rows[0][0].startswith("共 3 处问题，涉及 2 行。")
    assert rows[3] == ["3", "姓名", DANGER, "姓名里有不能用的字符", "填写证件上的姓名"]
    assert len(rows) == 6


def test_the_marked_workbook_can_be_uploaded_and_marked_again() -> None:
    _, sheet = uploaded()
    again = marked()[1]
    same = read(again, COLUMNS, max_rows=10)
    assert [row.number for row in same.rows] == [row.number for row in sheet.rows]
    assert [row.cells.text("number") for row in same.rows] == [row.cells.text("number") for row in sheet.rows]
    problem = Problem(5, "name", "姓名", "张三", "重名", "核对")
    headings = [cell.value for cell in load_workbook(BytesIO(mark(again, same, COLUMNS, [problem]))).worksheets[0][2]]
    assert headings == ["序号", *HEADINGS, "问题"]


EVERYTHING = [
    "张　三", "'0012", "=1+1", "#N/A", "1.3812345678E+10", "3.10000199001010017E+17", "32875", "1990.1.2", "𠮷野",
    32875, 32875.5, 19900102, 1990, 13812345678, 3.10000199001010e17, 0.1 + 0.2, -3, True, False,
    datetime.date(1990, 1, 2), datetime.datetime(1990, 1, 2, 3, 4), datetime.time(8, 30),  # noqa: DTZ001
    datetime.timedelta(hours=30),
]  # fmt: skip


@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_whatever_stands_in_a_cell_the_marked_workbook_is_read_as_the_first_was(epoch: datetime.datetime) -> None:
    """Of every kind of cell, in every kind of column, its text and its trouble."""
    data = everything(epoch)
    first = read(data, COLUMNS, max_rows=100)
    again = read(mark(data, first, COLUMNS, []), COLUMNS, max_rows=100)
    assert [row.number for row in again.rows] == [row.number for row in first.rows]
    for before, after in zip(first.rows, again.rows, strict=True):
        for column in COLUMNS:
            assert_the_same(column, before.cells[column.key], after.cells[column.key])
    assert first.rows[-1].cells["name"].trouble
    written = load_workbook(BytesIO(mark(data, first, COLUMNS, []))).worksheets[0]
    if epoch == CALENDAR_WINDOWS_1900:
        assert {written.cell(row, 4).value for row in (12, 22, 23)} == {"1990-01-02"}


def assert_the_same(column: Column, was: Cell, now: Cell) -> None:
    if was.flag is not Flag.LOST_DIGITS or column.kind is CellKind.CODE:  # elsewhere no number is meant
        assert now.trouble == was.trouble
    if not was.trouble:
        assert now.text == clean_text(was.text, column.kind)
    if column.kind is CellKind.DATE:
        assert clean_date(now) == clean_date(was)


def everything(epoch: datetime.datetime) -> bytes:
    workbook = Workbook()
    workbook.epoch = epoch
    workbook.active.append(["名册"])
    workbook.active.append(["备注", *HEADINGS])
    for value in EVERYTHING:
        workbook.active.append([value] * 5)
        if isinstance(value, str):
            for cell in workbook.active[workbook.active.max_row]:
                cell.data_type = "s"
    workbook.active.append(["x", *PERSON])
    for cell in workbook.active[workbook.active.max_row][1:]:
        cell.value, cell.data_type = "#REF!", "e"
    return saved(workbook)


def test_a_problem_of_an_absent_column_or_a_sheet_named_like_ours_is_no_obstacle() -> None:
    data = book(HEADINGS[:2], PERSON[:2], title="问题汇总")
    problem = Problem(2, "address", "联系地址", "", "没有填写", "填写地址")
    result = load_workbook(BytesIO(mark(data, read(data, COLUMNS, max_rows=10), COLUMNS, [problem])))
    assert result.sheetnames == ["数据", "问题汇总"]
    assert result["数据"]["C2"].value == "联系地址：没有填写，填写地址"


# --- What all have in common


def exported(path: Path) -> bytes:
    rows = [["张三", "310000199001010017", "上海市杨浦区示例路 1 号，一栋很长的楼，二十楼", "1990-01-01"]]
    export(path, ["姓名", "证件号码", "联系地址", "出生日期"], rows, title="名单")
    return path.read_bytes()


@pytest.mark.parametrize("what", ["template", "marked", "export"])
def test_whatever_we_write_has_wide_columns_a_frozen_heading_and_no_green_triangles(tmp_path: Path, what: str) -> None:
    data = {
        "template": lambda: write_template(TEMPLATE, instructions=["每行一人"], title="模板"),
        "marked": lambda: marked()[1],
        "export": lambda: exported(tmp_path / "out.xlsx"),
    }[what]()
    workbook = load_workbook(BytesIO(data))
    sheet = workbook.worksheets[0]
    heading = 2 if what == "marked" else 1
    assert sheet.freeze_panes == f"A{heading + 1}"
    widths = {
        n: column_dimension.width
        for column_dimension in sheet.column_dimensions.values()
        for n in range(column_dimension.min, column_dimension.max + 1)
    }
    for cell in sheet[heading]:
        assert widths.get(cell.column, 8.43) > 2 * len(str(cell.value))
    if what != "template":
        column = next(cell.column for cell in sheet[heading] if cell.value == "证件号码")
        assert widths[column] > 18
    with ZipFile(BytesIO(data)) as archive:
        shown = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        parts = [archive.read(name).decode() for name in shown]
    assert all('numberStoredAsText="1"' in part for part in parts)


@pytest.mark.parametrize("what", ["marked", "export"])
def test_another_program_opens_what_we_write(tmp_path: Path, what: str) -> None:
    """Fails where soffice is missing: package libreoffice-calc-nogui."""
    data = marked()[1] if what == "marked" else exported(tmp_path / "out.xlsx")
    (tmp_path / "in.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76"]  # fmt: skip
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "in.xlsx")], check=True, timeout=120)
    assert "310000199001010017" in (tmp_path / "in.csv").read_text("utf-8-sig")


# --- The export

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "310000199001010017",
    "007",
    "1E5",
    "TRUE",
    "#N/A",
    "http://example.invalid",
]


def test_an_export_keeps_every_text_as_text(tmp_path: Path) -> None:
    export(tmp_path / "out.xlsx", ["值", "号码"], ((text, "00123") for text in HOSTILE), title="会员/导出")
    sheet = load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert sheet.title == "会员 导出"
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [[text, "00123"] for text in HOSTILE]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert {cell.number_format for row in sheet.iter_rows(min_row=2) for cell in row} == {"@"}


def test_an_export_refuses_double_headings_and_ragged_rows(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="differ"):
        export(tmp_path / "out.xlsx", ["值", "值"], [], title="x")
    with pytest.raises(ValueError, match="shorter"):
        export(tmp_path / "out.xlsx", ["值", "号"], [("1",)], title="x")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30), min_size=1))
def test_what_is_exported_is_read_back(tmp_path: Path, texts: list[str]) -> None:
    export(tmp_path / "out.xlsx", ["值"], ([f"|{text}|"] for text in texts), title="x")
    column = Column("value", "值", required=True, kind=CellKind.NAME)
    sheet = read((tmp_path / "out.xlsx").read_bytes(), [column], max_rows=1000)
    assert len(sheet.rows) == len(texts)

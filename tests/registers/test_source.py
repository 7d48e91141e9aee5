"""What kinds of file are read, and what is said of those that are not."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from gonghui.kit.errors import Refused
from gonghui.registers import source
from gonghui.registers.employers import COLUMNS
from tests.registers.files import EMPLOYER_HEADINGS, csv_of, employer_line

LINES = [employer_line(1), employer_line(2)]


def read(data: bytes, name: str = "库.csv", piece: int = 1000) -> tuple[source.Source, list]:
    def pieces():
        return (data[start : start + piece] for start in range(0, len(data), piece))

    file = source.opened(pieces, len(data), name, COLUMNS)
    return file, list(file)


def test_lines_are_read_by_their_headings():
    file, rows = read(csv_of(LINES))
    assert (file.read_as, file.notes) == ("CSV，UTF-8", [])
    assert [row.line for row in rows] == [2, 3]
    assert rows[0].texts == dict(zip([column.key for column in COLUMNS], map(str, LINES[0]), strict=True))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8-sig", "CSV，UTF-8"), ("gbk", "CSV，GBK（GB 18030）"), ("gb18030", "CSV，GBK（GB 18030）")],
)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_the_encoding_is_found_and_told_wherever_the_pieces_are_cut(encoding, told, piece):
    file, rows = read(csv_of(LINES, encoding=encoding), piece=piece)
    assert file.read_as == told
    assert [row.texts["name"] for row in rows] == [LINES[0][0], LINES[1][0]]


def test_headings_stand_in_any_order_under_any_known_word_below_a_title():
    data = f"上海市单位名录,\n信用代码,企业名称\n{LINES[0][1]},{LINES[0][0]}\n".encode()
    _, rows = read(data)
    assert [(row.line, row.texts) for row in rows] == [(3, {"name": LINES[0][0], "code": LINES[0][1]})]


def test_columns_that_nobody_knows_are_not_read_and_are_named():
    file, rows = read(csv_of([[*LINES[0], 1, 2, 3]], [*EMPLOYER_HEADINGS, "甲", "乙", "丙"]))
    assert file.notes == ["这些列没有读取：甲、乙、丙。"]
    assert rows[0].texts["name"] == LINES[0][0]


def test_a_line_with_three_cells_too_many_is_told_and_the_next_is_read():
    _, rows = read(csv_of([[*LINES[0], "甲", "", "丙"], LINES[1]]))
    assert [problem.wrong for problem in rows[0].troubles] == ["这一行比表头多出 3 格"]
    assert rows[1].texts["name"] == LINES[1][0]


def test_a_line_that_is_too_short_is_told():
    _, rows = read(csv_of([LINES[0][:3], LINES[1]]))
    assert [problem.wrong for problem in rows[0].troubles] == ["这一行只有 3 格，表头有 7 格"]


def test_empty_cells_behind_the_last_heading_are_no_matter():
    _, rows = read(csv_of([[*LINES[0], "", ""]]))
    assert not rows[0].troubles


def test_a_line_break_inside_quotation_marks_belongs_to_the_cell():
    _, rows = read(csv_of([employer_line(1, 单位地址="示例路\n1号"), LINES[1]]))
    assert [row.line for row in rows] == [2, 3]
    assert rows[0].texts["address"] == "示例路 1号"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_a_line_is_one(end):
    _, rows = read(csv_of(LINES).replace(b"\r\n", end.encode()))
    assert len(rows) == 2


def test_a_number_that_has_lost_its_digits_is_told():
    _, rows = read(csv_of([employer_line(1, 统一社会信用代码="9.1310E+17")]))
    assert "后面的数字已丢失" in rows[0].troubles[0].wrong


def test_a_quotation_mark_without_its_end_takes_no_more_than_a_cell():
    good = csv_of(employer_line(seed) for seed in range(2, 2_000)).partition(b"\n")[2]
    _, rows = read(csv_of([]) + b'"' + good)
    assert "双引号没有成对" in rows[0].troubles[0].wrong
    assert len(rows) > 1_000


def test_a_last_line_without_its_end_is_read_when_it_is_whole():
    _, rows = read(csv_of(LINES).rstrip())
    assert len(rows) == 2


@pytest.mark.parametrize("cut", ["within a cell", "within a character", "within quotation marks"])
def test_a_file_cut_in_the_middle_is_refused_with_the_line(cut):
    lines = csv_of([LINES[0], employer_line(2, 单位地址="示例路\n2号，三楼")])
    data = {
        "within a cell": csv_of(LINES)[:-40],
        "within a character": csv_of([LINES[0]]) + "上海示例".encode()[:-1],
        "within quotation marks": lines[: lines.rindex("2号".encode())],
    }[cut]
    with pytest.raises(Refused, match="文件在第 3 行中断"):
        read(data)


def bomb() -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"):
            archive.writestr(name, b" " * 60_000_000)
    return content.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "这是一个空文件"),
        (b"%PDF-1.7 ...", "这是 PDF 文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "旧版 .xls"),
        (b"<html><table>", "网页格式"),
        (b"\x1f\x8b\x08\x00", "压缩包"),
        ("单位名称\t统一社会信用代码\n".encode("utf-16"), "不是 CSV 文本"),
        (b"\x00\x01\x02", "不是 CSV 文本"),
        (b"\x81\x30 \xff\xff", "既不是 UTF-8，也不是 GBK"),
        ("姓名,年龄\n甲,1\n".encode(), "没有找到表头"),
        ("单位名称,行业,单位地址\n甲,乙,丙\n".encode(), "缺少 “统一社会信用代码”"),
        ("单位名称,单位名称,统一社会信用代码\n甲,乙,丙\n".encode(), "都是“单位名称”"),
        (b"PK\x03\x04 no archive", "不完整或已损坏"),
        (bomb(), "内部结构不正常|内容过大"),
        (b"x" * 1_100_000, "超过 1,000,000 个字符"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_any_other_file_is_refused_in_a_sentence(data, words):
    with pytest.raises(Refused, match=words):
        read(data)


def workbook(rows: list, name: str = "Sheet") -> bytes:
    book, content = Workbook(), BytesIO()
    book.active.append(list(EMPLOYER_HEADINGS))
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def test_a_workbook_named_csv_is_read_as_what_it_is_and_that_is_told():
    file, rows = read(workbook(LINES))
    assert file.read_as == "Excel 工作簿"
    assert "已按工作簿读取" in file.notes[0]
    assert [row.texts["name"] for row in rows] == [LINES[0][0], LINES[1][0]]
    assert read(workbook(LINES), "库.xlsx")[0].notes == []


def test_a_workbook_over_ten_megabytes_is_sent_back_for_a_csv():
    with pytest.raises(Refused, match="请另存为 CSV"):
        source.opened(lambda: [b"PK\x03\x04"], 11 * 1024**2, "库.xlsx", COLUMNS)

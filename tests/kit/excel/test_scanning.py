"""What an uploaded file is refused for, and that no upload harms the process that reads it."""

import re
import resource
import struct
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from importlib import import_module, reload
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from gonghui.kit import children as child_processes
from gonghui.kit.errors import Refused
from gonghui.kit.excel import MAX_BYTES, read
from gonghui.kit.excel.scanning import scan
from tests.growth import is_steep
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
    zipped,
)

GOOD = text_row(1, HEADINGS) + text_row(2, PERSON)
CELL = '<c r="{}" t="inlineStr"><is><t>x</t></is></c>'


def refusal(data: bytes) -> str:
    """What the officer is told, in bounded time and memory."""
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused) as refused:
        read(data, COLUMNS, max_rows=100)
    assert time.monotonic() - start < 15
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 100
    assert re.fullmatch(r"[^a-z]*[\u4e00-\u9fff][\s\S]*。", refused.value.sentence)
    return refused.value.sentence


def altered(data: bytes, name: str, before: bytes, after: bytes) -> bytes:
    """The same archive with one part changed."""
    with ZipFile(BytesIO(data)) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    assert before in parts[name]
    return zipped(parts | {name: parts[name].replace(before, after)})


# --- Files that are no workbook


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "空文件"),
        (b"\xef\xbb\xbf\xe5\xa7\x93\xe5\x90\x8d,a\r\n", "CSV"),
        ("姓名\t证件号码\n".encode("gb18030"), "CSV"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "图片"),
        (b"\x89PNG\r\n\x1a\n\0", "图片"),
        (b"Rar!\x1a\x07\0", "压缩包"),
        (b"\0\1\2\3" * 100, "不是 Excel"),
        (zipped({"花名册.xlsx": person_book()}), "压缩包"),
        (zipped({"word/document.xml": b"<w/>"}), "Word"),
        (zipped({"xl/workbook.bin": b"x"}), "xlsb"),
        (zipped({"mimetype": b"x", "content.xml": b"<x/>"}), "OpenDocument"),
        (zipped({"readme.txt": b"x"}), "不是 Excel"),
        (zipped({"xl/workbook.xml": b"<workbook/>"}), "结构不正常"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "旧版 .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
    ],
)
def test_a_file_that_only_bears_the_name_is_told_for_what_it_is(data: bytes, told: str) -> None:
    assert told in refusal(data)


def test_a_file_over_the_limit_is_refused_before_a_child_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "_child", None)
    assert "文件有 10.0 MB，超过上限 10 MB" in refusal(b"PK\3\4" + bytes(MAX_BYTES))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_dropped_upload_is_told_as_such(kept: float) -> None:
    data = person_book()
    assert "不完整" in refusal(data[: int(len(data) * kept)])


def test_a_flipped_bit_is_noticed() -> None:
    data = bytearray(person_book())
    place = data.index(b"xl/worksheets/sheet1.xml") + 60
    data[place] ^= 0xFF
    assert "损坏" in refusal(bytes(data))


# --- Parts that do not belong into an honest workbook


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("xl/vbaProject.bin", "宏"),
        ("xl/macrosheets/sheet1.xml", "宏"),
        ("xl/externalLinks/externalLink1.xml", "断开链接"),
    ],
)
def test_macros_and_links_to_other_files_are_refused(part: str, told: str) -> None:
    assert told in refusal(raw_book(sheet_xml(GOOD), extra={part: b"<x/>"}))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_document_type_is_refused_in_any_part(part: str) -> None:
    billion = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst>&b;</sst>'
    assert "结构不正常" in refusal(raw_book(sheet_xml(GOOD), extra={part: billion}))


def test_utf_16_that_would_hide_the_rest_is_refused() -> None:
    hidden = sheet_xml('<row r="1">' + CELL.format("XFD1048576") + "</row>").decode().encode("utf-16")
    assert "结构不正常" in refusal(raw_book(hidden))


def test_one_part_twice_is_refused() -> None:
    data = raw_book(sheet_xml(GOOD), extra={"xl/Worksheets/SHEET1.xml": sheet_xml(GOOD)})
    assert "结构不正常" in refusal(data)


def test_a_part_with_a_password_is_refused() -> None:
    data = bytearray(raw_book(sheet_xml(GOOD)))
    directory = data.rindex(b"PK\1\2")
    data[directory + 8] |= 1
    assert "密码" in refusal(bytes(data))


# --- Bombs


def test_a_bomb_is_refused_while_it_unpacks() -> None:
    blank = b" " * (1024 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([packer.compress(blank) for _ in range(1024)]) + packer.flush()
    assert len(packed) < 2 * 1024 * 1024
    assert "过大" in refusal(spliced(packed, size=1024**3))


def test_a_bomb_that_lies_about_its_size_is_refused_as_well() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([packer.compress(b" " * (1024 * 1024)) for _ in range(1024)]) + packer.flush()
    assert "过大" in refusal(spliced(packed, size=100))


def test_a_part_that_is_not_what_its_header_says_is_refused() -> None:
    packed = zlib.compress(b"<x/>" * 100, 9, -15)
    assert "损坏" in refusal(spliced(packed, size=100))


def spliced(packed: bytes, *, size: int) -> bytes:
    """A good workbook with a part more, whose headers say `size`."""
    good = raw_book(sheet_xml(GOOD))
    name = b"xl/theme/theme1.xml"
    end = good.rindex(b"PK\5\6")
    start = struct.unpack("<I", good[end + 16 : end + 20])[0]
    count, length = struct.unpack("<HI", good[end + 10 : end + 16])
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), size, len(name), 0)
    local = b"PK\3\4" + fields + name + packed
    central = b"PK\1\2\x14\0" + fields + struct.pack("<HHHII", 0, 0, 0, 0, start) + name
    tail = struct.pack("<HHHHIIH", 0, 0, count + 1, count + 1, length + len(central), start + len(local), 0)
    return good[:start] + local + good[start:end] + central + b"PK\5\6" + tail


@pytest.mark.parametrize("far", ["XFD1048576", "A1048576", "A100000", "AAA1", "XFD1"])
def test_a_cell_far_from_the_data_is_named(far: str) -> None:
    row = re.sub("[A-Z]", "", far)
    data = raw_book(sheet_xml(GOOD + f'<row r="{row}">{CELL.format(far)}</row>'))
    assert len(data) < 5000
    assert f"工作表“会员”的单元格 {far} 离数据很远却有内容" in refusal(data)


@pytest.mark.parametrize("reference", ["ZZ99999", "xfd1048576"])
def test_a_parser_that_asks_for_too_much_memory_takes_only_its_child_along(reference: str) -> None:
    row = re.sub("[A-Za-z]", "", reference)
    data = raw_book(sheet_xml(text_row(1, HEADINGS) + f'<row r="{row}">{CELL.format(reference)}</row>'))
    assert "内容过大或已损坏" in refusal(data)


def test_single_quotes_do_not_get_past_the_child() -> None:
    far = "<c r='XFD1048576' t='inlineStr'><is><t>x</t></is></c>"
    data = raw_book(sheet_xml(text_row(1, HEADINGS) + f"<row r='1048576'>{far}</row>"))
    assert "内容过大或已损坏" in refusal(data)


def test_a_lying_dimension_harms_nobody() -> None:
    data = raw_book(sheet_xml(GOOD, before='<dimension ref="A1:XFD1048576"/>'))
    assert len(read(data, COLUMNS, max_rows=100).rows) == 1


def test_a_merged_range_over_the_whole_sheet_harms_nobody() -> None:
    merged = '<mergeCells count="1"><mergeCell ref="A3:XFD1048576"/></mergeCells>'
    assert len(read(raw_book(sheet_xml(GOOD, after=merged)), COLUMNS, max_rows=100).rows) == 1


def test_formatted_blank_rows_down_to_the_end_are_no_reason_to_refuse() -> None:
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="0"/><c r="B{n}" s="0"></c></row>' for n in range(3, 300_000))
    last = '<row r="1048576" spans="1:16384"><c r="XFD1048576" s="0"/></row>'
    sheet = read(raw_book(sheet_xml(GOOD + blank + last)), COLUMNS, max_rows=1)
    assert [row.number for row in sheet.rows] == [2]


def test_a_tag_cut_by_a_window_is_still_seen() -> None:
    padding = "".join(f"<!-- {'x' * 50_000} -->" for _ in range(60))
    rows = "".join(text_row(n, PERSON) for n in range(2, 20_000))
    far = f'<row r="100000">{CELL.format("A100000")}</row>'
    assert "A100000" in refusal(raw_book(sheet_xml(text_row(1, HEADINGS) + padding + rows + far)))


def test_a_workbook_without_a_visible_sheet_says_so() -> None:
    data = altered(person_book(), "xl/workbook.xml", b'state="visible"', b'state="hidden"')
    assert "取消隐藏" in refusal(data)


def test_many_hostile_files_leave_no_child_behind() -> None:
    before = children()
    for _ in range(3):
        test_a_parser_that_asks_for_too_much_memory_takes_only_its_child_along("ZZ99999")
    assert children() == before


# --- What one file may cost the process that serves pages

TAGS = [
    '<row hidden="1" ', '<row hidden="1">', '<c t="e" ', '<c t="e"><v>', "<c ><f>", "<c ><f ", "<c ><f/><v>", '<c r="XFD1" ',
    '<c r="XFD1"/>', "<a:c ", '<col hidden="1" min="1" max="9"/>', "<", '="', "<!-- ",
]  # fmt: skip
"""What can be opened, left open, nested and repeated."""


@pytest.mark.parametrize("inside", ["", "<row ", "<c "])
@pytest.mark.parametrize("piece", TAGS)
def test_twice_the_tags_take_no_more_than_three_times_as_long(piece: str, inside: str) -> None:
    def seconds(count: int) -> float:
        data = raw_book(("<worksheet>" + inside + piece * count).encode())
        start = time.process_time()
        with suppress(Refused):
            scan(data, 10_000)
        return time.process_time() - start

    assert not is_steep(seconds, 4_000)


HOSTILE = {
    "unclosed rows": "<worksheet>" + '<row hidden="1" ' * 600,
    "many of them": "<worksheet>" + '<row hidden="1" ' * 600_000,
    "one tag": "<worksheet><row " + 'hidden="1" ' * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_the_serving_process_nothing(name: str) -> None:
    data = raw_book(HOSTILE[name].encode())
    start = time.process_time()
    refusal(data)
    assert time.process_time() - start < 0.5


def test_a_child_that_takes_too_long_is_killed_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "_START", "import time; time.sleep(600)")
    monkeypatch.setattr(child_processes, "TIME_LIMIT", 1)
    before = children()
    start = time.monotonic()
    assert "内容过大或已损坏" in refusal(person_book() + bytes(MAX_BYTES // 2))
    assert time.monotonic() - start < 10
    assert children() == before


def test_an_answer_is_taken_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "MAX_ANSWER", 100)
    assert "内容过大或已损坏" in refusal(person_book())


def test_a_file_too_many_at_once_is_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "_turns", child_processes.Semaphore(0))
    assert "现在正在读取的文件较多" in refusal(person_book())
    child_processes.limit_children(1)  # what monkeypatch keeps comes back
    for _ in range(2):
        refusal(b"PK")
        assert len(read(person_book(), COLUMNS, max_rows=10).rows) == 1


def test_pages_keep_a_thread_however_many_workbooks_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_processes, "_turns", None)
    door = reload(import_module("gonghui.config.asgi"))
    assert child_processes._turns._value == door.FILES_AT_ONCE < door.PAGE_THREADS


def test_a_row_too_long_to_be_checked_is_told() -> None:
    data = raw_book(sheet_xml(GOOD + text_row(3, [*PERSON[:3], "x" * 20_000])))
    assert "第 3 行的内容有 20" in refusal(data)


@pytest.mark.parametrize(
    "index",
    [
        b'<!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">]><workbook a="' + b"&a;" * 1000 + b'"/>',
        b'<?xml version="1.0" encoding="gb18030"?><workbook/>',
        b'<?xml version="1.0" encoding="unheard-of"?><workbook/>',
        b'<sheet "' * 100_000,
        b"<a>" * 500_000,
        b"<workbook>",
    ],
)
def test_an_index_that_is_no_plain_xml_is_refused(index: bytes) -> None:
    assert "结构不正常" in refusal(raw_book(sheet_xml(GOOD), extra={"xl/workbook.xml": index}))


def test_very_many_columns_of_others_are_not_all_named() -> None:
    told = read(book([*HEADINGS, *(f"列{n}" + "x" * 100 for n in range(400))], PERSON), COLUMNS, max_rows=10).notes[0]
    assert "等 400 列" in told
    assert len(told) < 800


def children() -> str:
    return Path(f"/proc/self/task/{Path('/proc/thread-self').readlink().name}/children").read_text()


def test_a_second_visible_sheet_is_scanned_too() -> None:
    workbook = Workbook()
    workbook.active.append(HEADINGS)
    workbook.active.append(PERSON)
    workbook.create_sheet("备注")["XFD1048576"] = "x"
    assert "工作表“备注”的单元格 XFD1048576" in refusal(saved(workbook))


def test_the_child_imports_neither_django_nor_a_writer() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import gonghui.kit.excel.child; print(*sys.modules)"
    source = str(Path(sys.modules["gonghui.kit"].__file__ or "").parents[2])
    told = subprocess.run([sys.executable, "-I", "-c", code, source], capture_output=True, text=True, check=True).stdout
    assert not {"django", "xlsxwriter", "rustpy_xlsxwriter", "openpyxl"} & set(told.split())

"""The fixed-column format, GB 18030, that docs/card-maker.md describes for the card maker.

Widths are bytes. Texts are left-aligned, filled with spaces; numbers right-aligned, filled with zeros. Each line ends
with CR LF. The last line has the SM3 digest of all bytes before it. No byte of a GB 18030 character is a space, CR or
LF, so columns can be cut and stripped as bytes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice

from cryptography.hazmat.primitives import hashes

from gonghui.cards.makers.base import BadFile, Head, Outcome, Record, Source, Unprintable, sm3
from gonghui.cards.states import Purpose
from gonghui.members.codes import DocumentType, Sex

ENCODING = "gb18030"
END = b"\r\n"
VERSION = "01"
MAX_LINE_BYTES = 4_096
"""A file with so many bytes without an end of line is not a file of lines."""

PURPOSES = {Purpose.NEW: "N", Purpose.REPLACEMENT: "R", Purpose.LOSS: "L", Purpose.CANCELLATION: "C"}
SEXES = {Sex.UNKNOWN: "0", Sex.MALE: "1", Sex.FEMALE: "2"}  # GB/T 2261.1
DOCUMENTS = {
    DocumentType.RESIDENT_ID: "01",
    DocumentType.PASSPORT: "02",
    DocumentType.HK_MACAO_PERMIT: "03",
    DocumentType.TAIWAN_PERMIT: "04",
    DocumentType.HMT_RESIDENCE: "05",
    DocumentType.FOREIGN_PERMANENT: "06",
    DocumentType.OTHER: "99",
}

Columns = Mapping[str, int]
HEAD: Columns = {"mark": 1, "version": 2, "order": 12, "purpose": 1, "foreign": 1, "day": 8, "count": 8}
LINE: Columns = {
    "mark": 1, "sequence": 8, "member_number": 10, "printed_name": 100, "name": 200, "document_type": 2,
    "document_number": 60, "sex": 1, "born_on": 8, "mobile": 11, "address": 160, "union_code": 9, "nczy": 3,
    "union_name": 200, "card_number": 19,
}  # fmt: skip
FOOT: Columns = {"mark": 1, "order": 12, "count": 8, "digest": 64}
RESULT_HEAD: Columns = {"mark": 1, "version": 2, "order": 12, "day": 8, "count": 8}
RESULT: Columns = {
    "mark": 1, "sequence": 8, "member_number": 10, "result": 1, "card_number": 19, "failure_code": 4, "failure": 60,
}  # fmt: skip
NAMES = {
    "printed_name": "卡面姓名", "name": "姓名", "document_number": "证件号码", "mobile": "移动电话", "address": "联系地址",
    "union_name": "工会名称", "failure": "失败原因",
}  # fmt: skip

_purposes, _sexes, _documents = (
    {code: value for value, code in codes.items()} for codes in (PURPOSES, SEXES, DOCUMENTS)
)
_control = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class FixedColumns:
    """See the module."""

    key = "fixed_columns"
    label = "定长文本（GB 18030）"
    extension = "txt"

    def head(self, head: Head) -> bytes:
        return _pack(HEAD, "H", VERSION, head.order, PURPOSES[Purpose(head.purpose)], str(int(head.foreign)), f"{head.day:%Y%m%d}", f"{head.count:08}")  # fmt: skip

    def line(self, record: Record) -> bytes:
        return _pack(
            LINE, "D", f"{record.sequence:08}", record.member_number, record.printed_name, record.name,
            DOCUMENTS[DocumentType(record.document_type)], record.document_number, SEXES[Sex(record.sex)],
            f"{record.born_on:%Y%m%d}", record.mobile, record.address, record.union_code, record.nczy,
            record.union_name, record.card_number,
        )  # fmt: skip

    def foot(self, head: Head, body: Source) -> bytes:
        return _pack(FOOT, "T", head.order, f"{head.count:08}", sm3(body()))

    def read_order(self, source: Source) -> tuple[Head, list[Record]]:
        """Returns what ``head``, ``line`` and ``foot`` wrote, to prove that nothing is lost. Raises BadFile."""
        top, lines = _frame(source, HEAD, LINE, "H")
        head = Head(
            top["order"], _purposes[top["purpose"]], top["foreign"] == "1", _day(top["day"], 1), int(top["count"])
        )
        return head, [_record(row, values) for row, values in lines]

    def write_results(self, order: str, day: date, outcomes: Iterable[Outcome]) -> bytes:
        lines = [
            _pack(RESULT, "D", f"{outcome.sequence:08}", outcome.member_number, "0" if outcome.made else "1", outcome.card_number, outcome.failure_code, outcome.failure)
            for outcome in outcomes
        ]  # fmt: skip
        body = _pack(RESULT_HEAD, "R", VERSION, order, f"{day:%Y%m%d}", f"{len(lines):08}") + b"".join(lines)
        return body + _pack(FOOT, "T", order, f"{len(lines):08}", sm3([body]))

    def read_results(self, source: Source, order: str) -> Iterator[Outcome]:
        _, lines = _frame(source, RESULT_HEAD, RESULT, "R", order)
        return (_outcome(row, values) for row, values in lines)


def _pack(columns: Columns, *values: str) -> bytes:
    cells = []
    for (name, width), value in zip(columns.items(), values, strict=True):
        label = NAMES.get(name, name)
        if _control.search(value) or value != value.strip(" "):
            raise Unprintable(f"{label}中有不能写入制卡文件的字符（换行、控制符或首尾空格）")
        try:
            cell = value.encode(ENCODING)
        except UnicodeEncodeError:
            raise Unprintable(f"{label}中有不能写入制卡文件的字符") from None
        if len(cell) > width:
            raise Unprintable(f"{label}超过制卡文件的长度（{width} 字节）")
        cells.append(cell.ljust(width))
    return b"".join(cells) + END


def _frame(
    source: Source, head: Columns, body: Columns, mark: str, order: str = ""
) -> tuple[dict[str, str], Iterator[tuple[int, dict[str, str]]]]:
    """Returns the values of the head and the lines, after a check of encoding, lengths, order, count and digest.

    Reads the file twice, line by line: a large one takes no more memory than a small one.
    """
    top, lines = _whole(source, head, body, mark, order)
    return top, ((row, _cut(body, line, row)) for row, line in enumerate(islice(_rows(source), 1, lines + 1), 2))


def _rows(source: Source) -> Iterator[bytes]:
    """Yields each line with its end; bytes after the last end come without one."""
    remainder = b""
    for piece in source():
        *lines, remainder = (remainder + piece).split(END)
        yield from (line + END for line in lines)
        if len(remainder) > MAX_LINE_BYTES:
            break
    if remainder:
        yield remainder


def _whole(source: Source, head: Columns, body: Columns, mark: str, order: str) -> tuple[dict[str, str], int]:
    """Checks the whole file. Returns the head's values, and the number of lines between head and foot."""
    rows = _rows(source)
    first = next(rows, b"")
    top = _top(head, first, mark, order)
    digest = hashes.Hash(hashes.SM3())
    digest.update(first)
    row, foot = 1, b""
    for row, line in enumerate(rows, 2):
        if foot:
            raise BadFile(f"结尾行（第 {row - 1} 行）之后还有内容。请使用制卡方发来的原文件。")
        _refuse_line(row, line, FOOT if line.startswith(b"T") else body)
        if line.startswith(b"T"):
            foot = line
        else:
            digest.update(line)
    if not foot:
        raise _cut_off(row)
    bottom, lines = _cut(FOOT, foot, row), row - 2
    if not top["count"].isdecimal() or int(top["count"]) != lines or bottom["count"] != top["count"]:
        raise BadFile(
            f"文件头写明 {top['count'].lstrip('0') or '0'} 行，实际有 {lines} 行。请让制卡方重新发送完整的文件。"
        )
    if bottom["order"] != top["order"] or bottom["digest"] != digest.finalize().hex():
        raise BadFile("文件内容与末行的校验值不符，可能在传输中被改动过。请让制卡方重新发送，不要打开后另存。")
    return top, lines


def _top(head: Columns, line: bytes, mark: str, order: str) -> dict[str, str]:
    if not line:
        raise BadFile("文件是空的，请选择制卡方返回的结果文件。")
    if line.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadFile("文件的编码不是 GB 18030（可能打开后另存成了 UTF-8 或 Unicode）。请使用制卡方发来的原文件。")
    if mark == "R" and line.startswith(f"H{VERSION}".encode()):
        raise BadFile("这是导出给制卡方的制卡文件，不是结果文件。请选择制卡方返回的结果文件。")
    if not line.startswith(f"{mark}{VERSION}".encode()):
        raise BadFile("这不是制卡结果文件：第 1 行的标识不对。请选择制卡方返回的结果文件。")
    _refuse_line(1, line, head)
    top = _cut(head, line, 1)
    if order and top["order"] != order:
        raise BadFile(
            f"这是订单 {top['order']} 的结果文件，不是本订单 {order} 的。请到订单 {top['order']} 的页面读入。"
        )
    return top


def _refuse_line(row: int, line: bytes, columns: Columns) -> None:
    """Refuses a line that is cut off, has another encoding or another length: an editor has changed it."""
    text, width = line.removesuffix(END), sum(columns.values())
    if len(text) <= width and not line.endswith(END):
        raise _cut_off(row)
    try:
        control = _control.search(text.decode(ENCODING))
    except UnicodeDecodeError:
        raise BadFile(f"第 {row} 行不是 GB 18030 编码的文字（可能打开后另存过）。请使用制卡方发来的原文件。") from None
    if control:
        raise BadFile(f"第 {row} 行中有控制字符（如用空字节代替了空格）。请让制卡方按格式重新发送。")
    if len(text) != width:
        raise BadFile(f"第 {row} 行的长度不对，应为 {width} 字节，现在是 {len(text)} 字节。请使用制卡方发来的原文件。")


def _cut_off(row: int) -> BadFile:
    return BadFile(f"文件在第 {row} 行中断，没有结尾行。请重新取得完整的文件。")


def _cut(columns: Columns, line: bytes, row: int) -> dict[str, str]:
    values, start = {}, 0
    try:
        for name, width in columns.items():
            values[name] = line[start : start + width].decode(ENCODING).rstrip(" ")
            start += width
    except UnicodeDecodeError:
        raise BadFile(f"第 {row} 行的列没有对齐。请使用制卡方发来的原文件。") from None
    return values


def _day(text: str, row: int) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadFile(f"第 {row} 行的日期不对。") from None


def _record(row: int, values: dict[str, str]) -> Record:
    return Record(
        int(values["sequence"]), values["member_number"], values["printed_name"], values["name"],
        _documents[values["document_type"]], values["document_number"], _sexes[values["sex"]],
        _day(values["born_on"], row), values["mobile"], values["address"], values["union_code"], values["nczy"],
        values["union_name"], values["card_number"],
    )  # fmt: skip


def _outcome(row: int, values: dict[str, str]) -> Outcome:
    if values["mark"] != "D" or values["result"] not in ("0", "1"):
        raise BadFile(f"第 {row} 行的结果标志不对，应为 0（成功）或 1（失败）。请让制卡方核对后重新发送。")
    if not re.fullmatch(r"[0-9]{8}", values["sequence"]) or int(values["sequence"]) == 0:
        raise BadFile(f"第 {row} 行的序号不是 8 位数字。请让制卡方核对后重新发送。")
    code, failure = values["failure_code"], values["failure"]
    if values["result"] == "0" and (code or failure):
        raise BadFile(f"第 {row} 行既是成功又有失败原因。请让制卡方核对后重新发送。")
    if values["result"] == "1" and not re.fullmatch(r"[0-9A-Z]{1,4}", code):
        raise BadFile(f"第 {row} 行是失败的结果，应有失败代码、没有卡号。请让制卡方核对后重新发送。")
    return Outcome(row, int(values["sequence"]), values["member_number"], values["card_number"], code, failure)

"""Scans an uploaded workbook before it is parsed, with bounded memory and time.

A parser trusts the file: a workbook of 4.7 KB with cells at A1 and XFD1048576 makes calamine abort its process, one of
1 MB takes 3 GB. The scan therefore inflates every part once, in pieces, and counts the bytes; it refuses what no valid
workbook contains. It also notes what calamine does not report: formulas without a value, error values, hidden rows and
columns.

It runs only in the child process (`child`), because a regular expression blocks the interpreter. The time of each
pattern grows with the number of bytes, not with its square: it begins at a `<`, does not match past the next `<`, and
does not backtrack (`*+`).

Formatted blank cells are allowed: neither the limits here nor calamine count cells without a value (a sheet with
1,048,576 such rows is read in 3 s and 15 MB).
"""

import posixpath
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from gonghui.kit.errors import Refused

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO, RATIO_FROM = 100, 16 * 1024 * 1024
"""Normal workbooks unpack to 12-28 times their size; below RATIO_FROM bytes any ratio is harmless."""
MAX_PARTS = 1000
MAX_ROW, MAX_COLUMN = 99_999, 702
"""Cells with a value must be within A1:ZZ99999: calamine needs 32 bytes for each cell of their area."""
MAX_INDEX_PART = 4 * 1024 * 1024
MAX_ODD_CELLS = 100_000
_PIECE = 1024 * 1024
_UNREAD = ("customxml/", "docprops/")
"""Parts that no reader opens. Power Query stores its queries in the first, in UTF-16."""

_DAMAGED = "文件不完整或已损坏，可能是上传中断造成的。请用 Excel 或 WPS 重新打开、保存后再上传。"
_TOO_LARGE = "文件解压后内容过大，无法读取。请把数据复制到新下载的模板中，再保存上传。"
_NOT_WORKBOOK = "这不是 Excel 工作簿（.xlsx）。请用 Excel 或 WPS 打开，选择“另存为”，类型选 .xlsx，再上传。"
_UNUSUAL = "工作簿的内部结构不正常，不能读取。请用 Excel 或 WPS 打开，另存为新的 .xlsx 文件后再上传。"

_BEGINNINGS = (
    (b"%PDF", "这是 PDF 文件，只是改名成了 .xlsx。请上传由模板填写的 Excel 工作簿。"),
    (b"\xff\xd8\xff", "这是图片文件，只是改名成了 .xlsx。请上传由模板填写的 Excel 工作簿。"),
    (b"\x89PNG", "这是图片文件，只是改名成了 .xlsx。请上传由模板填写的 Excel 工作簿。"),
    (b"GIF8", "这是图片文件，只是改名成了 .xlsx。请上传由模板填写的 Excel 工作簿。"),
    (b"Rar!", "这是压缩包，请先解压，再上传其中的 .xlsx 文件。"),
    (b"7z\xbc\xaf", "这是压缩包，请先解压，再上传其中的 .xlsx 文件。"),
)


@dataclass(slots=True)
class SheetFacts:
    """The facts of a sheet that calamine does not report."""

    odd: dict[str, str] = field(default_factory=dict)
    """Cells by reference (B5): an error code, or "" for a formula without a value."""
    hidden_rows: set[int] = field(default_factory=set)
    """Numbers of hidden rows (from 1), up to MAX_ROW."""
    hidden_columns: set[tuple[int, int]] = field(default_factory=set)
    """First and last column (from 1) of each hidden range."""
    rows: int = 0
    values: int = 0
    """Numbers of scanned rows, and of scanned cells with a value."""

    @property
    def is_full(self) -> bool:
        """Whether a cell below MAX_ROW belongs to a long list, and is not a stray one."""
        return min(self.rows, self.values) > MAX_ROW * 9 // 10


@dataclass(slots=True)
class Scan:
    """The visible sheets by name, in the workbook's order, and its date system."""

    sheets: dict[str, SheetFacts]
    epoch_1904: bool


def scan(data: bytes, max_rows: int) -> Scan:
    """Checks a workbook, and returns its facts for a reader of `max_rows` rows. Raises Refused if it is invalid."""
    _check_beginning(data)
    parts = _parts(data)
    meter = _Meter(len(data))
    workbook = _index_part(data, parts["xl/workbook.xml"], "sheet", "workbookPr")
    relations = _index_part(data, parts["xl/_rels/workbook.xml.rels"], "Relationship")
    sheets, paths, reached = _visible_sheets(workbook["sheet"], relations["Relationship"], parts)
    for path, info in parts.items():
        pieces = _inflate(data, info, meter)
        if name := paths.get(path):
            _scan_sheet(pieces, name, sheets[name], max_rows)
        elif path in reached or (path.endswith((".xml", ".rels", ".vml")) and not path.startswith(_UNREAD)):
            _scan_part(pieces)
        else:
            for _ in pieces:
                pass
    settings = workbook["workbookPr"]
    return Scan(sheets, epoch_1904=any(setting.get("date1904") in ("1", "true") for setting in settings))


def check_size(data: bytes) -> None:
    """Checks the size: the only check outside the child process. Raises Refused."""
    if not data:
        raise Refused("这是一个空文件，可能没有上传完整。请重新选择文件上传。")
    if len(data) > MAX_BYTES:
        raise Refused(
            f"文件有 {len(data) / 1024 / 1024:.1f} MB，超过上限 {MAX_BYTES // 1024 // 1024} MB。"
            "请删除图片和多余的格式（可把数据复制到新下载的模板中），或拆分成几个文件分别上传。"
        )


def _check_beginning(data: bytes) -> None:
    """Checks by the first bytes that a file named .xlsx is one. Raises Refused with its real type."""
    if data.startswith(b"PK"):
        return
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Refused("文件有密码保护，无法读取。请用 Excel 或 WPS 打开，取消密码后保存，再上传。")
        raise Refused("这是旧版 .xls 文件。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。")
    for beginning, sentence in _BEGINNINGS:
        if data.startswith(beginning):
            raise Refused(sentence)
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        raise Refused("这是网页格式的表格，只是改名成了 .xlsx。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。")
    if b"\0" not in start:
        raise Refused("这是 CSV 或文本文件，只是改名成了 .xlsx。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。")
    raise Refused(_NOT_WORKBOOK)


def _parts(data: bytes) -> dict[str, ZipInfo]:
    """Returns the archive's entries by name (as calamine compares them: any case, either slash). Raises Refused."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        raise Refused(_DAMAGED) from None
    parts = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("文件有密码保护，无法读取。请取消密码后再上传。")
    _check_kind(parts)
    unusual = any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries)
    if unusual or len(parts) != len(entries) or len(parts) > MAX_PARTS or "xl/_rels/workbook.xml.rels" not in parts:
        raise Refused(_UNUSUAL)
    return parts


def _check_kind(parts: Iterable[str]) -> None:
    names = list(parts)
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refused("工作簿含有宏，不能导入。请另存为不含宏的 .xlsx 文件后再上传。")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise Refused(
            "工作簿链接了其他文件的数据，可能不是最新的。请在“数据”的“编辑链接”中断开链接，或把公式粘贴为“数值”，保存后再上传。"
        )
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise Refused("这是 .xlsb 二进制工作簿。请另存为 .xlsx 后再上传。")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise Refused("这是 Word 或 PowerPoint 文档，只是改名成了 .xlsx。请上传由模板填写的 Excel 工作簿。")
    if "content.xml" in names and "mimetype" in names:
        raise Refused("这是 OpenDocument 表格（.ods）。请另存为 .xlsx 后再上传。")
    if any(name.endswith((".xlsx", ".xls", ".csv", ".et")) for name in names):
        raise Refused("这是压缩包，请先解压，再上传其中的 .xlsx 文件。")
    raise Refused(_NOT_WORKBOOK)


class _Meter:
    """Counts the unpacked bytes of a file of a given size. Raises Refused at the limit."""

    def __init__(self, packed: int, limit: int = MAX_UNPACKED) -> None:
        self.limit = min(limit, max(RATIO_FROM, packed * MAX_RATIO))
        self.count = 0

    def add(self, size: int) -> None:
        self.count += size
        if self.count > self.limit:
            raise Refused(_TOO_LARGE)


def _inflate(data: bytes, info: ZipInfo, meter: _Meter) -> Iterator[bytes]:
    """Yields the content of one entry in pieces. The sizes in its headers are compared, but not trusted."""
    header = data[info.header_offset : info.header_offset + 30]
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise Refused(_DAMAGED)
    start = info.header_offset + 30 + sum(struct.unpack("<HH", header[26:30]))
    remaining = data[start : start + info.compress_size]
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == ZIP_DEFLATED else None
    size = checksum = 0
    while remaining:
        try:
            piece = inflater.decompress(remaining, _PIECE) if inflater else remaining
        except zlib.error:
            raise Refused(_DAMAGED) from None
        remaining = inflater.unconsumed_tail if inflater else b""
        meter.add(len(piece))
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != info.file_size or checksum != info.CRC:
        raise Refused(_DAMAGED)


Attributes = dict[str, str]


def _index_part(data: bytes, info: ZipInfo, *names: str) -> dict[str, list[Attributes]]:
    """Returns the attributes of a small part's elements, by element name, without namespace prefixes (r:id is id).

    Uses expat, because a sheet's name may contain any character reference; refuses custom entities.
    """
    elements: dict[str, list[Attributes]] = {name: [] for name in names}

    def start(name: str, attributes: Attributes) -> None:
        if (local := _local(name)) in elements:
            elements[local].append({_local(key): value for key, value in attributes.items()})

    def refuse(*_told: object) -> None:
        raise Refused(_UNUSUAL)

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    xml = b"".join(_inflate(data, info, _Meter(len(data), MAX_INDEX_PART)))
    _check_window(xml)
    try:
        parser.Parse(xml, True)
    except (ExpatError, LookupError, ValueError):  # the last two: the encoding is unknown or not allowed
        raise Refused(_UNUSUAL) from None
    return elements


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _visible_sheets(
    sheets: Iterable[Attributes], relations: Iterable[Attributes], parts: Mapping[str, ZipInfo]
) -> tuple[dict[str, SheetFacts], dict[str, str], set[str]]:
    """Returns the visible sheets by name, still without facts; their names by the path of their part; and the paths of
    all parts of the workbook. Skips a sheet whose part is missing, as Excel does.
    """
    targets, of_cells = {}, set()
    for relation in relations:
        path = posixpath.normpath(posixpath.join("/xl", relation.get("Target", "").replace("\\", "/")))
        targets[relation.get("Id")] = path.lstrip("/").lower()
        if relation.get("Type", "").endswith("/worksheet"):
            of_cells.add(relation.get("Id"))
    shown = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
    if not shown:
        raise Refused("工作簿里没有可见的工作表。请取消隐藏要导入的工作表后再上传。")
    whole = [sheet for sheet in shown if sheet.get("id") in of_cells and targets[sheet.get("id")] in parts]
    if not whole:
        raise Refused(_DAMAGED)
    facts = {sheet.get("name", ""): SheetFacts() for sheet in whole}
    return facts, {targets[sheet.get("id")]: sheet.get("name", "") for sheet in whole}, {*targets.values()}


def _windows(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the same bytes in windows that split no tag, and no row up to the length of two pieces."""
    remaining = b""
    for piece in pieces:
        window = remaining + piece
        cut = window.rfind(b"row>") + 4
        if cut < 4:
            cut = window.rfind(b"<")
        if cut < len(window) - 4 * _PIECE:
            raise Refused(_UNUSUAL)
        yield window[:cut]
        remaining = window[cut:]
    yield remaining


def _scan_part(pieces: Iterable[bytes]) -> None:
    for window in _windows(pieces):
        _check_window(window)


def _check_window(window: bytes) -> None:
    """Refuses XML with a document type (which can define entities) or in UTF-16 (which would hide all else)."""
    if b"\0" in window or (b"!" in window and (b"<!DOCTYPE" in window or b"<!ENTITY" in window)):
        raise Refused(_UNUSUAL)


_PREFIX = rb"(?:\w++:)?"
_CELL = rb"<" + _PREFIX + rb"c\s(%s[^<>]*+)>\s*+"
_FORMULA = rb"<" + _PREFIX + rb"f\b(?:[^<>]*+(?<=/)>|[^<>]*+>[^<]*+</" + _PREFIX + rb"f>)\s*+"
_EMPTY_VALUE = rb"<" + _PREFIX + rb"v\s*+(?:/>|>\s*+</" + _PREFIX + rb"v>)\s*+"

# Faster than _far, which also recognises blank cells.
_perhaps_far = re.compile(rb"""r="[A-Z](?:\d{6}|[A-Z](?:\d{6}|[A-Z]))""")
_far = re.compile(rb"<" + _PREFIX + rb"""c\s(?=[^<>]*?\br="([A-Z]{1,2}\d{6,}+|[A-Z]{3,}+\d++)")[^<>]*+(?<!/)>(?!</)""")
_uncalculated = re.compile(_CELL % b"" + _FORMULA + rb"(" + _EMPTY_VALUE + rb")?+</" + _PREFIX + rb"c>")
_error = re.compile(_CELL % rb"""(?=[^<>]*?\bt="e")""" + rb"(?:" + _FORMULA + rb")?+<" + _PREFIX + rb"v>([^<]*+)<")
_hidden = re.compile(rb"<" + _PREFIX + rb"""(row|col)\s(?=[^<>]*?\bhidden="(?:1|true)")([^<>]*+)>""")
_attribute = re.compile(rb"""(?:^|\s)(r|min|max)="([A-Z]{0,3}\d{1,7})\"""")


def _too_far(name: str, reference: str, full: bool, max_rows: int) -> Refused:
    """Returns the refusal of a cell outside the limits: a stray cell, or one of a list that is too long."""
    if full and len(reference.rstrip("0123456789")) < 3:
        return Refused(f"工作表“{name}”的数据超过 {MAX_ROW:,} 行，一次最多 {max_rows:,} 行。请拆分成几个文件分别上传。")
    return Refused(
        f"工作表“{name}”的单元格 {reference} 离数据很远却有内容。"
        "请删除多余的行和列（选中后右键“删除”），或把数据复制到新下载的模板中，再上传。"
    )


def _scan_sheet(pieces: Iterable[bytes], name: str, facts: SheetFacts, max_rows: int) -> None:
    """Checks the limits of one sheet, and fills in its facts. A fast `in` avoids the slow patterns for most windows."""
    for window in _windows(pieces):
        _check_window(window)
        facts.rows += window.count(b"row>")
        facts.values += window.count(b"</v>") + window.count(b"</is>") + window.count(b":v>") // 2
        if _perhaps_far.search(window) and (match := _far.search(window)):
            raise _too_far(name, match[1].decode()[:20], facts.is_full, max_rows)
        if b"f" in window and (b"<f" in window or b":f" in window):
            for attributes, empty in _uncalculated.findall(window):
                if not (empty and b't="str"' in attributes):  # ="" is calculated; its value is empty
                    _note(facts, attributes, b"")
        if b't="e"' in window:
            for attributes, code in _error.findall(window):
                _note(facts, attributes, code or b"#ERROR")
        if b'hidden="' in window:
            for tag, attributes in _hidden.findall(window):
                _note_hidden(facts, tag, attributes)


_reference = re.compile(r"[A-Z]{1,2}[1-9]\d{0,4}")
_code = re.compile(r"#[A-Z0-9/_]+[!?]?")


def _attributes(tag: bytes) -> Attributes:
    """Returns the numbers and references among a tag's attributes."""
    return {name.decode(): value.decode() for name, value in _attribute.findall(tag)}


def _note(facts: SheetFacts, attributes: bytes, code: bytes) -> None:
    """Notes an unusual cell; ignores it if its reference or error code is invalid."""
    reference = _attributes(attributes).get("r", "")
    if _reference.fullmatch(reference) and len(facts.odd) < MAX_ODD_CELLS:
        text = code[:20].decode("utf-8", "replace")
        facts.odd[reference] = text if not text or _code.fullmatch(text) else "#ERROR"


def _note_hidden(facts: SheetFacts, tag: bytes, attributes: bytes) -> None:
    numbers = {name: int(value) for name, value in _attributes(attributes).items() if value.isdecimal()}
    if tag == b"row" and numbers.get("r", MAX_ROW + 1) <= MAX_ROW:
        facts.hidden_rows.add(numbers["r"])
    elif tag == b"col" and {"min", "max"} <= numbers.keys():
        facts.hidden_columns.add((numbers["min"], min(numbers["max"], MAX_COLUMN)))

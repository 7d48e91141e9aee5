"""Reads a load's file from its sealed pieces, a piece at a time: memory does not grow with the file.

A CSV file is read here, in the job: Python's own reader holds one line and a cell of at most MAX_CELL, and executes
nothing. A workbook is read in the capped child, within its bounds (kit.excel). What a file is, its first bytes say.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice

from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.excel import MAX_BYTES, Cell, CellKind, Column, Problem, headings
from gonghui.kit.excel.cleaning import ODD, clean_value
from gonghui.registers.kinds import Read

EXCEL_ROWS = 99_999
MAX_CELL = 20_000
"""Characters of one cell. A quotation mark without its end swallows no more than this."""
MAX_LINE = 1_000_000
csv.field_size_limit(MAX_CELL)  # of the process: nobody else reads longer cells

ENCODINGS = (("utf-8", "UTF-8"), ("gb18030", "GBK（GB 18030）"))
_BEGINNINGS = (
    (b"%PDF", "这是 PDF 文件"),
    (b"\xff\xd8\xff", "这是图片"),
    (b"\x89PNG", "这是图片"),
    (b"GIF8", "这是图片"),
    (b"Rar!", "这是压缩包"),
    (b"7z\xbc\xaf", "这是压缩包"),
    (b"\x1f\x8b", "这是压缩包"),
    (b"\xd0\xcf\x11\xe0", "这是旧版 .xls 文件"),
    (b"<", "这是网页格式的文件"),
)
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“CSV UTF-8（逗号分隔）”或 .xlsx 后再上传。"
_CUT = (
    "文件在第 {line} 行中断，最后一行不完整，可能是导出或传输没有完成。没有载入任何一行，请重新导出完整的文件再上传。"
)

Pieces = Callable[[], Iterable[bytes]]
"""The file's pieces, from the first one each time it is called."""


class Source:
    """One file: ``read_as`` and ``notes`` for people, ``keys`` of the columns that it has, and its lines."""

    def __init__(self, read_as: str, notes: list[str], keys: Sequence[str], rows: Iterable[Read]) -> None:
        self.read_as, self.notes, self.keys, self._rows = read_as, notes, keys, rows

    def __iter__(self) -> Iterator[Read]:
        return iter(self._rows)


def opened(pieces: Pieces, size: int, filename: str, columns: Sequence[Column]) -> Source:
    """Returns the file's lines. Raises Refused: no known kind of file, headings are missing, a workbook is too large.

    Reading the lines raises Refused too, where the file turns out to be cut.
    """
    start = next(iter(pieces()), b"")[:4096]
    if not start:
        raise Refused("这是一个空文件，可能没有导出或上传完整。请重新选择文件上传。")
    if start.startswith(b"PK"):
        return _workbook(pieces, size, filename, columns)
    for beginning, told in _BEGINNINGS:
        if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(beginning):
            raise Refused(f"{told}，不是 CSV，没有载入任何一行。{_SAVE_AS}")
    if b"\0" in start or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Refused(f"这不是 CSV 文本（可能是 Unicode 文本或其他软件的文件），没有载入任何一行。{_SAVE_AS}")
    return _csv(pieces, columns)


def _workbook(pieces: Pieces, size: int, filename: str, columns: Sequence[Column]) -> Source:
    if size > MAX_BYTES:
        raise Refused(
            f"Excel 文件有 {size / 1024**2:.0f} MB，超过 {MAX_BYTES // 1024**2} MB，没有载入任何一行。请另存为 CSV 后上传，CSV 可以到 200 MB。"
        )
    sheet = excel.read(b"".join(pieces()), columns, max_rows=EXCEL_ROWS)
    notes = list(sheet.notes)
    if not filename.lower().endswith(".xlsx"):
        notes.insert(0, "文件名不是 .xlsx，内容是 Excel 工作簿，已按工作簿读取。")
    troubles: dict[int, list[Problem]] = {}
    for problem in sheet.troubles(columns):
        troubles.setdefault(problem.row, []).append(problem)
    rows = (Read(row.number, row.cells.texts(), troubles.get(row.number, ())) for row in sheet.rows)
    return Source("Excel 工作簿", notes, list(sheet.places), rows)


def _csv(pieces: Pieces, columns: Sequence[Column]) -> Source:
    encoding, name = _encoding(pieces())
    text = _Text(pieces(), encoding)
    records = _records(text)
    first = list(islice(records, headings.HEADING_ROWS))
    head = headings.find([cells for _, cells, _ in first], columns)
    headings.choose({"CSV": head}, columns, ["CSV"])
    notes = []
    if head.ignored:
        named = "、".join(heading[:30] for heading in head.ignored[:20])
        more = f" 等 {len(head.ignored)} 列" if len(head.ignored) > 20 else ""
        notes.append(f"这些列没有读取：{named}{more}。")
    width = next((len(cells) for line, cells, _ in first if line == head.row + 1), 0)
    wanted = [(column, head.places[column.key]) for column in columns if column.key in head.places]
    rows = _lines(chain(first, records), head.row + 1, width, wanted, text)
    return Source(f"CSV，{name}", notes, list(head.places), rows)


def _encoding(pieces: Iterable[bytes]) -> tuple[str, str]:
    """The first encoding in which the whole file can be read; a character that its end cuts is no matter here."""
    decoders = {one: codecs.getincrementaldecoder(one[0])() for one in ENCODINGS}
    for piece in pieces:
        for one, decoder in list(decoders.items()):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                del decoders[one]
        if not decoders:
            raise Refused(f"文件的文字编码既不是 UTF-8，也不是 GBK（GB 18030），没有载入任何一行。{_SAVE_AS}")
    return next(iter(decoders))


class _Text:
    """The lines of a text, which ends are its own: \\n, \\r\\n or \\r. ``whole`` tells after the last one whether it
    has an end.
    """

    def __init__(self, pieces: Iterable[bytes], encoding: str) -> None:
        self._pieces, self._encoding, self.whole, self.number = pieces, encoding, True, 0

    def __iter__(self) -> Iterator[str]:
        bytes_decoder = codecs.getincrementaldecoder(self._encoding)()
        decoder = io.IncrementalNewlineDecoder(bytes_decoder, translate=True)
        pending, first = "", True
        for piece in self._pieces:
            text = pending + decoder.decode(piece)
            if first:
                text, first = text.removeprefix("\ufeff"), False
            *lines, pending = text.split("\n")
            for line in lines:
                self.number += 1
                yield f"{line}\n"
            if len(pending) > MAX_LINE:
                raise Refused(f"第 {self.number + 1} 行超过 {MAX_LINE:,} 个字符，这不是一行一条的 CSV。{_SAVE_AS}")
        try:
            pending += decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise Refused(_CUT.format(line=self.number + 1)) from None
        if pending:
            self.number, self.whole = self.number + 1, False
            yield pending


def _records(text: _Text) -> Iterator[tuple[int, list[str], str]]:
    """Yields number, cells and what is wrong with it of each record; blank ones count, and are not yielded."""
    reader = csv.reader(text, strict=True)
    for number in count(1):
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise Refused(_CUT.format(line=number)) from None
            yield number, [], "双引号没有成对，或一格的内容过长"
            continue
        if any(cells):
            yield number, cells, ""


def _lines(
    records: Iterable[tuple[int, list[str], str]],
    head: int,
    width: int,
    wanted: Sequence[tuple[Column, int]],
    text: _Text,
) -> Iterator[Read]:
    """Yields the lines below the headings. Raises Refused for a last one that is shorter than they are and has no end."""
    held: Read | None = None
    short = False
    for number, cells, wrong in records:
        if number <= head:
            continue
        if held:
            yield held
        short = len(cells) < width
        held = _read(number, cells, wrong, width, wanted)
    if held and short and not text.whole:
        raise Refused(_CUT.format(line=held.line))
    if held:
        yield held


def _read(number: int, cells: list[str], wrong: str, width: int, wanted: Sequence[tuple[Column, int]]) -> Read:
    column = wanted[0][0]
    if not wrong and len(cells) < width:
        wrong = f"这一行只有 {len(cells)} 格，表头有 {width} 格"
    elif not wrong and any(cells[width:]):
        wrong = f"这一行比表头多出 {len(cells) - width} 格"
    if wrong:
        right = "内容中有逗号或换行的，请用双引号括起来"
        return Read(number, {}, [Problem(number, column.key, column.heading, "", wrong, right)])
    texts: dict[str, str] = {}
    troubles: list[Problem] = []
    for column, place in wanted:
        text = cells[place]
        if column.kind is CellKind.CODE or ODD.search(text) or text != text.strip():
            text, flag = clean_value(text, column.kind)
            if trouble := Cell(text, flag).trouble:
                troubles.append(Problem(number, column.key, column.heading, text, *trouble))
        texts[column.key] = text
    return Read(number, texts, troubles)

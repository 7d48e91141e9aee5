"""Reading an uploaded workbook: scanned here, parsed in a child process, handed on as rows of cleaned cells."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

from gonghui.kit.errors import Refused
from gonghui.kit.excel.cleaning import RECORD
from gonghui.kit.excel.model import FIELD, Cells, Column, Flag, Row, Sheet, letters
from gonghui.kit.excel.scanning import SheetFacts, scan

PIPE_SIZE = 1024 * 1024
"""Lets child and parent work at the same time; with the usual 64 KB they wait for each other."""
TIME_LIMIT = 30
"""Seconds a child may take; it takes one for 50,000 rows."""

_UNREADABLE = "文件内容过大或已损坏，读不出来。请把数据复制到新下载的模板中，保存后再上传。"
_SOURCE = str(Path(__file__).parents[3])
_START = "import sys; sys.path.insert(0, sys.argv[1]); from gonghui.kit.excel.child import main; main()"

logger = logging.getLogger(__name__)


def read(data: bytes, columns: Sequence[Column], *, max_rows: int) -> Sheet:
    """The rows with data of the one sheet that has the wanted headings.

    Rows that are blank, also formatted blank, are left out; hidden rows and columns are read like others (an officer
    who filters a list still means to send it) and reported in the sheet's notes.

    Raises Refused, with the sentence to show: not an honest workbook (`scan`), too large to parse within the child's
    limits, headings missing or double, no row or more than `max_rows` rows with data. What is wrong with a single
    cell is no reason to refuse: see `Cell.trouble` and `Sheet.troubles`.
    """
    with _child() as child:
        facts = scan(data)
        job = {
            "columns": [_wanted(column) for column in columns],
            "sheets": {name: sheet.odd for name, sheet in facts.sheets.items()},
            "max_rows": max_rows,
            "epoch_1904": facts.epoch_1904,
        }
        records = _ask(child, job, data)
        head = json.loads(next(records))
        sheet = Sheet(head["name"], head["heading_row"], head["places"], [], _notes(head, facts.sheets[head["name"]]))
        count = _fill(sheet, records, columns)
    if not count:
        raise Refused(f"工作表“{sheet.name}”只有表头，没有数据。请从表头下一行起填写后再上传。")
    if count > max_rows:
        raise Refused(f"共 {count} 行，超过上限 {max_rows} 行。请拆分成几个文件分别上传。")
    hidden = set(facts.sheets[sheet.name].hidden_rows)
    if hidden:
        _mark_hidden(sheet, hidden)
    return sheet


def raw_rows(data: bytes, sheet: str) -> Iterator[list[str]]:
    """All rows of a sheet from the first on, every column, blank ones too, as text. Raises Refused."""
    with _child() as child:
        scan(data)
        records = _ask(child, {"raw": sheet}, data)
        next(records)
        last = next(records)
        for record in records:
            yield last.split(FIELD)
            last = record


def _wanted(column: Column) -> dict[str, Any]:
    return {
        "key": column.key,
        "heading": column.heading,
        "required": column.required,
        "aliases": list(column.aliases),
        "kind": column.kind,
    }


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """A reader that starts up while the file is scanned, and that is gone afterwards whatever happens."""
    command = [sys.executable, "-I", "-c", _START, _SOURCE]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=PIPE_SIZE
    )
    timer = Timer(TIME_LIMIT, child.kill)
    timer.daemon = True
    timer.start()
    try:
        with child:
            try:
                yield child
            finally:
                child.kill()
    finally:
        timer.cancel()


def _ask(child: subprocess.Popen[bytes], job: Mapping[str, Any], data: bytes) -> Iterator[str]:
    """Send a job, and yield the answer's records as they come. Raises Refused also if the child died of the file."""
    stdin, stdout = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)  # both are pipes, see _child
    try:
        stdin.write(json.dumps(job).encode() + b"\n")
        stdin.write(data)
        stdin.close()
    except BrokenPipeError:
        pass  # it died early; the missing answer says so below
    last = ""
    for record in _records(stdout):
        if record.startswith('{"refused"'):
            raise Refused(json.loads(record)["refused"] or _UNREADABLE)
        last = record
        yield record
    if not last.isdecimal():
        logger.error("the workbook reader ended with %s", child.wait())
        raise Refused(_UNREADABLE)


def _records(stream: IO[bytes]) -> Iterator[str]:
    rest, end = b"", RECORD.encode()
    while piece := stream.read(256 * 1024):
        whole, found, rest = (rest + piece).rpartition(end)
        if found:
            yield from whole.decode().split(RECORD)


def _fill(sheet: Sheet, records: Iterator[str], columns: Sequence[Column]) -> int:
    """Append the rows, and return how many there are in the file."""
    found = [column.key for column in columns if column.key in sheet.places]
    absent = [column.key for column in columns if column.key not in sheet.places]
    places = {**{key: place for place, key in enumerate(found)}, **dict.fromkeys(absent)}
    append, count = sheet.rows.append, 0
    for record in records:
        number, *rest = record.split(FIELD, 2)
        if rest:
            append(Row(int(number), Cells(places, rest[1], _flags(rest[0]) if rest[0] else _NO_FLAGS)))
        else:
            count = int(number)
    return count


_NO_FLAGS: Mapping[int, tuple[Flag, str]] = {}


def _flags(told: str) -> dict[int, tuple[Flag, str]]:
    """Flags and details by place in the line, from the child's "index flag detail;..."."""
    found = {}
    for one in told.split(";"):
        index = one[: len(one) - len(one.lstrip("0123456789"))]
        found[int(index)] = (Flag(one[len(index)]), one[len(index) + 1 :])
    return found


def _notes(head: Mapping[str, Any], facts: SheetFacts) -> list[str]:
    notes = []
    places = head["places"].values()
    hidden = [place for place in sorted(places) if any(a <= place + 1 <= b for a, b in facts.hidden_columns)]
    if hidden:
        notes.append(f"第 {'、'.join(map(letters, hidden))} 列是隐藏的，也已一并读取，请核对。")
    if head["ignored"]:
        notes.append(f"这些列不在模板中，没有读取：{'、'.join(head['ignored'])}。")
    return notes


def _mark_hidden(sheet: Sheet, hidden: set[int]) -> None:
    found = [row for row in sheet.rows if row.number in hidden]
    for row in found:
        row.hidden = True
    if found:
        shown = "、".join(str(row.number) for row in found[:10]) + (" 等" if len(found) > 10 else "")
        sheet.notes.insert(0, f"有 {len(found)} 行是隐藏或被筛选掉的（第 {shown} 行），也已一并读取，请核对。")

"""Reads and marks uploaded workbooks. A child process scans and parses the file, and returns rows of cleaned cells.

This process never parses the file (``kit.children``).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from gonghui.kit import children
from gonghui.kit.errors import Refused
from gonghui.kit.excel.cleaning import RECORD
from gonghui.kit.excel.model import FIELD, Cells, Column, Flag, Problem, Row, Sheet
from gonghui.kit.excel.scanning import check_size

_UNREADABLE = "文件内容过大或已损坏，读不出来。请把数据复制到新下载的模板中，保存后再上传。"


def read(data: bytes, columns: Sequence[Column], *, max_rows: int) -> Sheet:
    """Returns the rows with data of the sheet that has the known headings.

    Skips blank rows, also formatted ones. Reads hidden rows and columns too (an officer who filters a list still means
    all of it), and reports them in the sheet's notes.

    Raises Refused when the file is no valid workbook (`scan`), exceeds the child's limits, headings are missing or
    doubled, there is no row or more than `max_rows` rows with data, or too many files are processed now. The error of a
    single cell is no refusal: see `Cell.trouble` and `Sheet.troubles`.
    """
    with _answered({"columns": _plain(columns), "max_rows": max_rows}, data) as answer:
        records = _records(answer)
        head = json.loads(next(records))
        sheet = Sheet(
            head["name"], head["heading_row"], head["places"], [], head["notes"], [*map(tuple, head["unread"])]
        )
        count = _fill(sheet, records, columns)
    if not count:
        raise Refused(f"工作表“{sheet.name}”只有表头，没有数据。请从表头下一行起填写后再上传。")
    if count > max_rows:
        raise Refused(f"共 {count:,} 行，一次最多 {max_rows:,} 行。请拆分成几个文件分别上传。")
    if head["hidden_rows"]:
        _mark_hidden(sheet, set(head["hidden_rows"]))
    return sheet


def mark(
    data: bytes,
    sheet: Sheet,
    columns: Sequence[Column],
    problems: Iterable[Problem],
    mended: Mapping[int, Mapping[str, str]] | None = None,
) -> bytes:
    """Returns a copy of the officer's workbook: rows in their places, cells with problems red and explained.

    `data` is the upload that `sheet` was read from; `mended` has texts, by row and column, that replace its own ones.
    A last column 「问题」 has each row's problems, a second sheet lists all of them. The officer can correct the
    result and upload it again. Raises Refused as `read`.
    """
    job = {
        "mark": {"name": sheet.name, "heading_row": sheet.heading_row, "places": sheet.places},
        "columns": _plain(columns),
        "max_rows": len(sheet.rows),
        "problems": [tuple(asdict(problem).values()) for problem in problems],
        "mended": mended or {},
    }
    with _answered(job, data) as answer:
        head, _, marked = b"".join(answer).partition(RECORD.encode())
        _refuse_if_told(head)
    return marked


def _plain(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [asdict(column) | {"choices": list(column.choices)} for column in columns]


@contextmanager
def _answered(job: Mapping[str, Any], data: bytes) -> Iterator[Iterator[bytes]]:
    """Yields a child's answer, which the caller reads inside the block. Raises Refused."""
    check_size(data)
    with children.answered("gonghui.kit.excel.child", job, data, unreadable=_UNREADABLE) as answer:
        yield answer


def _records(answer: Iterable[bytes]) -> Iterator[str]:
    """Yields the records of an answer. Raises Refused if a record is the child's refusal."""
    pending, end = [b""], RECORD.encode()
    for piece in answer:
        whole, separator, tail = piece.rpartition(end)
        if not separator:
            pending.append(tail)  # joined only at the end: otherwise the time would be quadratic in the length
            continue
        for record in b"".join([*pending, whole]).decode().split(RECORD):
            if record.startswith("{"):
                _refuse_if_told(record)
            yield record
        pending = [tail]


def _refuse_if_told(head: str | bytes) -> None:
    if (sentence := json.loads(head or "{}").get("refused")) is not None:
        raise Refused(sentence or _UNREADABLE)


def _fill(sheet: Sheet, records: Iterator[str], columns: Sequence[Column]) -> int:
    """Appends the rows; returns their number in the file."""
    present = [column.key for column in columns if column.key in sheet.places]
    absent = [column.key for column in columns if column.key not in sheet.places]
    places = {**{key: place for place, key in enumerate(present)}, **dict.fromkeys(absent)}
    append, count = sheet.rows.append, 0
    for record in records:
        number, *fields = record.split(FIELD, 2)
        if fields:
            append(Row(int(number), Cells(places, fields[1], _flags(fields[0]) if fields[0] else _NO_FLAGS)))
        else:
            count = int(number)
    return count


_NO_FLAGS: Mapping[int, tuple[Flag, str]] = {}


def _flags(text: str) -> dict[int, tuple[Flag, str]]:
    """Returns flags and details by place in the line, from the child's "index flag detail;..."."""
    flags = {}
    for item in text.split(";"):
        index = item[: len(item) - len(item.lstrip("0123456789"))]
        flags[int(index)] = (Flag(item[len(index)]), item[len(index) + 1 :])
    return flags


def _mark_hidden(sheet: Sheet, hidden: set[int]) -> None:
    rows = [row for row in sheet.rows if row.number in hidden]
    for row in rows:
        row.hidden = True
    if rows:
        shown = "、".join(str(row.number) for row in rows[:10]) + (" 等" if len(rows) > 10 else "")
        sheet.notes.insert(0, f"有 {len(rows)} 行是隐藏或被筛选掉的（第 {shown} 行），也已一并读取，请核对。")

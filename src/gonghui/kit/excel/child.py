"""The process that parses an uploaded file, with limits of memory and time: the file can crash only this process.

It reads a line of JSON (the job) and the workbook from stdin, scans it, parses it with calamine, and writes records
that end with RECORD to stdout. The first record is JSON: a refusal or the sheet. When reading, the rows follow, with
fields separated by FIELD: number, flags, one text for each found column. The last record is the number of rows with
data. When marking, the marked workbook follows. Exit status 0 means that the answer is complete.

It does not import Django, and a writer only for marking, so it starts in 60 ms.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain, islice, repeat
from operator import itemgetter
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gonghui.kit.caps import cap
from gonghui.kit.errors import Refused
from gonghui.kit.excel import headings
from gonghui.kit.excel.cleaning import ODD, RECORD, Value, clean_value
from gonghui.kit.excel.model import FIELD, CellKind, Column, Flag, Problem, Sheet, letters, place_of
from gonghui.kit.excel.scanning import Scan, SheetFacts, scan
from gonghui.kit.excel.writing import write_marked

MEMORY_LIMIT = 512 * 1024 * 1024
"""Address space. 50,000 rows x 11 columns take 92 MB, a file of 10 MB with a million different texts 162 MB."""
CPU_SECONDS = 15
"""CPU seconds. Reading 50,000 rows takes one; marking 10,000 rows with a problem each takes five."""
MAX_ROW_TEXT = 10_000
"""Maximum number of characters in a row's known columns. Checks of rows rely on it; Excel allows 32,767 per cell."""

MOST_NAMED, LONGEST_NAME, LONGEST_SENTENCE = 20, 30, 1000
"""Limits of quotations from the file: number and length of headings, length of a refusal."""

BLOCK = 500
"""Rows per write."""

Special = dict[int, dict[int, tuple[Flag, str]]]
"""Flags with their detail, by row and place (both 0-based), that do not depend on the cell's value."""


def main() -> None:
    """Runs one job."""
    cap(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS)
    job = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    try:
        facts = scan(data, job["max_rows"])
        with _open(data) as workbook:
            if "mark" in job:
                _mark(workbook, facts, job)
            else:
                _send(_answer(workbook, facts, job))
    except Refused as refused:
        _send([json.dumps({"refused": refused.sentence[:LONGEST_SENTENCE]})])
    except (CalamineError, MemoryError):
        _send([json.dumps({"refused": ""})])
    sys.stdout.flush()
    os._exit(0)  # skips the deallocation of a million cells


def _open(data: bytes) -> CalamineWorkbook:
    """Opens the workbook from a memory file if the system has it (Linux): half the time of BytesIO."""
    if not hasattr(os, "memfd_create"):
        return CalamineWorkbook.from_filelike(BytesIO(data))
    with os.fdopen(os.memfd_create("workbook"), "w+b") as file:
        file.write(data)
        file.flush()
        return CalamineWorkbook.from_path(f"/proc/self/fd/{file.fileno()}")


def _send(records: Iterable[str]) -> None:
    records = iter(records)
    while block := list(islice(records, BLOCK)):
        sys.stdout.buffer.write((RECORD.join(block) + RECORD).encode())


def _answer(workbook: CalamineWorkbook, facts: Scan, job: dict[str, Any]) -> Iterator[str]:
    columns = _columns(job)
    sheets = {name: workbook.get_sheet_by_name(name) for name in facts.sheets}
    heads = {name: headings.find(_first_rows(sheet), columns) for name, sheet in sheets.items()}
    filled = {name for name, sheet in sheets.items() if sheet.end and sheet.end[0] > heads[name].row}
    name = headings.choose(heads, columns, filled)
    head, sheet, noted = heads[name], sheets[name], facts.sheets[name]
    sheets.clear()
    yield json.dumps(
        {
            "name": name,
            "heading_row": head.row + 1,
            "places": head.places,
            "notes": _notes(head, noted),
            "unread": [
                (heading[:LONGEST_NAME], head.guesses.get(heading, "")) for heading in head.ignored[:MOST_NAMED]
            ],
            "hidden_rows": sorted(noted.hidden_rows),
        }
    )
    wanted = [(head.places[column.key], column.kind) for column in columns if column.key in head.places]
    special = _special(sheet, head.row, {place for place, _ in wanted}, noted.odd)
    records = _records(sheet, head.row + 1, wanted, special, epoch_1904=facts.epoch_1904)
    count = 0
    for count, record in enumerate(records, start=1):
        if count <= job["max_rows"]:
            yield record
    yield str(count)


def _columns(job: dict[str, Any]) -> list[Column]:
    return [Column(**{**column, "kind": CellKind(column["kind"])}) for column in job["columns"]]


def _notes(head: headings.Found, noted: SheetFacts) -> list[str]:
    """Returns sentences about columns; names only the first ones of many."""
    notes = []
    hidden = [
        letters(place)
        for place in sorted(head.places.values())
        if any(first <= place + 1 <= last for first, last in noted.hidden_columns)
    ]
    if hidden:
        notes.append(f"第 {'、'.join(hidden)} 列是隐藏的，也已一并读取，请核对。")
    if head.ignored:
        named = "、".join(heading[:LONGEST_NAME] for heading in head.ignored[:MOST_NAMED])
        others = f" 等 {len(head.ignored)} 列" if len(head.ignored) > MOST_NAMED else ""
        notes.append(f"这些列不在模板中，没有读取：{named}{others}。")
    return notes


def _mark(workbook: CalamineWorkbook, facts: Scan, job: dict[str, Any]) -> None:
    """Writes all rows and columns as text to a new workbook, with marked problems."""
    sheet = workbook.get_sheet_by_name(job["mark"]["name"])
    rows = _texts(sheet, facts, job)
    for reference, code in facts.sheets[job["mark"]["name"]].odd.items():
        row, place = _position(reference)
        if code and row < len(rows) and place < len(rows[row]):
            rows[row][place] = code
    problems = [Problem(*problem) for problem in job["problems"]]
    mended = {int(number): texts for number, texts in job["mended"].items()}
    marked = write_marked(rows, Sheet(rows=[], **job["mark"]), _columns(job), problems, mended)
    _send(["{}"])
    sys.stdout.buffer.write(marked)


def _texts(sheet: CalamineSheet, facts: Scan, job: dict[str, Any]) -> list[list[str]]:
    """Returns the texts of the cells; a number that has lost digits as Excel shows it, so it remains invalid."""
    places = job["mark"]["places"]
    kinds = {places[column.key]: column.kind for column in _columns(job) if column.key in places}
    start = sheet.start[1] if sheet.start else 0
    rows = []
    for number, values in enumerate(sheet.iter_rows()):
        texts = [""] * start
        for place, value in enumerate(values, start):
            kind = kinds.get(place, CellKind.TEXT) if number >= job["mark"]["heading_row"] else CellKind.TEXT
            text, flag = clean_value(value, kind, epoch_1904=facts.epoch_1904)
            lost = flag is Flag.LOST_DIGITS and not isinstance(value, str)
            texts.append(f"{value:.14E}" if lost else text)
        rows.append(texts)
    return rows


def _first_rows(sheet: CalamineSheet) -> list[list[Value]]:
    return sheet.to_python(skip_empty_area=False, nrows=headings.HEADING_ROWS) if sheet.start else []


def _special(sheet: CalamineSheet, heading_row: int, places: set[int], odd: dict[str, str]) -> Special:
    """Returns the cells covered by merged ranges, and those that the scan has noted."""
    special: Special = {}
    last = sheet.end[0] if sheet.end else -1
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if top <= heading_row:  # a title or a heading: it covers no row's value
            continue
        covered = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
        within = [place for place in places if left <= place <= right]
        for row in range(max(top, heading_row + 1), min(bottom, last) + 1):
            for place in within:
                if (row, place) != (top, left):
                    special.setdefault(row, {})[place] = (Flag.MERGED, covered)
    for reference, code in odd.items():
        row, place = _position(reference)
        if row > heading_row and place in places:
            special.setdefault(row, {})[place] = (Flag.ERROR, code) if code else (Flag.FORMULA, "")
    return special


def _position(reference: str) -> tuple[int, int]:
    """Returns the 0-based row and place of a cell: B5 is (4, 1)."""
    name = reference.rstrip("0123456789")
    return int(reference[len(name) :]) - 1, place_of(name)


def _records(
    sheet: CalamineSheet, first: int, wanted: Sequence[tuple[int, CellKind]], special: Special, *, epoch_1904: bool
) -> Iterator[str]:
    """Yields one record for each row with data, from 0-based row `first` on.

    Nearly all rows are plain text. They are joined and searched once, which is four times faster than cell by cell.
    """
    start = sheet.start[1] if sheet.start else 0
    indexes = [place - start for place, _ in wanted]
    pick = itemgetter(*indexes) if len(indexes) > 1 else itemgetter(slice(indexes[0], indexes[0] + 1))
    odd, join, gaps = ODD.search, FIELD.join, len(wanted) - 1
    blank = FIELD * gaps
    for number, row in enumerate(islice(_rows(sheet, special), first, None), start=first):
        values = pick(row)
        try:
            line = join(values)
        except TypeError:  # a number, a date
            line = FIELD + blank
        if line == blank and number not in special:
            continue
        flags = ""
        if line.count(FIELD) != gaps or odd(line) or number in special:
            texts, flags = _cleaned(values, wanted, special.get(number, {}), epoch_1904)
            line = join(texts)
            if line == blank and not flags:
                continue
        if len(line) > MAX_ROW_TEXT:
            raise Refused(
                f"第 {number + 1} 行的内容有 {len(line)} 个字，太长了，不能读取。请缩短这一行的内容后再上传。"
            )
        yield f"{number + 1}{FIELD}{flags}{FIELD}{line}"


def _rows(sheet: CalamineSheet, special: Special) -> Iterator[list[Value]]:
    """Yields the sheet's rows, then blank rows up to the last cell of the scan that calamine regards as blank."""
    behind = max(special, default=-1) + 1 - sheet.total_height
    return chain(sheet.iter_rows(), repeat([""] * sheet.width, max(0, behind)))


def _cleaned(
    values: Sequence[Value],
    wanted: Sequence[tuple[int, CellKind]],
    special: dict[int, tuple[Flag, str]],
    epoch_1904: bool,
) -> tuple[list[str], str]:
    """Returns the row's texts, and its flags as "index flag detail;...". A row with merged blanks only has no flags."""
    texts, flags, has_flags = [], [], False
    for index, (value, (place, kind)) in enumerate(zip(values, wanted, strict=True)):
        text, flag = clean_value(value, kind, epoch_1904=epoch_1904)
        detail = ""
        if place in special:
            flag, detail = special[place]
        elif flag is Flag.ERROR:
            detail = text
        texts.append(text)
        if flag:
            flags.append(f"{index}{flag}{detail}")
            has_flags = has_flags or flag is not Flag.MERGED or bool(text)
    return texts, ";".join(flags) if has_flags or any(texts) else ""

"""The process that lets calamine at an uploaded file: capped in memory and time, so that only it can die of the file.

It gets a line of JSON (the job) and the workbook on stdin, and answers on stdout with records that end in RECORD, of
fields parted by FIELD. A first record that begins with "{" carries the sheet, or the refusal. Then come the rows:
number, flags, one text for each column found. The last record is the number of rows with data, and proves that it
ended well. It imports neither Django nor a writer: it starts in 40 ms.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from operator import itemgetter
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from gonghui.kit.errors import Refused
from gonghui.kit.excel import headings
from gonghui.kit.excel.clean import FIELD, ODD, RECORD, Value, clean_value
from gonghui.kit.excel.model import Column, Flag, Kind, letters, place_of

MEMORY_LIMIT = 768 * 1024 * 1024
"""Address space. 50,000 rows x 11 columns need 130 MB, 99,999 x 30 different texts (over MAX_BYTES) 600 MB."""
CPU_SECONDS = 20

BLOCK = 500
"""Rows written at once."""

Special = dict[int, dict[int, tuple[Flag, str]]]
"""Flags with their detail, by row and place (both 0-based), that do not come from the cell's value."""


def main() -> None:
    """Answer one job."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold personal data
    job = json.loads(sys.stdin.buffer.readline())
    data = BytesIO(sys.stdin.buffer.read())
    try:
        with CalamineWorkbook.from_filelike(data) as workbook:
            _send(_raw_rows(workbook, job["raw"]) if "raw" in job else _answer(workbook, job))
    except Refused as refused:
        _send([json.dumps({"refused": refused.sentence})])
    except (CalamineError, MemoryError):
        _send([json.dumps({"refused": ""})])


def _send(records: Iterable[str]) -> None:
    records = iter(records)
    while block := list(islice(records, BLOCK)):
        sys.stdout.buffer.write((RECORD.join(block) + RECORD).encode())


def _answer(workbook: CalamineWorkbook, job: dict[str, Any]) -> Iterator[str]:
    columns = [Column(**{**column, "kind": Kind(column["kind"])}) for column in job["columns"]]
    sheets = {name: workbook.get_sheet_by_name(name) for name in job["sheets"]}
    heads = {name: headings.find(_first_rows(sheet), columns) for name, sheet in sheets.items()}
    name = headings.choose(heads, columns)
    head, sheet, odd = heads[name], sheets[name], job["sheets"][name]
    sheets.clear()
    yield json.dumps({"name": name, "heading_row": head.row + 1, "places": head.places, "ignored": head.ignored})
    wanted = [(head.places[column.key], column.kind) for column in columns if column.key in head.places]
    special = _special(sheet, head.row, {place for place, _ in wanted}, odd)
    count = 0
    for record in _records(sheet, head.row + 1, wanted, special, epoch_1904=job["epoch_1904"]):
        count += 1
        if count <= job["max_rows"]:
            yield record
    yield str(count)


def _raw_rows(workbook: CalamineWorkbook, name: str) -> Iterator[str]:
    """Every row and column as text, for the marked copy."""
    sheet = workbook.get_sheet_by_name(name)
    left = [""] * (sheet.start[1] if sheet.start else 0)
    yield json.dumps({"name": name})
    count = 0
    for row in sheet.iter_rows():
        count += 1
        yield FIELD.join(left + [clean_value(value, Kind.TEXT)[0] for value in row])
    yield str(count)


def _first_rows(sheet: CalamineSheet) -> list[list[Value]]:
    return sheet.to_python(skip_empty_area=False, nrows=headings.HEADING_ROWS) if sheet.start else []


def _special(sheet: CalamineSheet, heading_row: int, places: set[int], odd: dict[str, str]) -> Special:
    """The cells that merged ranges cover, and those that the scan noted."""
    special: Special = {}
    last = sheet.end[0] if sheet.end else -1
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        covered = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
        within = [place for place in places if left <= place <= right]
        for row in range(max(top, heading_row + 1), min(bottom, last) + 1):
            for place in within:
                if (row, place) != (top, left):
                    special.setdefault(row, {})[place] = (Flag.MERGED, covered)
    for reference, code in odd.items():
        name = reference.rstrip("0123456789")
        place, row = place_of(name), int(reference[len(name) :]) - 1
        if row > heading_row and place in places:
            special.setdefault(row, {})[place] = (Flag.ERROR, code) if code else (Flag.FORMULA, "")
    return special


def _records(
    sheet: CalamineSheet, first: int, wanted: Sequence[tuple[int, Kind]], special: Special, *, epoch_1904: bool
) -> Iterator[str]:
    """One record for each row with data from 0-based row `first` on.

    A row of plain text, as nearly all are, is joined and searched once and not cell by cell: that is four times faster.
    """
    blank = FIELD * (len(wanted) - 1)
    start = sheet.start[1] if sheet.start else 0
    pick = itemgetter(*(place - start for place, _ in wanted), -1)  # one more, so that it is always a tuple
    for number, row in enumerate(_rows_with_tail(sheet, special)):
        if number < first:
            continue
        values = pick(row)[:-1]
        if number not in special:
            try:
                line = FIELD.join(values)
            except TypeError:
                pass
            else:
                if line == blank:
                    continue
                if not ODD.search(line) and line.count(FIELD) == len(blank):
                    yield f"{number + 1}{FIELD}{FIELD}{line}"
                    continue
        texts, flags = _cells(values, wanted, special.get(number, {}), epoch_1904)
        if any(texts) or any(flag[0] in _TELLING for flag in flags):
            told = ";".join(f"{place}{flag}{detail}" for place, (flag, detail) in flags.items())

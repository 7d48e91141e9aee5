"""The officer's edits of an import: applied each time the workbook is read again (SPEC 3.4)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import ImportKind
from gonghui.imports.models import Batch
from gonghui.kit import excel
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Column, Sheet, clean_text
from gonghui.kit.sealing import opened_bytes, purpose

FILE_GONE = "这次上传的文件已超过保存期限，请重新上传。"


@dataclass(frozen=True)
class Edits:
    """New texts by row and column, rows to leave out, the only rows (of a follow-up batch), and answers for headings."""

    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    out: frozenset[int] = frozenset()
    only: frozenset[int] = frozenset()
    headings: Mapping[str, str] = field(default_factory=dict)
    """The officer's answer for headings that the template does not have: the column's key, or ""."""

    @classmethod
    def of(cls, batch: Batch) -> "Edits":
        """Returns the stored edits of a batch; empty before the first edit."""
        if not batch.mends_sealed:
            return cls()
        stored = json.loads(opened_bytes(batch, "mends_sealed"))
        cells = {int(row): texts for row, texts in stored["cells"].items()}
        return cls(cells, frozenset(stored["out"]), frozenset(stored["only"]), stored.get("headings", {}))

    def sealed(self, owner: UUID) -> bytes:
        """Returns the edits sealed for the batch whose ``seal_id`` is ``owner``: they quote the officer's file."""
        stored = {"cells": self.cells, "out": sorted(self.out), "only": sorted(self.only), "headings": self.headings}
        return purpose(Batch, "mends_sealed").seal(json.dumps(stored, ensure_ascii=False), owner)

    def merged(self, cells: Mapping[int, Mapping[str, str]], out: Iterable[int], columns: Iterable[Column]) -> "Edits":
        """Returns the edits with new texts, cleaned as a workbook's cells are; unknown columns are ignored."""
        kinds = {column.key: column.kind for column in columns}
        merged = dict(self.cells)
        for row, texts in cells.items():
            clean = {key: clean_text(text, kinds[key]) for key, text in texts.items() if key in kinds}
            merged[row] = {**merged.get(row, {}), **clean}
        return replace(self, cells=merged, out=self.out | set(out))

    def columns(self, columns: Sequence[Column]) -> list[Column]:
        """Returns the kind's columns with the officer's headings as aliases."""
        named: dict[str, list[str]] = defaultdict(list)
        for heading, key in self.headings.items():
            named[key].append(heading)
        return [
            replace(column, aliases=[*column.aliases, *named[column.key]]) if column.key in named else column
            for column in columns
        ]

    def unread(self, sheet: Sheet) -> list[tuple[str, str]]:
        """Returns the unread headings of the sheet, each with a guess, unless the officer has rejected it."""
        return [(heading, "" if heading in self.headings else guess) for heading, guess in sheet.unread]

    def rest(self, rows: Iterable[int]) -> "Edits":
        """Returns the edits of these rows only."""
        return replace(self, only=frozenset(rows))

    def applied(self, sheet: Sheet) -> Sheet:
        """Returns the sheet as if the officer had edited the file."""
        rows = [
            replace(row, cells=row.cells.replaced(self.cells[row.number])) if row.number in self.cells else row
            for row in sheet.rows
            if row.number not in self.out and (not self.only or row.number in self.only)
        ]
        return replace(sheet, rows=rows)


def file_of(batch: Batch) -> bytes:
    """Returns the uploaded workbook. Raises Refused when it is no longer stored."""
    if batch.file_sealed is None:
        raise Refused(FILE_GONE)
    return opened_bytes(batch, "file_sealed")


def read_sheet(batch: Batch, edits: Edits) -> Sheet:
    """Returns the workbook with the officer's edits."""
    kind = KINDS[batch.kind]
    return edits.applied(open_sheet(file_of(batch), edits.columns(kind.columns()), kind))


def open_sheet(data: bytes, columns: Sequence[Column], kind: ImportKind) -> Sheet:
    """Reads a workbook of a kind; the officer is not asked what the headings mean that the kind knows to be none of its."""
    sheet = excel.read(data, columns, max_rows=kind.max_rows)
    sheet.unread = [(heading, guess) for heading, guess in sheet.unread if heading not in kind.unasked]
    return sheet

"""What an officer has mended on the page of an import: laid over the workbook whenever that is read again (SPEC 3.4)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from gonghui.imports.models import Batch
from gonghui.kit.excel import Column, Sheet, clean_text
from gonghui.kit.sealing import opened_bytes, purpose


@dataclass(frozen=True)
class Mends:
    """New texts by row and column, rows that are left out, and (of a batch that holds another's rest) the only rows."""

    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    out: frozenset[int] = frozenset()
    only: frozenset[int] = frozenset()

    @classmethod
    def of(cls, batch: Batch) -> "Mends":
        """What is kept of a batch; nothing while nobody has mended."""
        if not batch.mends_sealed:
            return cls()
        kept = json.loads(opened_bytes(batch, "mends_sealed"))
        cells = {int(row): texts for row, texts in kept["cells"].items()}
        return cls(cells, frozenset(kept["out"]), frozenset(kept["only"]))

    def sealed(self, owner: UUID) -> bytes:
        """For the column of the batch whose ``seal_id`` is ``owner``: it quotes the officer's file."""
        kept = {"cells": self.cells, "out": sorted(self.out), "only": sorted(self.only)}
        return purpose(Batch, "mends_sealed").seal(json.dumps(kept, ensure_ascii=False), owner)

    def merged(self, cells: Mapping[int, Mapping[str, str]], out: Iterable[int], columns: Iterable[Column]) -> "Mends":
        """With what was typed now, cleaned as a workbook's cells are; columns that are none are ignored."""
        kinds = {column.key: column.kind for column in columns}
        merged = dict(self.cells)
        for row, texts in cells.items():
            clean = {key: clean_text(text, kinds[key]) for key, text in texts.items() if key in kinds}
            merged[row] = {**merged.get(row, {}), **clean}
        return Mends(merged, self.out | set(out), self.only)

    def rest(self, rows: Iterable[int]) -> "Mends":
        """The same for these rows alone."""
        return replace(self, only=frozenset(rows))

    def applied(self, sheet: Sheet) -> Sheet:
        """The sheet as it would be, had the officer mended the file itself."""
        rows = [
            replace(row, cells=row.cells.replaced(self.cells[row.number])) if row.number in self.cells else row
            for row in sheet.rows
            if row.number not in self.out and (not self.only or row.number in self.only)
        ]
        return replace(sheet, rows=rows)

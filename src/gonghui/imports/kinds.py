"""What an app tells the import engine about one kind of workbook. The engine knows no members, only kinds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from gonghui.imports.models import Batch
from gonghui.kit.excel import Column, Problem, Sheet
from gonghui.unions.models import Union


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workbook would do to the register as it is now: its problems, and its good rows in the kind's own form.

    ``run`` marks the rows that are staged for it, since two runs of one job may be alive at once.
    """

    problems: list[Problem]
    rows: list[Any]
    total: int
    run: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class ImportKind:
    """One kind of workbook, registered under ``key`` by the app that owns its columns (from its ``sheets.py``).

    ``check`` finds all problems of all rows in one pass, asking the database by set and not by row. ``stage`` writes a
    plan's rows to the kind's staging table in short transactions of its own, and calls ``progress(rows done)`` in
    each; ``commit`` moves what was staged into place inside the engine's one transaction, records it in the audit, and
    returns the sentence that the officer reads; it raises ``Changed`` when the register is no longer what ``check``
    saw. ``clear`` empties the staging table of a batch.
    """

    key: str
    title: str
    template_name: str
    columns: Sequence[Column]
    max_rows: int
    template: Callable[[], bytes]
    check: Callable[[Union, Sheet], Plan]
    stage: Callable[[Batch, Plan, Callable[[int], None]], None]
    commit: Callable[[Batch, Plan], str]
    clear: Callable[[Batch], None]
    back: str  # the URL name of the list that the rows end up in
    notes: Sequence[str] = ()  # what the page says beside the file field


class Changed(Exception):
    """The register has changed since it was checked: nothing was written, check again."""


KINDS: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> ImportKind:
    """Make a kind known; called once, from its app's ``sheets.py``."""
    KINDS[kind.key] = kind
    return kind

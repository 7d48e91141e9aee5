"""What the engine asks of a register: its columns, the check of a line, and what a chunk of lines does to it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from gonghui.kit.excel import Column, Problem
from gonghui.registers.models import Verdict


class Read(NamedTuple):
    """A line as it was read. ``troubles`` are the problems of reading; those cells have no value."""

    line: int
    texts: dict[str, str]
    troubles: Sequence[Problem] = ()


class Good(NamedTuple):
    """A line that is right by itself. ``sorted_`` is the kind's own knowledge of what it would change."""

    line: int
    key: str
    values: Any
    verdict: Verdict = Verdict.NEW
    details: Any = None


class Written(NamedTuple):
    """What a chunk of lines has changed."""

    added: int
    changed: int


Problems = list[Problem]


class Session(Protocol):
    """One pass over a file: it may keep what is asked once (streets, columns collected)."""

    def check(self, rows: Sequence[Read], problems: Problems) -> list[Good]:
        """Checks lines by themselves. Appends the problems of wrong ones, and returns the good ones."""

    def sort(self, rows: Sequence[Good], problems: Problems) -> list[Good]:
        """Compares good lines with the register by one statement, and gives each its verdict."""

    def write(self, rows: Sequence[Good]) -> Written:
        """Writes lines that are NEW or CHANGED, in the caller's transaction. Raises Changed, or IntegrityError, when
        somebody else has changed one of them since ``sort``."""


@dataclass(frozen=True, kw_only=True)
class RegisterKind:
    """One register. ``begin`` starts a pass over a file that has the columns with these keys."""

    title: str
    home: str
    noun: str
    unit: str
    columns: Callable[[], Sequence[Column]]
    template: Callable[[], bytes]
    template_name: str
    repeated: Callable[[int, str, int], Problem]
    begin: Callable[[Collection[str]], Session]
    notes: Sequence[str]
    masks: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """By column: how the error list on the page shows what is personal."""


class Changed(Exception):
    """The register has changed since it was read; the chunk is read again."""

"""What an app says of a list that leaves: who may have it, whom it holds, and what its rows are."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gonghui.accounts.models import User
from gonghui.unions.models import Union

if TYPE_CHECKING:
    from gonghui.exports.models import Export

AT_ONCE = 2_000
"""The most rows of a masked list that the answer to a request holds; longer ones are written by the job."""


class Line(NamedTuple):
    """A row of the sheet; ``person`` is the id of the member whom it shows, if there is one."""

    person: int | None
    cells: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A list as somebody may have it now. ``union`` is the one whose rules limit it; ``conditions`` are label and words
    of what was searched for; ``lines`` reads the rows, streamed, when it is called.
    """

    title: str
    headings: Sequence[str]
    total: int
    full: bool
    union: Union
    conditions: Sequence[tuple[str, str]]
    lines: Callable[[], Iterator[Line]] = lambda: iter(())


class ExportKind(ABC):
    """``key`` is stored with each export, ``label`` names the list."""

    key: str
    label: str

    def subject(self, what: Mapping[str, Any]) -> str:
        """Of several things that somebody may be asking for at once, which one; of most lists there is one at a time."""
        return ""

    @abstractmethod
    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        """Raises Refused when ``by`` may not have the list: asked by each plan, and when the sheet is handed out."""

    @abstractmethod
    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        """Reads ``what`` was asked for: when it is asked for, approved and written.

        Raises Refused: ``by`` may not, nobody is in it, or more than one list holds.
        """

    @abstractmethod
    def fetched(self, export: "Export", people: Sequence[int], by: User) -> None:
        """Records, in the transaction that hands out the sheet, that ``by`` has it and whom it shows."""


class OwnFiles(ExportKind):
    """A list that its own app writes, keeps and hands out: a form to the letter, or a machine's format, takes no line of
    ours. The second person, the record, the recall and the hours are those of every list (`exports.own_files`).
    """

    @abstractmethod
    def begin(self, export: "Export") -> None:
        """Begins to write what was allowed, or says that it is there, in the transaction that allowed it."""

    @abstractmethod
    def recalled(self, export: "Export") -> None:
        """Stops writing and deletes what was written for this export, in the transaction that calls it back."""

    @abstractmethod
    def place(self, export: "Export") -> str:
        """The address of the page where the files are handed out."""

    def fetched(self, export: "Export", people: Sequence[int], by: User) -> None:
        """The app records it itself, file by file."""

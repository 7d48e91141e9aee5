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
    lines: Callable[[], Iterator[Line]]


class ExportKind(ABC):
    """``key`` is stored with each export, ``label`` names the list."""

    key: str
    label: str

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

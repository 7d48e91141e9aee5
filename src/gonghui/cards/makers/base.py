"""The interface of a card maker's format, the same for every maker."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cryptography.hazmat.primitives import hashes

Source = Callable[[], Iterable[bytes]]
"""A file that can be read several times: each call yields it from its start, in pieces of any size."""


class BadFile(ValueError):
    """A refused result file: a whole Chinese sentence with the line and the remedy."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unprintable(ValueError):
    """A value that the format cannot contain: a sentence without its full stop that names the field."""


@dataclass(frozen=True, slots=True)
class Head:
    """The data of a file's first line."""

    order: str  # the order's number, twelve digits
    purpose: str  # Purpose
    foreign: bool
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Record:
    """One member for the card maker; texts in their normal form, empty for none."""

    sequence: int
    member_number: str
    printed_name: str
    name: str
    document_type: str  # DocumentType
    document_number: str
    sex: str  # Sex
    born_on: date
    mobile: str
    address: str
    union_code: str
    nczy: str
    union_name: str
    card_number: str = ""  # of the card that is lost, replaced or given back


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one member: the card's number, or the code and the text of the failure. ``row``: the file's line."""

    row: int
    sequence: int
    member_number: str
    card_number: str
    failure_code: str = ""
    failure: str = ""

    @property
    def made(self) -> bool:
        return not self.failure_code


class Maker(Protocol):
    """A format: stateless, bytes in and out. ``head + lines + foot`` is an order's file.

    A format only parses: ``results`` checks the rules for all makers' results (card numbers, sequences).
    """

    key: str
    label: str
    extension: str

    def head(self, head: Head) -> bytes: ...

    def line(self, record: Record) -> bytes:
        """Returns one member's line. Raises Unprintable for a value that does not fit."""
        ...

    def foot(self, head: Head, body: Source) -> bytes:
        """Returns the end of the file; ``body`` is everything before it, for a format with a digest."""
        ...

    def write_results(self, order: str, day: date, outcomes: Iterable[Outcome]) -> bytes:
        """Returns a result file as the card maker writes it: for the demo and the tests."""
        ...

    def read_results(self, source: Source, order: str) -> Iterator[Outcome]:
        """Checks the whole unaltered file of this order, then yields its outcomes. Raises BadFile, also while
        iterating.
        """
        ...


def sm3(parts: Iterable[bytes]) -> str:
    """Returns the SM3 digest (GB/T 32905) of all parts together, in lower-case hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize().hex()

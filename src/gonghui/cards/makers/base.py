"""The interface of a card maker's format, the same for every maker."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from cryptography.hazmat.primitives import hashes

Source = Callable[[], Iterable[bytes]]
"""A file that can be gone through again: each call gives it from its start, in pieces of any size."""


class BadFile(ValueError):
    """A result file that is not taken: a whole Chinese sentence with the line and the remedy."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unprintable(ValueError):
    """A value that the format cannot carry: a sentence without its full stop, that names the field."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself."""

    order: str  # its number, twelve digits
    purpose: str  # Purpose
    foreign: bool
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class Record:
    """One member on the way to the card maker; texts in their normal form, empty where there is none."""

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
    """What became of one member: the card's number, or the code and the words of the failure. ``row``: the file's line."""

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

    A format parses and no more: what holds of every maker's results (card numbers, sequences) is checked by ``results``.
    """

    key: str
    label: str
    extension: str

    def head(self, head: Head) -> bytes: ...

    def line(self, record: Record) -> bytes:
        """Raises Unprintable for a value that does not fit."""
        ...

    def foot(self, head: Head, body: Source) -> bytes:
        """What ends the file; ``body`` is all before it, for a format that closes with a digest."""
        ...

    def write_results(self, order: str, day: date, outcomes: Iterable[Outcome]) -> bytes:
        """A result file as the card maker writes it: for the demo and the tests."""
        ...

    def read_results(self, source: Source, order: str) -> Iterator[Outcome]:
        """Check the file's frame (whole, unaltered, of the order with this number); then give its lines one by one, the
        whole never in memory. Raises BadFile, also while iterating.
        """
        ...


def sm3(parts: Iterable[bytes]) -> str:
    """The SM3 digest (GB/T 32905) of all parts together, in lower-case hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize().hex()

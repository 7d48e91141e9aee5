"""The head of the chain, kept apart from the database: a signed line for each day, in a folder (ADR 44).

Whoever can write to the database may remove the newest entries with their seals, and nothing in it would tell. The file
does: it is written anew after each sealing, so that it is a minute old, and never replaced when it does not agree.
"""

import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.utils.timezone import localdate

from gonghui.audit.models import Seal
from gonghui.kit import crypto

logger = logging.getLogger(__name__)

_LINE = re.compile(
    r"gonghui audit head (\d{4}-\d\d-\d\d) seal ([1-9]\d{0,17}) to entry (\d{1,19}) digest ([0-9a-f]{64}) signature (\S{1,400})"
)


class Head(NamedTuple):
    """The newest seal of a day; ``signature`` is that of the line without it."""

    day: str
    number: int
    top_id: int
    digest: str
    signature: str

    @property
    def signed(self) -> str:
        return f"gonghui audit head {self.day} seal {self.number} to entry {self.top_id} digest {self.digest}"

    def __str__(self) -> str:
        return f"{self.signed} signature {self.signature}"

    def fault(self) -> str:
        """Returns what is wrong with it against the database, in words; "" if it is right."""
        try:
            signed = crypto.is_signed(self.signed.encode(), self.signature)
        except crypto.UnknownKey:
            return f"the head of {self.day} is signed by a key that is not configured"
        if not signed:
            return f"the head of {self.day} is not as it was written"
        seal = Seal.objects.filter(number=self.number).only("digest").first()
        if seal is None:
            return f"cut off: the head of {self.day} knows seal {self.number}, up to entry {self.top_id}; it is gone"
        if bytes(seal.digest).hex() != self.digest:
            return f"seal {self.number} is not the one that the head of {self.day} knows"
        return ""


def head_of(seal: Seal) -> Head:
    head = Head(str(localdate(seal.sealed_at)), seal.number, seal.top_id, bytes(seal.digest).hex(), "")
    return head._replace(signature=crypto.sign(head.signed.encode()))


def folder() -> Path:
    return settings.ENVIRONMENT.audit_heads or settings.ENVIRONMENT.var / "audit-heads"


def kept(where: Path | None = None) -> list[Head]:
    """Returns the heads of a folder, or of a file with a line for each, oldest first. Raises ValueError for other text."""
    where = where or folder()
    files = sorted(where.glob("*.txt")) if where.is_dir() else [where] if where.exists() else []
    lines = [line for file in files for line in file.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return sorted(map(read, lines), key=lambda head: head.number)


def read(line: str) -> Head:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"no head of the audit's chain: {line[:80]!r}")
    day, number, top_id, digest, signature = match.groups()
    return Head(day, int(number), int(top_id), digest, signature)


def keep() -> None:
    """Writes the newest head into the file of its day, if the newest one there is right."""
    newest = Seal.objects.order_by("-number").first()
    if newest is None:
        return
    if fault := newest_fault():
        logger.error("audit: %s", fault)
        return
    head = head_of(newest)
    path = folder() / f"{head.day}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(f"{head}\n", "utf-8")
    unfinished.replace(path)


def newest_fault() -> str:
    """Returns what is wrong with the newest head of the folder; "" if it is right, or there is none."""
    try:
        heads = kept()
    except (ValueError, OSError) as error:
        return str(error)
    return heads[-1].fault() if heads else ""


def faults(heads: Iterable[Head]) -> list[str]:
    return [fault for head in heads if (fault := head.fault())]

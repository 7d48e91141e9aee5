"""What the chain over the entries is made of: the bytes of an entry, its digest, and the digest of a seal (ADR 44).

The bytes are those of a JSON list of the columns as PostgreSQL writes them, so that they do not depend on the version
of Python, Django or the driver. Never change them: what was sealed could not be verified any more.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from gonghui.kit.crypto import digest

LEAF_BYTES = 8
"""So many bytes of each entry's digest are kept in the seal; its own digest is over the whole ones."""

FIRST = bytes(32)
"""What stands for the digest before the first seal."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ENTRY = """
SELECT id, (extract(epoch FROM at) * 1000000)::bigint, verb, actor_id, actor_label, union_id, object_type, object_id, label,
    data::text, host(address), request_id
FROM audit_entry
"""


class Row(NamedTuple):
    """An entry as it is sealed."""

    id: int
    content: tuple[str | int | None, ...]

    def leaf(self, instead: int | None = None) -> bytes:
        """Returns the entry's digest; ``instead``: as if it had this id."""
        own = self.id if instead is None else instead
        return digest(json.dumps([own, *self.content], ensure_ascii=False, separators=(",", ":")).encode())


def rows(where: str, parameters: Sequence[Any]) -> list[Row]:
    """Returns the entries of an SQL condition, by id; it may end with ORDER BY and LIMIT."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ENTRY} WHERE {where}", parameters)
        return [Row(first, tuple(rest)) for first, *rest in cursor.fetchall()]


def by_id(ids: Iterable[int]) -> list[Row]:
    """Returns those of these entries that there are."""
    return rows("id = ANY(%s) ORDER BY id", [list(ids)])


def seal_digest(number: int, at: datetime, previous: bytes, ids: Sequence[int], leaves: Iterable[bytes]) -> bytes:
    """Returns the digest of a seal: over its number and time, the seal before, and each entry in its order."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    head = json.dumps(["gonghui audit seal", number, micros, list(ids)], separators=(",", ":")).encode()
    return digest(b"".join((head, previous, *leaves)))


def shortened(leaves: Iterable[bytes]) -> bytes:
    return b"".join(leaf[:LEAF_BYTES] for leaf in leaves)


def parts(leaves: bytes) -> list[bytes]:
    """Returns the kept bytes of each entry's digest, in order."""
    return [leaves[at : at + LEAF_BYTES] for at in range(0, len(leaves), LEAF_BYTES)]


def swapped(touched: Mapping[int, tuple[Row, bytes]]) -> list[tuple[int, int]]:
    """Returns the pairs of touched entries of which each has the other's content; ``touched``: row and kept digest."""
    found = []
    waiting = dict(touched)
    while waiting:
        one, (row, kept) = waiting.popitem()
        for other, (other_row, other_kept) in waiting.items():
            if _is(row, other, other_kept) and _is(other_row, one, kept):
                found.append((min(one, other), max(one, other)))
                del waiting[other]
                break
    return sorted(found)


def _is(row: Row, instead: int, kept: bytes) -> bool:
    return row.leaf(instead).startswith(kept)

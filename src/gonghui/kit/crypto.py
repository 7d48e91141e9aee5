"""Encryption of personal data at rest: SM4-GCM for the value, HMAC-SM3 for exact look-up.

SM4 (GB/T 32907) and SM3 (GB/T 32905) are the algorithms that Chinese public systems must use. A sealed value carries
the id of its key, so keys can be rotated: a new key seals, all known keys open.

    version (1 byte) | length of key id (1) | key id | nonce (12) | ciphertext | tag (16)

A value is bound to its place: its `Purpose` (the column) and its owner (a random id of the row) are GCM's associated
data. They are not stored, but needed to open. A value that is copied to another row or column does not open (ADR 21).
Version 2 is bound. Version 1 is not; it opens only while an installation is being migrated.

The state is one immutable value that `configure` replaces, so threads need no lock.
"""

import os
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

UNBOUND, BOUND = 1, 2
"""Versions: without and with associated data."""

NOBODY = UUID(int=0)
"""The owner of a value that is bound to its purpose only."""

KEY_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16


class Tampered(ValueError):
    """A value is not the one that was sealed: truncated, changed, or not sealed with our keys."""


class UnknownKey(Tampered):
    """A sealed value names a key that is not configured."""


class Unbound(Tampered):
    """A sealed value has version 1, which is not bound to its place, and this process does not accept it."""


class _State(NamedTuple):
    ciphers: dict[bytes, algorithms.SM4]
    header: bytes
    current: algorithms.SM4
    lookup: hmac.HMAC
    signing: dict[str, hmac.HMAC]
    signs_by: str
    takes_unbound: bool


_state: _State | None = None


def configure(keys: Mapping[str, bytes], current: str, lookup_key: bytes, *, takes_unbound: bool = False) -> None:
    """Sets the keys of this process.

    `keys` maps a key id (ASCII, 1-255 characters) to 16 bytes; `current` is the id that seals from now on;
    `lookup_key` (at least 16 bytes) makes fingerprints and must never change. `takes_unbound` opens version 1 too.
    Raises ValueError for unusable keys.
    """
    global _state  # noqa: PLW0603 (one keyring a process, swapped as a whole)
    if current not in keys:
        raise ValueError(f"current key id {current!r} is not among the keys")
    if len(lookup_key) < KEY_BYTES:
        raise ValueError(f"the lookup key needs at least {KEY_BYTES} bytes")
    for key_id, key in keys.items():
        if not (key_id.isascii() and 1 <= len(key_id) <= 255 and len(key) == KEY_BYTES):
            raise ValueError(f"key {key_id!r}: the id is 1-255 ASCII characters, the key {KEY_BYTES} bytes")
    ciphers = {key_id.encode(): algorithms.SM4(key) for key_id, key in keys.items()}
    name = current.encode()
    header = bytes((BOUND, len(name))) + name
    lookup = hmac.HMAC(lookup_key, hashes.SM3())
    signing = {key_id: hmac.HMAC(_derive(key, "signature", 32), hashes.SM3()) for key_id, key in keys.items()}
    _state = _State(ciphers, header, ciphers[name], lookup, signing, current, takes_unbound)


def configure_from_secrets(sealing: Sequence[str], lookup: str, *, takes_unbound: bool = False) -> None:
    """Derives all keys by HKDF-SM3 (RFC 5869) and configures them.

    The first of `sealing` seals; the others are retired, but still open. `lookup` must never change: a look-up works
    only if every fingerprint in the database has the same key.
    """
    keys = {_key_id(each): _derive(each, "value", KEY_BYTES) for each in sealing}
    configure(keys, _key_id(sealing[0]), _derive(lookup, "lookup", 32), takes_unbound=takes_unbound)


class Purpose:
    """The purpose of sealed values, such as `members_member.mobile_sealed`. Seals and opens a value for an owner.

    The name is part of every value: it must never change, and must be unique. The owner is a random id that all copies
    of the row share (`kit.sealing.SealedRow`), or `NOBODY`.
    """

    __slots__ = ("_context", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._context = name.encode() + b"\0"  # the owner follows, always 16 bytes

    def __repr__(self) -> str:
        return f"Purpose({self.name!r})"

    def seal(self, text: str, owner: UUID) -> bytes:
        """Encrypts `text` with the current key; two calls never return the same bytes."""
        return self.seal_bytes(text.encode(), owner)

    def open(self, blob: bytes | memoryview, owner: UUID | None) -> str:
        """Decrypts a value of `seal` with the same purpose and owner. Raises as `open_bytes`."""
        return self.open_bytes(blob, owner).decode()

    def seal_bytes(self, data: bytes, owner: UUID) -> bytes:
        """Encrypts `data` (such as an uploaded file) with the current key."""
        state = _configured()
        nonce = os.urandom(NONCE_BYTES)
        encryptor = Cipher(state.current, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(self._context + owner.bytes)
        ciphertext = encryptor.update(data)
        encryptor.finalize()  # always empty with GCM
        return b"".join((state.header, nonce, ciphertext, encryptor.tag))

    def open_bytes(self, blob: bytes | memoryview, owner: UUID | None) -> bytes:
        """Decrypts a value of `seal_bytes`, as bytes or as the memoryview of a database driver.

        Raises Tampered when the value was changed, or has another purpose or owner. Raises UnknownKey when the key is
        not configured, and Unbound for version 1 unless that is accepted. With an owner of None (a row that is not
        migrated yet) only version 1 opens.
        """
        blob = bytes(blob)
        if blob and blob[0] == UNBOUND:
            if not _configured().takes_unbound:
                raise Unbound("the value is of the version before, not bound to its row: run gonghui migrate")
            return open_unbound(blob)
        if owner is None:
            raise Tampered("the row has no id that its sealed values could be bound to")
        return _opened(blob, BOUND, self._context + owner.bytes)


def open_unbound(blob: bytes | memoryview) -> bytes:
    """Decrypts a value of version 1, only for the migration. Raises as `Purpose.open_bytes`."""
    return _opened(bytes(blob), UNBOUND, b"")


def is_retired(blob: bytes | memoryview) -> bool:
    """Whether a sealed value of any version was sealed with another key than the current one."""
    header = _configured().header
    return bytes(blob[1 : len(header)]) != header[1:]


def _opened(blob: bytes, version: int, context: bytes) -> bytes:
    start = 2 + blob[1] if len(blob) > 2 and blob[0] == version else len(blob)
    if len(blob) < start + NONCE_BYTES + TAG_BYTES:
        raise Tampered("not a sealed value")
    cipher = _configured().ciphers.get(blob[2:start])
    if cipher is None:
        raise UnknownKey(f"no key {blob[2:start]!r} is configured")
    body = start + NONCE_BYTES
    decryptor = Cipher(cipher, modes.GCM(blob[start:body], blob[-TAG_BYTES:])).decryptor()
    decryptor.authenticate_additional_data(context)
    try:
        return decryptor.update(blob[body:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag:
        raise Tampered("the sealed value was changed or moved, or sealed under another key") from None


def fingerprint(text: str) -> bytes:
    """Returns the keyed hash of `text` (HMAC-SM3, 32 bytes), for unique indexes and look-ups."""
    return _mac(_configured().lookup, text.encode()).finalize()


def digest(data: bytes) -> bytes:
    """Returns the SM3 digest of `data`, 32 bytes; anybody can compute it."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


def sign(data: bytes) -> str:
    """Returns the id of the current sealing key and the HMAC-SM3 of `data` under a key derived from it."""
    state = _configured()
    return f"{state.signs_by}:{_mac(state.signing[state.signs_by], data).finalize().hex()}"


def is_signed(data: bytes, signature: str) -> bool:
    """Whether `signature` was made by `sign` of the same data. Raises UnknownKey when its key is not configured."""
    key_id, _, mac = signature.partition(":")
    key = _configured().signing.get(key_id)
    if key is None:
        raise UnknownKey(f"no key {key_id!r} is configured")
    return compare_digest(_mac(key, data).finalize().hex().encode(), mac.encode())


def _mac(key: hmac.HMAC, data: bytes) -> hmac.HMAC:
    mac = key.copy()
    mac.update(data)
    return mac


def _configured() -> _State:
    if _state is None:
        raise RuntimeError("call crypto.configure or crypto.configure_from_secrets before sealing or opening")
    return _state


def _key_id(secret: str) -> str:
    return _derive(secret, "key id", 4).hex()


def _derive(secret: str | bytes, purpose: str, length: int) -> bytes:
    known = secret.encode() if isinstance(secret, str) else secret
    return HKDF(hashes.SM3(), length, salt=None, info=f"gonghui {purpose}".encode()).derive(known)

"""Encryption of personal data at rest: SM4-GCM for the value, HMAC-SM3 for exact look-up.

SM4 (GB/T 32907) and SM3 (GB/T 32905) are the algorithms that Chinese public systems must use. A sealed value carries
the id of its key, so keys can be rotated: a new key seals, all known keys open.

    version (1 byte) | length of key id (1) | key id | nonce (12) | ciphertext | tag (16)

The state is one immutable value that `configure` swaps in, so threads need no lock.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
KEY_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16


class Tampered(ValueError):
    """A sealed value is not what was sealed: cut, changed, or not sealed by us at all."""


class UnknownKey(Tampered):
    """A sealed value names a key that is not configured."""


class _State(NamedTuple):
    ciphers: dict[bytes, algorithms.SM4]
    header: bytes
    current: algorithms.SM4
    lookup: hmac.HMAC


_state: _State | None = None


def configure(keys: Mapping[str, bytes], current: str, lookup_key: bytes) -> None:
    """Set the keys of this process.

    `keys` maps a key id (ASCII, 1-255 characters) to 16 bytes; `current` is the id that seals from now on;
    `lookup_key` (at least 16 bytes) makes fingerprints and must never change. Raises ValueError for unusable keys.
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
    header = bytes((VERSION, len(name))) + name
    _state = _State(ciphers, header, ciphers[name], hmac.HMAC(lookup_key, hashes.SM3()))


def configure_from_secret(secret: str, retired: Sequence[str] = ()) -> None:
    """Derive all keys from `secret` by HKDF-SM3 (RFC 5869) and configure them.

    `retired` are earlier secrets, newest first: their values still open. Fingerprints stay with the oldest secret,
    since a look-up works only while every fingerprint in the database has the same key.
    """
    secrets = (secret, *retired)
    keys = {_derive(each, "key id", 4).hex(): _derive(each, "value", KEY_BYTES) for each in secrets}
    configure(keys, _derive(secret, "key id", 4).hex(), _derive(secrets[-1], "lookup", 32))


def seal(text: str) -> bytes:
    """Encrypt `text` under the current key; two calls never give the same bytes."""
    return seal_bytes(text.encode())


def open_sealed(blob: bytes | memoryview) -> str:
    """Decrypt what `seal` made. Raises Tampered, or UnknownKey when the key is not configured."""
    return open_bytes(blob).decode()


def seal_bytes(data: bytes) -> bytes:
    """Encrypt `data` (such as an uploaded file) under the current key."""
    state = _configured()
    nonce = os.urandom(NONCE_BYTES)
    encryptor = Cipher(state.current, modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(data) + encryptor.finalize()
    return state.header + nonce + ciphertext + encryptor.tag


def open_bytes(blob: bytes | memoryview) -> bytes:
    """Decrypt what `seal_bytes` made, as bytes or as the memoryview that a database driver gives.

    Raises Tampered, or UnknownKey when the key is not configured.
    """
    state = _configured()
    blob = bytes(blob)
    start = 2 + blob[1] if len(blob) > 2 and blob[0] == VERSION else len(blob)
    if len(blob) < start + NONCE_BYTES + TAG_BYTES:
        raise Tampered("not a sealed value")
    cipher = state.ciphers.get(blob[2:start])
    if cipher is None:
        raise UnknownKey(f"no key {blob[2:start]!r} is configured")
    body = start + NONCE_BYTES
    decryptor = Cipher(cipher, modes.GCM(blob[start:body], blob[-TAG_BYTES:])).decryptor()
    try:
        return decryptor.update(blob[body:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag:
        raise Tampered("the sealed value was changed, or sealed under another key") from None


def fingerprint(text: str) -> bytes:
    """Keyed hash of `text` (HMAC-SM3, 32 bytes): equal texts, equal fingerprints; for unique indexes and look-up."""
    digest = _configured().lookup.copy()
    digest.update(text.encode())
    return digest.finalize()


def _configured() -> _State:
    if _state is None:
        raise RuntimeError("call crypto.configure or crypto.configure_from_secret before sealing or opening")
    return _state


def _derive(secret: str, purpose: str, length: int) -> bytes:
    return HKDF(hashes.SM3(), length, salt=None, info=f"gonghui {purpose}".encode()).derive(secret.encode())

"""Sealed values open again at their own place alone, notice any change, and survive a new key; fingerprints are the same for
the same text.
"""

import hashlib
import hmac
import os
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from gonghui.kit import crypto

OLD, NEW, LOOKUP = b"o" * 16, b"n" * 16, b"l" * 32
MOBILE, ADDRESS = crypto.Purpose("members.mobile"), crypto.Purpose("members.address")
OWNER = UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture(autouse=True)
def keys():
    """Two keys, the newer one in use; what was configured before comes back afterwards."""
    before = crypto._state
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP)
    yield
    crypto._state = before


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text):
    assert MOBILE.open(MOBILE.seal(text, OWNER), OWNER) == text


@given(data=st.binary())
def test_files_are_sealed_as_bytes(data):
    sealed = MOBILE.seal_bytes(data, OWNER)
    assert MOBILE.open_bytes(memoryview(sealed), OWNER) == data


def test_the_same_text_never_gives_the_same_bytes():
    assert len({MOBILE.seal("310101199001010010", OWNER) for _ in range(1000)}) == 1000


def test_the_text_cannot_be_read_in_the_sealed_value():
    assert b"3101" not in MOBILE.seal("310101199001010010", OWNER)


def test_a_change_of_any_byte_is_noticed():
    sealed = MOBILE.seal("19900001234", OWNER)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(crypto.Tampered):
            MOBILE.open(bytes(changed), OWNER)


def test_a_cut_value_is_noticed():
    sealed = MOBILE.seal("19900001234", OWNER)
    for length in range(len(sealed)):
        with pytest.raises(crypto.Tampered):
            MOBILE.open(sealed[:length], OWNER)


def test_a_new_key_seals_and_the_old_one_still_opens():
    crypto.configure({"2025": OLD}, "2025", LOOKUP)
    old = MOBILE.seal("19900001234", OWNER)
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP)
    assert MOBILE.open(old, OWNER) == "19900001234"
    assert b"2026" in MOBILE.seal("19900001234", OWNER)


def test_a_removed_key_is_named():
    sealed = MOBILE.seal("19900001234", OWNER)
    crypto.configure({"2025": OLD}, "2025", LOOKUP)
    with pytest.raises(crypto.UnknownKey, match="2026"):
        MOBILE.open(sealed, OWNER)


def test_the_same_key_id_with_another_key_does_not_open():
    sealed = MOBILE.seal("19900001234", OWNER)
    crypto.configure({"2026": OLD}, "2026", LOOKUP)
    with pytest.raises(crypto.Tampered):
        MOBILE.open(sealed, OWNER)


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3 to compare with")
def test_a_fingerprint_is_hmac_sm3():
    assert crypto.fingerprint("张建国") == hmac.digest(LOOKUP, "张建国".encode(), "sm3")


def test_fingerprints_are_the_same_on_every_thread():
    with ThreadPoolExecutor(8) as pool:
        prints = list(pool.map(lambda n: crypto.fingerprint(str(n % 7)), range(7000)))
    assert len(set(prints)) == 7
    assert {len(each) for each in prints} == {32}


def test_a_value_opens_for_its_own_purpose_and_owner_alone():
    sealed = MOBILE.seal("19900001234", OWNER)
    for purpose, owner in ((ADDRESS, OWNER), (MOBILE, uuid4()), (MOBILE, crypto.NOBODY), (MOBILE, None)):
        with pytest.raises(crypto.Tampered):
            purpose.open(sealed, owner)


def unbound(text: str, key: bytes = OLD, key_id: bytes = b"2025") -> bytes:
    """As the version before sealed."""
    nonce = os.urandom(12)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    ciphertext = encryptor.update(text.encode()) + encryptor.finalize()
    return bytes((1, len(key_id))) + key_id + nonce + ciphertext + encryptor.tag


def test_a_value_of_the_version_before_opens_only_when_that_is_said():
    with pytest.raises(crypto.Unbound, match="gonghui migrate"):
        MOBILE.open(unbound("19900001234"), OWNER)
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP, takes_unbound=True)
    assert MOBILE.open(unbound("19900001234"), None) == "19900001234"
    assert MOBILE.open(unbound("19900001234"), OWNER) == "19900001234"


def test_a_bound_value_cannot_be_passed_off_as_one_of_the_version_before():
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP, takes_unbound=True)
    sealed = bytearray(MOBILE.seal("19900001234", OWNER))
    sealed[0] = crypto.UNBOUND
    with pytest.raises(crypto.Tampered):
        MOBILE.open(bytes(sealed), uuid4())


def test_a_new_sealing_secret_opens_old_values_and_leaves_fingerprints_alone():
    crypto.configure_from_secrets(["first secret"], "look-up secret")
    sealed, mark = MOBILE.seal("19900001234", OWNER), crypto.fingerprint("19900001234")
    crypto.configure_from_secrets(["second secret", "first secret"], "look-up secret")
    assert MOBILE.open(sealed, OWNER) == "19900001234"
    assert crypto.is_retired(sealed)
    assert crypto.fingerprint("19900001234") == mark
    again = MOBILE.seal("19900001234", OWNER)
    assert not crypto.is_retired(again)
    crypto.configure_from_secrets(["first secret"], "look-up secret")
    with pytest.raises(crypto.UnknownKey):
        MOBILE.open(again, OWNER)


def test_the_keys_of_the_version_before_are_derived_as_it_did():
    """Its one secret as a sealing secret opens what it sealed, as the look-up secret finds whom it found."""
    crypto.configure_from_secrets(["a new secret", "s" * 40], "s" * 40, takes_unbound=True)
    sealed = unbound("19900001234", bytes.fromhex("ca758be45188198e7bf0ee34b407beb7"), b"e27720b9")
    assert MOBILE.open(sealed, None) == "19900001234"
    assert crypto.fingerprint("19900001234").hex() == "474ddc756ec541cce84442a1c23ccb4ac78089dcbd618de7a04e503fc606e47f"


@pytest.mark.parametrize(
    ("keys", "current", "lookup"),
    [
        ({"a": OLD}, "b", LOOKUP),
        ({"a": b"short"}, "a", LOOKUP),
        ({"": OLD}, "", LOOKUP),
        ({"a" * 256: OLD}, "a" * 256, LOOKUP),
        ({"a": OLD}, "a", b"short"),
    ],
)
def test_unusable_keys_are_refused(keys, current, lookup):
    with pytest.raises(ValueError, match="key"):
        crypto.configure(keys, current, lookup)


def test_nothing_is_sealed_before_keys_are_set():
    crypto._state = None
    with pytest.raises(RuntimeError, match="configure"):
        MOBILE.seal("19900001234", OWNER)


def test_a_signature_is_of_the_data_and_of_a_key_of_ours():
    crypto.configure({"old": OLD}, "old", LOOKUP)
    signature = crypto.sign(b"head")
    assert signature.startswith("old:")
    assert crypto.is_signed(b"head", signature)
    assert not crypto.is_signed(b"heaD", signature)
    assert not crypto.is_signed(b"head", signature[:-1] + ("0" if signature[-1] != "0" else "1"))
    crypto.configure({"new": NEW, "old": OLD}, "new", LOOKUP)
    assert crypto.is_signed(b"head", signature)
    assert crypto.sign(b"head").startswith("new:")
    crypto.configure({"new": NEW}, "new", LOOKUP)
    with pytest.raises(crypto.UnknownKey):
        crypto.is_signed(b"head", signature)


def test_a_digest_is_sm3():
    """GB/T 32905, its first example."""
    assert crypto.digest(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

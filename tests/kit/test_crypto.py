"""Sealed values open again, notice any change, and survive a new key; fingerprints are the same for the same text."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonghui.kit import crypto

OLD, NEW, LOOKUP = b"o" * 16, b"n" * 16, b"l" * 32


@pytest.fixture(autouse=True)
def keys():
    """Two keys, the newer one in use; what was configured before comes back afterwards."""
    before = crypto._state
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP)
    yield
    crypto._state = before


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text):
    assert crypto.open_sealed(crypto.seal(text)) == text


@given(data=st.binary())
def test_files_are_sealed_as_bytes(data):
    sealed = crypto.seal_bytes(data)
    assert crypto.open_bytes(memoryview(sealed)) == data


def test_the_same_text_never_gives_the_same_bytes():
    assert len({crypto.seal("310101199001010010") for _ in range(1000)}) == 1000


def test_the_text_cannot_be_read_in_the_sealed_value():
    assert b"3101" not in crypto.seal("310101199001010010")


def test_a_change_of_any_byte_is_noticed():
    sealed = crypto.seal("19900001234")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(crypto.Tampered):
            crypto.open_sealed(bytes(changed))


def test_a_cut_value_is_noticed():
    sealed = crypto.seal("19900001234")
    for length in range(len(sealed)):
        with pytest.raises(crypto.Tampered):
            crypto.open_sealed(sealed[:length])


def test_a_new_key_seals_and_the_old_one_still_opens():
    crypto.configure({"2025": OLD}, "2025", LOOKUP)
    old = crypto.seal("19900001234")
    crypto.configure({"2025": OLD, "2026": NEW}, "2026", LOOKUP)
    assert crypto.open_sealed(old) == "19900001234"
    assert b"2026" in crypto.seal("19900001234")


def test_a_removed_key_is_named():
    sealed = crypto.seal("19900001234")
    crypto.configure({"2025": OLD}, "2025", LOOKUP)
    with pytest.raises(crypto.UnknownKey, match="2026"):
        crypto.open_sealed(sealed)


def test_the_same_key_id_with_another_key_does_not_open():
    sealed = crypto.seal("19900001234")
    crypto.configure({"2026": OLD}, "2026", LOOKUP)
    with pytest.raises(crypto.Tampered):
        crypto.open_sealed(sealed)


@pytest.mark.skipif("sm3" not in hashlib.algorithms_available, reason="this OpenSSL has no SM3 to compare with")
def test_a_fingerprint_is_hmac_sm3():
    assert crypto.fingerprint("张建国") == hmac.digest(LOOKUP, "张建国".encode(), "sm3")


def test_fingerprints_are_the_same_on_every_thread():
    with ThreadPoolExecutor(8) as pool:
        prints = list(pool.map(lambda n: crypto.fingerprint(str(n % 7)), range(7000)))
    assert len(set(prints)) == 7
    assert {len(each) for each in prints} == {32}


def test_a_new_secret_opens_old_values_and_keeps_fingerprints():
    crypto.configure_from_secret("first secret")
    sealed, mark = crypto.seal("19900001234"), crypto.fingerprint("19900001234")
    crypto.configure_from_secret("second secret", retired=["first secret"])
    assert crypto.open_sealed(sealed) == "19900001234"
    assert crypto.fingerprint("19900001234") == mark
    again = crypto.seal("19900001234")
    crypto.configure_from_secret("first secret")
    with pytest.raises(crypto.UnknownKey):
        crypto.open_sealed(again)


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
        crypto.seal("19900001234")

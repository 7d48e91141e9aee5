"""The lots themselves: what anybody can compute again from the published page (SPEC 6.5).

The key is the seed (32 bytes, hexadecimal); a booking's lot is the HMAC-SM3 of its number. Bookings are sorted by tier,
then by lot. The seed's digest is the SM3 of its 32 bytes; the list's digest is the SM3 of its lines, 「number tier」 by
number, each with a line feed.
"""

from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes, hmac

SEED_BYTES = 32


def digest_of_seed(seed: str) -> str:
    return _sm3(bytes.fromhex(seed))


def digest_of_list(lines: Iterable[tuple[str, int]]) -> str:
    return _sm3("".join(f"{number} {tier}\n" for number, tier in sorted(lines)).encode())


def lot(seed: str, number: str) -> str:
    mac = hmac.HMAC(bytes.fromhex(seed), hashes.SM3())
    mac.update(number.encode())
    return mac.finalize().hex()


def drawn(seed: str, lines: Iterable[tuple[str, int]]) -> list[tuple[str, int, str]]:
    """(number, tier, lot) of each booking, in the order in which places are given."""
    with_lots = [(number, tier, lot(seed, number)) for number, tier in lines]
    return sorted(with_lots, key=lambda line: (line[1], line[2], line[0]))


def _sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()

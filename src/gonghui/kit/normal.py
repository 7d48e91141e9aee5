"""Unicode normalisation of untrusted text."""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

MAX_NORMALIZED = 500
"""Characters. Longer than any name, number or heading that a check would let through."""


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Returns `text` in a Unicode normal form; unchanged past MAX_NORMALIZED, where the caller's check refuses its length.

    The library takes quadratic time for a run of combining marks, and blocks the interpreter: a form field of 1 MB would
    stop the process for minutes.
    """
    return unicodedata.normalize(form, text) if len(text) <= MAX_NORMALIZED else text


_noise = re.compile(r"[\s\u200b-\u200f\ufeff]+")


MAX_WORD = 20
"""Characters of a word that is remembered: the same few fill the columns of a workbook with ten thousand rows."""


def plain(word: str) -> str:
    """A word as it is compared: without spaces and brackets' width, letters in lower case."""
    return _remembered(word) if len(word) <= MAX_WORD else _plain(word)


def _plain(word: str) -> str:
    return _noise.sub("", normalized("NFKC", word)).lower()


_remembered = lru_cache(maxsize=4096)(_plain)

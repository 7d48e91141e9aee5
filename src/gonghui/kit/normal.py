"""Unicode normalisation of what anybody may send."""

import unicodedata
from typing import Literal

MAX_NORMALIZED = 500
"""Characters. Longer than any name, number or heading that a check would let through."""


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """`text` in a normal form of Unicode's, or as it is past MAX_NORMALIZED: whoever checks it refuses it for its length.

    The library sorts a run of combining marks in the square of its length, and holds the interpreter meanwhile: a form's
    field of 1 MB would stop the process for minutes.
    """
    return unicodedata.normalize(form, text) if len(text) <= MAX_NORMALIZED else text

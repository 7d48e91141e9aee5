"""Names of files, as people and browsers gave them."""

import re

LONGEST = 100
"""Characters, with the ending."""

_ENDINGS = {"pdf": "pdf", "jpeg": "jpg", "png": "png"}
_UNWANTED = re.compile(r'[\\/:*?"<>|]')


def clean_name(name: str, kind: str) -> str:
    """What the file is called here and when it is downloaded: no path, nothing that is not seen, the ending of what it is.

    ``kind``: "pdf", "jpeg" or "png".
    """
    last = re.split(r"[\\/]", name)[-1]
    seen = "".join(character for character in last if character.isprintable())
    stem = _UNWANTED.sub("_", seen[: LONGEST * 4]).rpartition(".")[0] or seen[: LONGEST * 4]
    ending = f".{_ENDINGS[kind]}"
    return (stem.strip(" .")[: LONGEST - len(ending)] or "附件") + ending

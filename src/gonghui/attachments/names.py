"""Names of uploaded files."""

import re

LONGEST = 100
"""Maximum length in characters, with the extension."""

_ENDINGS = {"pdf": "pdf", "jpeg": "jpg", "png": "png"}
_UNWANTED = re.compile(r'[\\/:*?"<>|]')


def clean_name(name: str, kind: str) -> str:
    """Returns the name for pages and downloads: without path and invisible characters, with the right extension.

    ``kind`` is "pdf", "jpeg" or "png".
    """
    basename = re.split(r"[\\/]", name)[-1]
    visible = "".join(character for character in basename if character.isprintable())
    stem = _UNWANTED.sub("_", visible[: LONGEST * 4]).rpartition(".")[0] or visible[: LONGEST * 4]
    ending = f".{_ENDINGS[kind]}"
    return (stem.strip(" .")[: LONGEST - len(ending)] or "附件") + ending

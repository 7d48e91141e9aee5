"""The disk of GONGHUI_VAR: whether it takes what is written, and how much room there is."""

import shutil
import tempfile
from pathlib import Path

FULL = 256 * 1024**2
"""Free bytes below which nothing should be begun any more: PostgreSQL stops when its disk is full."""

SOON_FULL = 1024**3
"""Free bytes below which somebody should make room."""


def lack(folder: Path, *, floor: int) -> str:
    """What is wrong with the disk of ``folder`` in words, if it has no ``floor`` bytes free; empty when nothing is.

    A block is written, since a disk that was mounted read-only after an error, or is over a quota, still has its rights and
    its room. The folder's name is not told: anybody may ask ``/readyz``.
    """
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        return f"cannot be written to: {error.strerror or error}"
    free = shutil.disk_usage(folder).free
    return f"{told(free)} free, less than {told(floor)}" if free < floor else ""


def told(size: int) -> str:
    """Bytes as people read them."""
    return f"{size / 1024**3:.2f} GiB"

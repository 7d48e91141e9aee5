"""The disk of GONGHUI_VAR: whether it is writable, and how much space is free."""

import shutil
import tempfile
from pathlib import Path

FULL = 256 * 1024**2
"""Free bytes below which no new work should begin: PostgreSQL stops when its disk is full."""

SOON_FULL = 1024**3
"""Free bytes below which an operator should free space."""


def lack(folder: Path, *, floor: int) -> str:
    """Returns the problem of the disk of ``folder``: not writable, or less than ``floor`` bytes free. "" means none.

    Writes a block: a disk that is read-only after an error, or over its quota, still shows permissions and free space.
    The text does not contain the folder's name, because ``/readyz`` is public.
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
    """Returns bytes as readable text (GiB)."""
    return f"{size / 1024**3:.2f} GiB"

"""The process that rewrites a scan, with limits of memory and time: the file can crash only this process.

It reads a line (an empty job) and the file from stdin. It writes a line of JSON (a refusal or the file's facts), then
the rewritten file. Exit status 0 means that the answer is complete. It does not import Django.
"""

import json
import os
import struct
import sys
import zlib

from gonghui.kit.caps import cap
from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing.signatures import type_of

MEMORY_LIMIT = 640 * 1024 * 1024
"""Address space. A rotated photograph of 40 megapixels is in memory twice, with four bytes per pixel."""
CPU_SECONDS = 20
"""CPU seconds. A picture of 40 megapixels takes four."""
MAX_RESULT = 16 * 1024 * 1024
"""Bytes: a rewritten file may be a little larger."""

BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    OverflowError,
    RecursionError,
    struct.error,
    zlib.error,
)
"""The exceptions of the libraries for invalid files."""


def main() -> None:
    """Runs one job."""
    cap(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS)
    sys.stdin.buffer.readline()
    data = sys.stdin.buffer.read()
    clean = b""
    try:
        clean, head = _written_anew(data)
    except Refused as refused:
        head = {"refused": refused.sentence}
    except BROKEN:
        head = {"refused": ""}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + clean)
    sys.stdout.flush()
    os._exit(0)  # skips the deallocation of large objects


def _written_anew(data: bytes) -> tuple[bytes, dict[str, object]]:
    kind = type_of(data)
    if kind == "pdf":
        from gonghui.kit.sanitizing.pdfs import write_anew

        clean, pages = write_anew(data)
        head: dict[str, object] = {"type": kind, "pages": pages}
    else:
        from gonghui.kit.sanitizing.pictures import encode_anew

        clean, (width, height) = encode_anew(data, kind)
        head = {"type": kind, "width": width, "height": height}
    if len(clean) > MAX_RESULT:
        raise Refused("文件处理后太大，不能保存。请降低清晰度（300 dpi 以下）重新扫描后再上传。")
    return clean, head

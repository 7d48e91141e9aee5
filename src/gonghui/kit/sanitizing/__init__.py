"""Rewrites uploaded scans and photographs (PDF, JPEG and PNG, recognised by content) without unnecessary parts.

    clean = sanitize(data)     # raises Refused with a sentence and the remedy
    clean.type, clean.data, clean.pages, clean.width, clean.height

`sanitize` sends the file to `child`, a process with resource limits (``kit.children``). There `signatures` detects the
type, `pictures` encodes a picture again from its pixels, and `pdfs` writes a PDF again from its pages (ADR 31).
"""

import json
from dataclasses import dataclass

from gonghui.kit import children
from gonghui.kit.errors import Refused
from gonghui.kit.uploads import MAX_UPLOAD_BYTES

_EMPTY = "这个文件是空的，没有内容。请重新扫描或拍照后再上传。"
_TOO_LARGE = "文件有 {:.1f} MB，超过上限 10 MB。请用 300 dpi 以下重新扫描，或拆成几个文件上传。"
_UNREADABLE = "文件已损坏或内容过大，读不出来。请重新扫描、拍照，或另存为新的 PDF 后再上传。"


@dataclass(frozen=True)
class Sanitized:
    """A rewritten file: ``type`` is "pdf", "jpeg" or "png"; a PDF has ``pages``, a picture its size in pixels."""

    type: str
    data: bytes
    pages: int | None = None
    width: int | None = None
    height: int | None = None


def sanitize(data: bytes) -> Sanitized:
    """Returns the file rewritten by a child process with limits; this process does not parse it.

    Raises Refused when the file is empty, larger than MAX_UPLOAD_BYTES, no PDF, JPEG or PNG, damaged or protected by a
    password, has too many pages or pixels, or too many files are processed now.
    """
    if not data:
        raise Refused(_EMPTY)
    if len(data) > MAX_UPLOAD_BYTES:
        raise Refused(_TOO_LARGE.format(len(data) / 1024 / 1024))
    with children.answered("gonghui.kit.sanitizing.child", {}, data, unreadable=_UNREADABLE) as answer:
        head, _, rest = b"".join(answer).partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"] or _UNREADABLE)
    return Sanitized(data=rest, **told)

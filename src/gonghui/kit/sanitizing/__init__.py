"""Scans and photographs that people send, written anew: PDF, JPEG and PNG, judged by content, without what they do not need.

    clean = sanitize(data)     # raises Refused with a sentence and the remedy
    clean.type, clean.data, clean.pages, clean.width, clean.height

`sanitize` hands the file to `child`, the capped process (``kit.children``); there `signatures` says what it is, `pictures`
encodes a picture again by its pixels alone, `pdfs` writes a PDF again from its pages alone (ADR 31).
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
    """A file written anew: ``type`` is "pdf", "jpeg" or "png"; a PDF has ``pages``, a picture its size in pixels."""

    type: str
    data: bytes
    pages: int | None = None
    width: int | None = None
    height: int | None = None


def sanitize(data: bytes) -> Sanitized:
    """The file written anew by a capped child process; nothing of it is looked at here.

    Raises Refused: empty, over MAX_UPLOAD_BYTES, no PDF, JPEG or PNG, too many pages or pixels, locked by a password,
    damaged, or too many files at once.
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

"""Has a child encode a picture for pages: no other process looks into what was uploaded."""

import json
from dataclasses import dataclass

from gonghui.kit import children
from gonghui.kit.errors import Refused
from gonghui.kit.uploads import MAX_UPLOAD_BYTES

TOO_LARGE = f"图片超过上限 {MAX_UPLOAD_BYTES // 1024 // 1024} MB，没有上传。请缩小后再上传。"
_EMPTY = "这个文件是空的，没有内容。请重新选择图片。"
_UNREADABLE = "图片已损坏或内容过大，读不出来。请用图片软件打开后另存为 JPEG，再上传。"


@dataclass(frozen=True)
class EncodedFile:
    type: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True)
class Encoded:
    """A picture upright, and its files."""

    width: int
    height: int
    files: list[EncodedFile]


def encode(data: bytes) -> Encoded:
    """Returns the picture as JPEG and WebP in the widths of ``kit.sanitizing.web_pictures.WIDTHS``, without anything else of the file.

    Raises Refused: empty, too large, no JPEG, PNG or WebP, animated, too many pixels, damaged, or the server is busy.
    """
    if not data:
        raise Refused(_EMPTY)
    if len(data) > MAX_UPLOAD_BYTES:
        raise Refused(TOO_LARGE)
    with children.answered("gonghui.kit.sanitizing.web_pictures", {}, data, unreadable=_UNREADABLE) as answer:
        head, _, rest = b"".join(answer).partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise Refused(told["refused"] or _UNREADABLE)
    files, begin = [], 0
    for one in told["files"]:
        end = begin + one["size"]
        files.append(EncodedFile(one["type"], one["width"], one["height"], rest[begin:end]))
        begin = end
    return Encoded(told["width"], told["height"], files)

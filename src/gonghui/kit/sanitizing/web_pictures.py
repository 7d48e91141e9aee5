"""The process that encodes a picture for pages, with limits of memory and time (``kit.children``).

It reads a line (an empty job) and the file from stdin. It writes a line of JSON (a refusal, or the picture's size and the
list of its files), then the files one after the other. It does not import Django.
"""

import json
import os
import sys
from io import BytesIO

from PIL import Image, ImageOps

from gonghui.kit.caps import cap
from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing.child import BROKEN, CPU_SECONDS, MEMORY_LIMIT
from gonghui.kit.sanitizing.pictures import MAX_PIXELS

WIDTHS = (480, 960, 1600)
QUALITIES = {"WEBP": 78, "JPEG": 80}
EXTENSIONS = {"WEBP": "webp", "JPEG": "jpg"}
MIN_SIDE, MAX_RATIO = 40, 10

_NO_PICTURE = "这个文件不是 JPEG、PNG 或 WebP 图片，没有上传。请用图片软件打开后另存为 JPEG，再上传。"
_SVG = "SVG 文件中可能带有程序，不能上传。请在图片软件中导出为 PNG 或 JPEG，再上传。"
_GIF = "不能上传 GIF 图片。请另存为 JPEG 或 PNG，再上传。"
_ANIMATED = "这是一张动图（{} 帧），不能上传。请保存其中一帧为 JPEG 或 PNG，再上传。"
_TOO_MANY = "图片有 {}×{} 像素，超过上限 {:,} 万像素。请缩小到长边 4000 像素以内，再上传。"
_WRONG_SIDES = "图片有 {}×{} 像素，太小或太狭长，页面上看不清。请换一张每边至少 {} 像素、长宽比不超过 {}:1 的图片。"


def main() -> None:
    """Runs one job."""
    cap(memory=MEMORY_LIMIT, cpu_seconds=CPU_SECONDS)
    sys.stdin.buffer.readline()
    data = sys.stdin.buffer.read()
    files: list[bytes] = []
    try:
        head, files = encode(data)
    except Refused as refused:
        head = {"refused": refused.sentence}
    except BROKEN:
        head = {"refused": ""}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(files))
    sys.stdout.flush()
    os._exit(0)  # skips the deallocation of large objects


def encode(data: bytes) -> tuple[dict[str, object], list[bytes]]:
    """Returns the size and the list of files, and the files. Raises Refused, and Pillow's exceptions if it is damaged."""
    kind = _kind_of(data)
    with Image.open(BytesIO(data), formats=[kind]) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise Refused(_TOO_MANY.format(width, height, MAX_PIXELS // 10_000))
        if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
            raise Refused(_WRONG_SIDES.format(width, height, MIN_SIDE, MAX_RATIO))
        if (frames := getattr(image, "n_frames", 1)) > 1:
            raise Refused(_ANIMATED.format(frames))
        if kind == "JPEG":
            image.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))  # decodes at a fraction where that is enough
        image.load()
        upright = _on_white(ImageOps.exif_transpose(image))
    upright.info.clear()
    return _files(upright)


def _kind_of(data: bytes) -> str:
    """Returns Pillow's name of the format, by the content. Raises Refused."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith((b"GIF87a", b"GIF89a")):
        raise Refused(_GIF)
    raise Refused(_SVG if b"<svg" in data[:4096].lower() else _NO_PICTURE)


def _on_white(image: Image.Image) -> Image.Image:
    """Returns an RGB picture; what was transparent is white."""
    if image.mode in {"LA", "PA", "RGBA"} or "transparency" in image.info:
        upper = image.convert("RGBA")
        lower = Image.new("RGB", upper.size, "white")
        lower.paste(upper, mask=upper.getchannel("A"))
        return lower
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("RGB")
    return image.convert("RGB")


def _files(image: Image.Image) -> tuple[dict[str, object], list[bytes]]:
    image.thumbnail((WIDTHS[-1], WIDTHS[-1] * MAX_RATIO), Image.Resampling.LANCZOS)
    width, height = image.size
    told, files = [], []
    for one in sorted({min(one, width) for one in WIDTHS}):
        scaled = image.resize((one, max(1, round(height * one / width))), Image.Resampling.LANCZOS)
        for kind, quality in QUALITIES.items():
            written = BytesIO()
            scaled.save(written, kind, quality=quality, optimize=True)
            files.append(written.getvalue())
            told.append({"type": EXTENSIONS[kind], "width": one, "height": scaled.height, "size": len(files[-1])})
    return {"width": width, "height": height, "files": told}, files

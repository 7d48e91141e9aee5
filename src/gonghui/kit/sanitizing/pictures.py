"""Encodes a picture again from its pixels, without the file's other data (place, device, comments, appended data)."""

from io import BytesIO

from PIL import Image, ImageOps

from gonghui.kit.errors import Refused

MAX_PIXELS = 40_000_000
"""A page of A4 at 600 dpi has 35 million pixels."""
JPEG_QUALITY = 88

Image.MAX_IMAGE_PIXELS = None  # checked here, before decoding

_JPEG_MODES, _PNG_MODES = {"L", "RGB"}, {"1", "L", "LA", "RGB", "RGBA"}


def encode_anew(data: bytes, kind: str) -> tuple[bytes, tuple[int, int]]:
    """Returns the picture in its intended orientation and the same format, and its width and height in pixels.

    ``kind`` is "jpeg" or "png". Raises Refused past MAX_PIXELS, and Pillow's exceptions for a damaged picture.
    """
    with Image.open(BytesIO(data), formats=[kind.upper()]) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise Refused(
                f"图片有 {width}×{height} 像素，超过上限 {MAX_PIXELS // 10_000:,} 万像素。"
                "请用 300 dpi 重新扫描，或用手机普通模式（不要用高像素模式）拍照后再上传。"
            )
        image.load()
        upright = _of_modes(ImageOps.exif_transpose(image), _JPEG_MODES if kind == "jpeg" else _PNG_MODES)
    upright.info.clear()
    written = BytesIO()
    upright.save(written, kind.upper(), **({"quality": JPEG_QUALITY} if kind == "jpeg" else {}))
    return written.getvalue(), upright.size


def _of_modes(image: Image.Image, kept: set[str]) -> Image.Image:
    """Converts the picture to one of the modes; of sixteen bits per pixel it keeps the upper eight."""
    if image.mode in kept:
        return image
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = image.mode in {"PA", "RGBA", "LA"} or "transparency" in image.info
    return image.convert("RGBA" if transparent and "RGBA" in kept else "RGB")

"""Of a picture nothing is kept but its pixels."""

from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from gonghui.kit.errors import Refused
from gonghui.kit.sanitizing import sanitize
from tests.scans import jpeg, png, png_head


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def test_a_photograph_is_turned_upright_and_tells_neither_place_nor_device():
    sent = jpeg(60, 40, turned=True)
    assert b"SECRETPHONE" in sent
    clean = sanitize(sent)
    assert (clean.type, clean.width, clean.height, clean.pages) == ("jpeg", 40, 60, None)
    assert b"SECRETPHONE" not in clean.data
    assert not opened(clean.data).getexif()
    assert opened(clean.data).size == (40, 60)


def test_what_hides_in_a_picture_or_behind_it_is_gone():
    page = b"<html><script>alert(1)</script></html>"
    clean = sanitize(jpeg(comment=page) + page)
    assert b"script" not in clean.data
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "AUTHORNAME")
    clean = sanitize(png(pnginfo=notes) + page)
    assert b"AUTHORNAME" not in clean.data
    assert b"script" not in clean.data


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str):
    clean = sanitize(png(mode=mode))
    assert (clean.type, clean.width, clean.height) == ("png", 60, 40)
    assert opened(clean.data).size == (60, 40)


def test_the_pixels_are_counted_before_anything_is_decoded():
    with pytest.raises(Refused, match="20000×20000 像素，超过上限 4,000 万像素"):
        sanitize(png_head(20_000, 20_000))


def test_a_picture_at_the_limit_is_taken_also_when_it_is_turned():
    clean = sanitize(jpeg(8_000, 5_000, turned=True))
    assert (clean.width, clean.height) == (5_000, 8_000)


@pytest.mark.parametrize(
    "data", [jpeg()[:300], png()[:60], b"\xff\xd8\xff" + bytes(99), png_head(60, 40), png_head(0, 0)]
)
def test_a_broken_picture_is_refused_with_the_remedy(data: bytes):
    with pytest.raises(Refused, match="读不出来。请重新扫描"):
        sanitize(data)

"""Pictures are encoded anew by a child; what is none, too large or moving is refused with a sentence."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.publishing.models import Picture
from gonghui.publishing.pictures.actions import add_picture
from tests.publishing.stories import drawn, picture

pytestmark = pytest.mark.django_db


def bomb() -> bytes:
    """A PNG of two kilobytes that says it is 20,000 pixels wide and high."""
    small = drawn(100, 100, "PNG")
    header = small[12:16] + struct.pack(">II", 20_000, 20_000) + small[24:29]
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def animated(kind: str) -> bytes:
    written = BytesIO()
    frames = [Image.new("RGB", (300, 200), (n, n, n)) for n in range(50)]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:])
    return written.getvalue()


def test_a_picture_is_kept_in_its_sizes_and_recorded(cast):
    one = add_picture(ContentFile(drawn(2000, 1000), "a.jpg"), alt=" 走访  现场 ", by=cast.platform_admin)
    assert (one.alt, one.width, one.height) == ("走访 现场", 1600, 800)
    sizes = {(file.type, file.width, file.height) for file in one.renditions.all()}
    assert sizes == {(kind, *size) for kind in ("webp", "jpg") for size in ((480, 240), (960, 480), (1600, 800))}
    for file in one.renditions.all():
        with Image.open(BytesIO(bytes(file.content))) as image:
            assert (image.format, image.size) == ({"webp": "WEBP", "jpg": "JPEG"}[file.type], (file.width, file.height))
    assert Entry.objects.get(verb="picture.added").data == {"width": 1600, "height": 800}


def test_it_is_turned_upright_and_says_nothing_of_where_it_was_taken(cast):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90°
    exif.get_ifd(0x8825)[1] = "N"  # a place
    exif[0x010F] = "相机"
    one = add_picture(ContentFile(drawn(1000, 500, exif=exif), "a.jpg"), alt="横", by=cast.platform_admin)
    assert (one.width, one.height) == (500, 1000)
    for file in one.renditions.all():
        with Image.open(BytesIO(bytes(file.content))) as image:
            assert not dict(image.getexif())
            assert b"Exif" not in bytes(file.content)


def test_what_is_transparent_becomes_white(cast):
    written = BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(written, "PNG")
    one = add_picture(ContentFile(written.getvalue(), "a.png"), alt="空", by=cast.platform_admin)
    with Image.open(BytesIO(bytes(one.renditions.filter(type="jpg").latest("width").content))) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "这个文件是空的"),
        (b"GIF89a/*\x00\x01\x00\x00\x00\x00\x3b*/=1;alert(1)", "不能上传 GIF"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<html><script>alert(1)</script>", "不是 JPEG、PNG 或 WebP"),
        (drawn(800, 600)[:900], "已损坏"),
        (drawn(20_000, 30), "太小或太狭长"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "超过上限 10 MB"),
    ],
    ids=["empty", "GIF that is JavaScript", "SVG", "page", "cut", "line", "large"],
)
def test_what_is_no_good_picture_is_refused(cast, data, sentence):
    with pytest.raises(Refused, match=sentence):
        add_picture(ContentFile(data, "a.jpg"), alt="图", by=cast.platform_admin)
    assert not Picture.objects.exists()


def test_twenty_thousand_pixels_are_refused_before_they_are_decoded(cast):
    data = bomb()
    assert len(data) < 100_000
    with pytest.raises(Refused, match="图片有 20000×20000 像素，超过上限 4,000 万像素"):
        add_picture(ContentFile(data, "a.png"), alt="图", by=cast.platform_admin)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused(cast, kind):
    with pytest.raises(Refused, match=r"动图（\d+ 帧）"):
        add_picture(ContentFile(animated(kind), "a"), alt="图", by=cast.platform_admin)


@pytest.mark.parametrize(("alt", "sentence"), [("  ", "请填写图片说明"), ("长" * 101, "图片说明有 101 个字")])
def test_a_picture_has_words_for_who_cannot_see_it(cast, alt, sentence):
    with pytest.raises(Refused, match=sentence):
        add_picture(ContentFile(drawn(), "a.jpg"), alt=alt, by=cast.platform_admin)


def test_only_editors_add_pictures(cast):
    with pytest.raises(Refused, match="市总工会的管理员"):
        add_picture(ContentFile(drawn(), "a.jpg"), alt="图", by=cast.district_admin)


def test_everybody_gets_it_and_keeps_it(cast, client):
    one = picture(cast)
    for user in (None, cast.officer):
        if user:
            client.force_login(user)
        answer = client.get(f"/pictures/{one.key}/480.webp")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/pictures/{one.key}/481.webp").status_code == 404
    assert client.get(f"/pictures/{one.key}/480.svg").status_code == 404


def test_the_editor_is_told_the_address_or_why_not(cast, client):
    client.force_login(cast.platform_admin)
    answer = client.post("/publishing/pictures/add/", {"alt": "现场", "picture": ContentFile(drawn(), "a.jpg")})
    key = Picture.objects.get().key
    assert answer.json() == {"key": str(key), "src": f"/pictures/{key}/960.webp", "alt": "现场"}
    answer = client.post("/publishing/pictures/add/", {"alt": "", "picture": ContentFile(drawn(), "a.jpg")})
    assert (answer.status_code, answer.json()["field"]) == (422, "alt")
    assert client.post("/publishing/pictures/add/", {"alt": "x"}).status_code == 422

"""Invented pictures for invented news and invoices: a few flat shapes each, drawn when the demo is loaded."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (1200, 800)
Pen = ImageDraw.ImageDraw
_SKY, _SUN, _GROUND = "#f7ead6", "#fff7e6", "#e7d3b8"
_SKIN = ("#f0c9a4", "#e3b088", "#f4d3b3")


def drawn(scene: str) -> bytes:
    """Returns the scene as a JPEG file."""
    image = Image.new("RGB", SIZE, _SKY)
    pen = ImageDraw.Draw(image)
    pen.ellipse((320, 40, 1000, 720), fill=_SUN)
    pen.rectangle((0, 640, 1200, 800), fill=_GROUND)
    for left, top, right in ((0, 380, 110), (140, 300, 230), (930, 330, 1030), (1060, 260, 1160)):
        pen.rectangle((left, top, right, 640), fill="#ecd9bf")
    SCENES[scene](pen)
    written = BytesIO()
    image.save(written, "JPEG", quality=90)
    return written.getvalue()


def invoice() -> bytes:
    """Returns the likeness of an invoice, without a word on it, as a PNG file."""
    image = Image.new("RGB", (900, 560), "#fffdf8")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((300, 30, 600, 62), 6, fill="#8c3b2a")
    for row in range(6):
        pen.line((60, 120 + row * 66, 840, 120 + row * 66), fill="#8c3b2a", width=2)
        for column in (80, 380, 660):
            pen.rounded_rectangle(
                (column, 140 + row * 66, column + 90 + row * 19 % 70, 156 + row * 66), 5, fill="#444444"
            )
    for column in (60, 360, 640, 840):
        pen.line((column, 120, column, 450), fill="#8c3b2a", width=2)
    pen.ellipse((640, 380, 800, 520), outline="#c8102e", width=6)
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _person(pen: Pen, x: int, coat: str, *, cap: str = "", tall: int = 300, number: int = 0) -> None:
    top = 640 - tall
    pen.rounded_rectangle((x - 75, top + 110, x + 75, 720), 55, fill=coat)
    pen.rounded_rectangle((x - 20, top + 80, x + 20, top + 135), 12, fill=_SKIN[number % 3])
    pen.ellipse((x - 52, top, x + 52, top + 112), fill=_SKIN[number % 3])
    pen.chord((x - 54, top - 8, x + 54, top + 92), 180, 360, fill=cap or "#3a2a22")
    if cap:
        pen.rounded_rectangle((x - 66, top + 36, x + 66, top + 50), 7, fill=cap)


def _visit(pen: Pen) -> None:
    for number, (x, coat, cap) in enumerate(
        ((380, "#24324a", ""), (560, "#e8862b", "#f4b400"), (740, "#e8862b", "#f4b400"), (920, "#7d1f2b", ""))
    ):
        _person(pen, x, coat, cap=cap, number=number)
    pen.rounded_rectangle((430, 600, 530, 690), 8, fill="#b3241b")
    pen.rectangle((474, 600, 486, 690), fill="#f4d35e")


def _contest(pen: Pen) -> None:
    pen.rectangle((180, 560, 1020, 600), fill="#8a6d4d")
    for x in (300, 560, 820):
        pen.rounded_rectangle((x, 430, x + 150, 560), 10, fill="#50606f")
        pen.ellipse((x + 45, 460, x + 105, 520), fill="#cfd8df")
        pen.rectangle((x + 66, 500, x + 84, 560), fill="#f4b400")
    for number, x in enumerate((300, 560, 840)):
        _person(pen, x - 40, "#2f6fb3", cap="#ffffff", tall=340, number=number)


def _study(pen: Pen) -> None:
    for row in range(3):
        pen.rectangle((170, 250 + row * 120, 520, 262 + row * 120), fill="#8a6d4d")
        for book in range(9):
            colour = ("#9c1c20", "#2f6fb3", "#0b6638", "#d8a13a")[(book + row) % 4]
            pen.rectangle(
                (180 + book * 36, 165 + row * 120 + book % 3 * 8, 208 + book * 36, 250 + row * 120), fill=colour
            )
    for number, x in enumerate((660, 860)):
        _person(pen, x, ("#375a46", "#7d1f2b")[number], tall=320, number=number)
    pen.rectangle((600, 600, 980, 630), fill="#8a6d4d")


def _station(pen: Pen) -> None:
    pen.rectangle((330, 300, 870, 660), fill="#fdfaf4")
    pen.polygon(((300, 300), (600, 190), (900, 300)), fill="#9c1c20")
    pen.rectangle((400, 380, 540, 500), fill="#bcd7ea")
    pen.rectangle((640, 400, 790, 660), fill="#6b4b34")
    _person(pen, 250, "#f4b400", cap="#1456cc", number=1)
    _person(pen, 980, "#1b8a5a", cap="#1b8a5a", number=2)


def _meeting(pen: Pen) -> None:
    pen.rectangle((220, 170, 980, 420), fill="#9c1c20")
    pen.rectangle((240, 190, 960, 400), outline="#e8c37a", width=6)
    for number, x in enumerate((330, 470, 610, 750, 890)):
        _person(pen, x, ("#24324a", "#43505f")[number % 2], tall=250, number=number)
    pen.rectangle((180, 610, 1020, 690), fill="#6b4b34")


SCENES: dict[str, Callable[[Pen], None]] = {
    "visit": _visit,
    "contest": _contest,
    "study": _study,
    "station": _station,
    "meeting": _meeting,
}

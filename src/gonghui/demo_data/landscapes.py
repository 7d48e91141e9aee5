"""Invented landscapes for invented journeys: sky, hills, water and trees in flat layers, drawn when the demo is loaded;
and the map of a route.

The same scene and words give the same picture.
"""

import math
import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 960, 640
Pen = ImageDraw.ImageDraw
Colour = tuple[int, int, int]


def landscape(scene: str, words: str) -> bytes:
    """Returns the scene as a JPEG file; other words give another view of it."""
    chance = random.Random(f"{scene}{words}")  # noqa: S311 (a drawing)
    image = SCENES[scene](chance)
    written = BytesIO()
    image.save(written, "JPEG", quality=88)
    return written.getvalue()


def route_map() -> bytes:
    """Returns a page with a road and the places on it, as a PDF file."""
    page = Image.new("RGB", (1240, 1754), "#fdfaf2")
    pen = ImageDraw.Draw(page)
    chance = random.Random("map")  # noqa: S311 (a drawing)
    for _ in range(60):
        x, y, size = chance.randint(60, 1100), chance.randint(80, 1600), chance.randint(20, 60)
        pen.polygon(((x, y + size), (x + size, y - size), (x + 2 * size, y + size)), fill="#dfe9da")
    stops = [(180 + 700 * (n % 2) + 60 * n % 130, 1560 - 270 * n) for n in range(6)]
    pen.line(stops, fill="#c9a46a", width=22, joint="curve")
    for x, y in stops:
        pen.ellipse((x - 26, y - 26, x + 26, y + 26), fill="#1456cc", outline="#ffffff", width=8)
    written = BytesIO()
    page.save(written, "PDF", resolution=150)
    return written.getvalue()


def _sky(above: str, below: str) -> Image.Image:
    """From one colour to the other, over the whole picture."""
    ramp = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    return Image.composite(Image.new("RGB", ramp.size, below), Image.new("RGB", ramp.size, above), ramp)


def _glow(image: Image.Image, chance: random.Random, colour: str) -> None:
    """The sun behind thin clouds."""
    x, y, size = chance.randint(160, WIDTH - 160), chance.randint(80, 200), chance.randint(46, 70)
    light = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(light)
    pen.ellipse((x - 3 * size, y - 3 * size, x + 3 * size, y + 3 * size), fill=56)
    pen.ellipse((x - size, y - size, x + size, y + size), fill=210)
    image.paste(Image.new("RGB", image.size, colour), mask=light.filter(ImageFilter.GaussianBlur(30)))


def _ridge(chance: random.Random, base: float, height: float, rough: float = 1.0) -> list[tuple[int, int]]:
    """A line of hills: a few waves of chance lengths, one over the other."""
    waves = [(height / (n + 1) ** rough, (n + 1) * chance.uniform(0.7, 1.4), chance.uniform(0, 6.3)) for n in range(5)]
    return [
        (x, round(base - sum(a * math.sin(f * x / WIDTH * math.pi * 2 + p) for a, f, p in waves)))
        for x in range(0, WIDTH + 8, 8)
    ]


def _filled(pen: Pen, line: list[tuple[int, int]], colour: Colour) -> None:
    pen.polygon([*line, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)


def _between(near: Colour, far: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(near, far, strict=True))
    return red, green, blue


def _hills(
    image: Image.Image,
    chance: random.Random,
    far: Colour,
    near: Colour,
    *,
    tops: tuple[int, int],
    height: int,
    layers: int,
    clouds: bool = False,
) -> None:
    """Layers from far to near, each lower and darker than the one behind it; with clouds in the valleys, or without."""
    pen = ImageDraw.Draw(image)
    for layer in range(layers):
        part = layer / (layers - 1)
        line = _ridge(chance, tops[0] + (tops[1] - tops[0]) * part, height * (1 - part * 0.5), 1.1)
        _filled(pen, line, _between(far, near, part))
        if clouds and part < 1:
            _clouds(image, chance, max(y for _, y in line) - 40)


def _clouds(image: Image.Image, chance: random.Random, level: int) -> None:
    veil = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(veil)
    for _ in range(30):
        x, y, size = chance.randint(-160, WIDTH), level + chance.randint(-20, 90), chance.randint(60, 150)
        pen.ellipse((x, y, x + 2 * size, y + size // 2), fill=215)
    image.paste(Image.new("RGB", image.size, "#fdf9f3"), mask=veil.filter(ImageFilter.GaussianBlur(20)))


def _bamboo(chance: random.Random) -> Image.Image:
    """Mountains with bamboo: 莫干山."""
    image = _sky("#cfe4ea", "#f6f2e2")
    _glow(image, chance, "#fff6d8")
    _hills(image, chance, (176, 204, 196), (58, 104, 78), tops=(290, 520), height=90, layers=5)
    pen = ImageDraw.Draw(image)
    for _ in range(26):
        x, foot = chance.randint(-20, WIDTH + 20), chance.randint(HEIGHT - 60, HEIGHT + 40)
        top, lean = foot - chance.randint(200, 380), chance.randint(-36, 36)
        green = _between((38, 84, 58), (104, 148, 84), chance.random())
        pen.line((x, foot, x + lean, top), fill=green, width=chance.choice((5, 6, 8)))
        for leaf in range(22):
            at = leaf / 22 * 0.6
            y, left = top + (foot - top) * at, x + lean * (1 - at)
            reach = chance.randint(16, 44) * chance.choice((-1, 1))
            pen.polygon(((left, y), (left + reach, y + 18), (left + reach * 0.5, y + 13)), fill=green)
    return image


def _lake(chance: random.Random) -> Image.Image:
    """Hills that stand in a lake, with a boat: 天目湖."""
    image = _sky("#bcd8ee", "#fbf3e4")
    _glow(image, chance, "#fffbe8")
    _hills(image, chance, (170, 196, 210), (70, 118, 122), tops=(300, 370), height=58, layers=4)
    shore = 400
    water = image.crop((0, 2 * shore - HEIGHT, WIDTH, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    veil = Image.new("RGB", water.size, "#8fb8c8")
    image.paste(Image.blend(water.filter(ImageFilter.GaussianBlur(3)), veil, 0.45), (0, shore))
    pen = ImageDraw.Draw(image)
    for _ in range(70):
        x, y = chance.randint(0, WIDTH), chance.randint(shore + 8, HEIGHT - 4)
        pen.line((x, y, x + chance.randint(20, 90), y), fill=(205, 224, 230), width=1)
    x, y = chance.randint(220, 700), chance.randint(470, 540)
    pen.chord((x - 60, y - 24, x + 60, y + 20), 0, 180, fill="#5a3d2b")
    pen.polygon(((x - 2, y - 6), (x - 2, y - 118), (x + 58, y - 12)), fill="#fdfaf2")
    pen.line((x - 4, y, x - 4, y - 124), fill="#5a3d2b", width=4)
    return image


def _marsh(chance: random.Random) -> Image.Image:
    """A flat coast with reeds and birds: 崇明东滩."""
    image = _sky("#f0c9a2", "#fdf1dc")
    _glow(image, chance, "#fff1cf")
    pen = ImageDraw.Draw(image)
    _filled(pen, _ridge(chance, 350, 7, 0.8), (176, 178, 150))
    pen.rectangle((0, 372, WIDTH, HEIGHT), fill="#d9c8a4")
    for _ in range(16):
        x, y = chance.randint(-100, WIDTH - 60), chance.randint(380, 560)
        long = chance.randint(140, 420)
        pen.ellipse((x, y, x + long, y + long // 12 + 6), fill="#f7e7cb")
    for _ in range(240):
        x, foot = chance.randint(0, WIDTH), chance.randint(500, HEIGHT + 40)
        top, lean = foot - chance.randint(60, 150), chance.randint(-14, 26)
        brown = _between((116, 92, 52), (178, 146, 86), chance.random())
        pen.line((x, foot, x + lean, top), fill=brown, width=3)
        pen.ellipse((x + lean - 5, top - 26, x + lean + 6, top + 6), fill=brown)
    for _ in range(9):
        x, y, span = chance.randint(120, WIDTH - 120), chance.randint(90, 290), chance.randint(12, 26)
        pen.arc((x - 2 * span, y, x, y + span), 200, 340, fill="#5c5448", width=4)
        pen.arc((x, y, x + 2 * span, y + span), 200, 340, fill="#5c5448", width=4)
    return image


def _peaks(chance: random.Random) -> Image.Image:
    """Steep peaks above a sea of clouds, with pines: 黄山."""
    image = _sky("#c3d6ea", "#fdf0e3")
    _glow(image, chance, "#fff3dc")
    _hills(image, chance, (170, 186, 204), (72, 90, 100), tops=(280, 560), height=150, layers=5, clouds=True)
    pen = ImageDraw.Draw(image)
    for _ in range(3):
        x, foot = chance.randint(60, WIDTH - 60), HEIGHT - chance.randint(-20, 60)
        pen.line((x, foot, x + 14, foot - 150), fill="#4a3a2c", width=12)
        for tier in range(4):
            y, reach = foot - 70 - tier * 34, 120 - tier * 22
            pen.ellipse(
                (x - reach, y - 16, x + reach + 20, y + 14), fill=_between((34, 66, 52), (72, 104, 78), tier / 4)
            )
    return image


SCENES: dict[str, Callable[[random.Random], Image.Image]] = {
    "bamboo": _bamboo,
    "lake": _lake,
    "marsh": _marsh,
    "peaks": _peaks,
}

"""Pictures on pages: the words that each has, its files in several widths, the HTML that lets a browser choose.

`kit.sanitizing.encoding` makes the files. An app has a model of its pictures, which says by ``root`` where they are
fetched, and one of their files made of `RenditionColumns`, related as ``renditions``.
"""

import html
from typing import Any, ClassVar, Protocol

from django.db import models
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.safestring import SafeString, mark_safe

from gonghui.kit.errors import Refused

MAX_ALT = 100
USUAL_WIDTH = 960
"""Of the file for browsers that do not choose."""
_LAZY = ' loading="lazy"'


class RenditionType(models.TextChoices):
    WEBP = "webp", "WebP"
    JPEG = "jpg", "JPEG"


MEDIA_TYPES = {RenditionType.WEBP: "image/webp", RenditionType.JPEG: "image/jpeg"}


class RenditionTypeConverter(StringConverter):
    regex = "|".join(RenditionType.values)


register_converter(RenditionTypeConverter, "rendition")


class RenditionColumns(models.Model):
    """A picture encoded anew at one width. It never changes, so that browsers keep it."""

    type = models.TextField(choices=RenditionType.choices)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        abstract = True


class Picture(Protocol):
    """What a model of pictures has."""

    root: ClassVar[str]
    """Its files are at ``{root}/{key}/{width}.{type}``."""
    key: Any
    alt: Any
    width: Any
    height: Any
    renditions: Any


def stated_alt(alt: str, *, field: str = "alt") -> str:
    """The words for who cannot see a picture, in one line. Raises Refused for none, or too many."""
    if not (alt := " ".join(alt.split())):
        raise Refused("请填写图片说明：看不到图片的人靠它知道图上是什么。", field=field)
    if len(alt) > MAX_ALT:
        raise Refused(f"图片说明有 {len(alt)} 个字，请缩短到 {MAX_ALT} 个字以内。", field=field)
    return alt


def picture_tag(picture: Picture, *, sizes: str = "(max-width: 800px) 100vw, 760px", lazy: bool = False) -> SafeString:
    """Returns the HTML of a picture; wants its ``renditions`` prefetched without their contents."""
    found = sorted(picture.renditions.all(), key=lambda one: one.width)
    at = f"{picture.root}/{picture.key}"
    sets = {
        kind: ", ".join(f"{at}/{one.width}.{kind} {one.width}w" for one in found if one.type == kind)
        for kind in RenditionType.values
    }
    widths = [one.width for one in found if one.type == RenditionType.JPEG]
    usual = max((width for width in widths if width <= USUAL_WIDTH), default=widths[0] if widths else 0)
    return mark_safe(  # noqa: S308 (numbers, a key, and the one text escaped)
        f'<picture><source type="image/webp" srcset="{sets["webp"]}" sizes="{sizes}">'
        f'<img src="{at}/{usual}.jpg" srcset="{sets["jpg"]}" sizes="{sizes}" '
        f'width="{picture.width}" height="{picture.height}" alt="{html.escape(picture.alt)}"'
        f"{_LAZY if lazy else ''}></picture>"
    )


def largest(picture: Picture) -> str:
    """Returns the address of the largest file, to look at the picture alone."""
    return f"{picture.root}/{picture.key}/{max(one.width for one in picture.renditions.all())}.{RenditionType.JPEG}"

"""Pictures and documents of programmes, as publishers add them."""

from functools import cache
from itertools import count

from django.core.files.base import ContentFile

from gonghui.accounts.models import User
from gonghui.bookings.documents.actions import add_document
from gonghui.bookings.models import Document, Picture, Programme, Venue
from gonghui.bookings.pictures.actions import add_picture
from tests.publishing.stories import drawn
from tests.scans import pdf

_widths = count(400)


def picture_file() -> ContentFile:
    """A small picture, each a little wider than the last: the same one is taken once."""
    return ContentFile(drawn(next(_widths), 300), "竹海.jpg")


def pictured(programme: Programme, alt: str = "晨雾中的竹海", *, venue: Venue | None = None, by: User) -> Picture:
    return add_picture(programme, picture_file(), alt=alt, venue=venue, by=by)


def document_file(pages: int = 1) -> ContentFile:
    return ContentFile(_pages(pages), "行程单.pdf")


@cache
def _pages(number: int) -> bytes:
    """The very same file each time: a PDF bears the second in which it was made."""
    return pdf(pages=number)


def documented(programme: Programme, title: str = "行程单", *, pages: int = 1, by: User) -> Document:
    return add_document(programme, document_file(pages), title=title, by=by)

"""The operation manual 「操作手册」 (SPEC 1.1): the Markdown chapters of ``manual/``, rendered once per process.

``manual/README.md`` lists the chapters in order, so that the folder can also be read on a code forge; a file that it does
not list is not shown. Chapters are our own text and trusted; their pictures are static files.
"""

import re
import struct
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER = Path(__file__).parent / "manual"
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Chapter:
    """One chapter; ``sections`` are the anchors and texts of its second-level headings."""

    number: int
    slug: str
    title: str
    sections: tuple[tuple[str, str], ...]
    html: SafeString


def served(picture: Path) -> str:
    """The URL of a picture."""
    return static(f"manual/{picture.name}")


def enclosed(picture: Path) -> str:
    """A data URL with the picture, for a file that users pass on."""
    return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"


@cache
def chapters(*, together: bool = False, address: Callable[[Path], str] = served) -> list[Chapter]:
    """Returns all chapters. ``together``: for one page with all of them, so their headings are one level lower."""
    slugs = re.findall(r"^\d+\. \[.+\]\((.+)\.md\)$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    return [_chapter(number, slug, together, address) for number, slug in enumerate(slugs, 1)]


def _chapter(number: int, slug: str, together: bool, address: Callable[[Path], str]) -> Chapter:
    tokens = _MARKDOWN.parse((FOLDER / f"{slug}.md").read_text("utf-8"))
    title, body = tokens[1].content, tokens[3:]  # the page's own heading shows the title
    sections: list[tuple[str, str]] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            anchor = f"{slug}-{len(sections) + 1}"
            token.attrSet("id", anchor)
            sections.append((anchor, tokens[index + 1].content))
        for part in token.children or ():
            _lead(part, together, address)
    if together:
        for token in body:
            if token.type in ("heading_open", "heading_close"):
                token.tag = f"h{int(token.tag[1:]) + 1}"
    html = _MARKDOWN.renderer.render(body, _MARKDOWN.options, {})
    return Chapter(number, slug, title, tuple(sections), mark_safe(html))  # noqa: S308 (our own text)


def _lead(token: Token, together: bool, address: Callable[[Path], str]) -> None:
    """Sets the address of a picture or of a link to another chapter."""
    if token.type == "image":
        picture = FOLDER / str(token.attrs["src"])
        width, height = _size(picture)
        token.attrs |= {"src": address(picture), "width": width, "height": height}
    elif token.type == "link_open" and (slug := re.fullmatch(r"([\w-]+)\.md", str(token.attrs["href"]))):
        token.attrs["href"] = f"#{slug[1]}" if together else reverse("manual_chapter", args=[slug[1]])


def _size(picture: Path) -> tuple[int, int]:
    """Returns width and height from the header of a PNG, so the page does not move while pictures load."""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return width, height

"""The operation manual 「操作手册」 (SPEC 1.1): the chapters in Markdown below ``manual/``, drawn once per process.

``manual/README.md`` lists the chapters in their order, so that the folder reads as well on a code forge; what it does
not list is not there. Chapters are our own text and are trusted; their pictures are static files.
"""

import re
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
    """One chapter; ``sections`` are its second headings with the names that lead to them."""

    number: int
    slug: str
    title: str
    sections: tuple[tuple[str, str], ...]
    html: SafeString


def served(picture: Path) -> str:
    """The address of a picture."""
    return static(f"manual/{picture.name}")


def enclosed(picture: Path) -> str:
    """The picture itself as an address, for a file that is passed on."""
    return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"


@cache
def chapters(*, together: bool = False, address: Callable[[Path], str] = served) -> list[Chapter]:
    """All chapters. ``together``: for one page that holds them all, so that their headings stand one level lower."""
    slugs = re.findall(r"^\d+\. \[.+\]\((.+)\.md\)$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    return [_chapter(number, slug, together, address) for number, slug in enumerate(slugs, 1)]


def _chapter(number: int, slug: str, together: bool, address: Callable[[Path], str]) -> Chapter:
    tokens = _MARKDOWN.parse((FOLDER / f"{slug}.md").read_text("utf-8"))
    title = ""
    sections: list[tuple[str, str]] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title = tokens[place + 1].content
        elif token.type == "heading_open" and token.tag == "h2":
            anchor = f"{slug}-{len(sections) + 1}"
            token.attrSet("id", anchor)
            sections.append((anchor, tokens[place + 1].content))
        for part in token.children or ():
            _lead(part, together, address)
    body = tokens[3:]  # the title stands in the page's own heading
    if together:
        for token in body:
            if token.type in ("heading_open", "heading_close"):
                token.tag = f"h{int(token.tag[1:]) + 1}"
    html = _MARKDOWN.renderer.render(body, _MARKDOWN.options, {})
    return Chapter(number, slug, title, tuple(sections), mark_safe(html))  # noqa: S308 (our own text)


def _lead(part: Token, together: bool, address: Callable[[Path], str]) -> None:
    """Let a picture and a link to another chapter lead where they are to be found."""
    if part.type == "image":
        picture = FOLDER / str(part.attrs["src"])
        width, height = _size(picture)
        part.attrs |= {"src": address(picture), "width": width, "height": height}
    elif part.type == "link_open" and (slug := re.fullmatch(r"([\w-]+)\.md", str(part.attrs["href"]))):
        part.attrs["href"] = f"#{slug[1]}" if together else reverse("manual_chapter", args=[slug[1]])


def _size(picture: Path) -> tuple[int, int]:
    """Width and height as a PNG's head tells them: the page does not jump while pictures arrive."""
    head = picture.read_bytes()[16:24]
    return int.from_bytes(head[:4]), int.from_bytes(head[4:])

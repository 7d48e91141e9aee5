"""Two texts side by side: which paragraphs differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from gonghui.publishing.articles.actions import Text
from gonghui.publishing.html import text_of
from gonghui.publishing.models import Picture, Revision

MAX_PARAGRAPHS = 400
"""Longer texts are shown without matching: its time grows with the square of their number."""

FIELDS = {
    "title": "标题",
    "document_number": "文号",
    "issued_on": "发文日期",
    "repealed": "已废止",
    "summary": "摘要",
    "cover": "题图",
}
_ENDS = ("</p>", "</h2>", "</h3>", "</h4>", "</li>", "</tr>", "<br>", "<hr>")


@dataclass(frozen=True)
class Line:
    """A field or a paragraph as it is on either side."""

    label: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        return self.left != self.right


def compare(left: Text | Revision, right: Text | Revision) -> list[Line]:
    """Returns the fields that either side has, then the paragraphs."""
    fields = [Line(label, _said(getattr(left, name)), _said(getattr(right, name))) for name, label in FIELDS.items()]
    found = [line for line in fields if line.left or line.right]
    pairs = _paired(_paragraphs(left.body), _paragraphs(right.body))
    return found + [Line("正文", old, new) for old, new in pairs]


def _paragraphs(body: str) -> list[str]:
    for end in _ENDS:
        body = body.replace(end, f"{end}\n")
    return [text for text in (text_of(part) for part in body.split("\n")) if text]


def _paired(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str]]:
    if max(len(left), len(right)) > MAX_PARAGRAPHS:
        yield from zip_longest(left, right, fillvalue="")
        return
    for _, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield from zip_longest(left[a:b], right[c:d], fillvalue="")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, Picture):
        return value.alt
    return "" if value is None else str(value)

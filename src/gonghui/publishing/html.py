"""The text of articles: cleaned when it is saved, and again when it is shown (docs/adr/0042).

What Word, WPS and WeChat paste along (styles, scripts, comments, pictures as data) goes away; what is left are the tags
of ``TAGS``. Before the library reads a text its size and its depth are bounded: its time grows with their product.
"""

import html
import re
from collections.abc import Mapping

import nh3
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe

from gonghui.kit.errors import Refused
from gonghui.kit.pictures import picture_tag
from gonghui.publishing.models import Picture

MAX_CHARACTERS = 200_000
MAX_TAGS = 20_000
MAX_DEPTH = 60

TAGS = set(
    "a blockquote br em h2 h3 h4 hr img li ol p s strong sub sup table tbody td th thead tr u ul".split()  # noqa: SIM905
)
ALIGNED = {"align-center", "align-right", "align-justify"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_CLOSED_BY_THE_NEXT = {"dd", "dt", "li", "option", "p", "td", "th", "tr"}
_FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_PICTURE = re.compile(r"/pictures/([0-9a-f-]{36})/[0-9]{1,4}\.(?:webp|jpg)")
_SHOWN_PICTURE = re.compile(r'<img src="/pictures/([0-9a-f-]{36})/[0-9]{1,4}\.(?:webp|jpg)"[^>]{0,1000}>')
_IMG = re.compile(r"<img\b[^<>]*>")
_EMPTY = re.compile(r"<p[^>]{0,40}>(?:\s|&nbsp;|\u200b)*</p>")
_BREAK, _END_OF_PARAGRAPH = re.compile(r"<br\b[^<>]*>\n?"), re.compile(r"</p>\n*")
_PLAIN_TAG = re.compile(r"</?(?:p|br)\b[^<>]*>")

_TOO_LONG = "正文有 {} 万个字符（含格式），超过上限 {} 万。常见的原因是粘贴时带进了图片或大量格式：请只粘贴文字，图片用「图片」按钮上传；内容确实很长的，请作为文件在「下载」中发布。"
_TOO_NESTED = (
    "正文的格式一层套一层，超过上限 {} 层，没有保存。请在原文件中全选、清除格式后重新粘贴，或先粘贴到记事本再复制过来。"
)
_TOO_MANY = "正文中的格式标记超过上限 {} 万个，没有保存。请在原文件中清除格式后重新粘贴，或分成几篇发布。"


def clean(text: str) -> str:
    """Returns the HTML with the tags and attributes of an article only.

    Raises Refused for one too long or too deep, before or after it: what is returned is never refused when it is shown.
    """
    _require_bounds(text)
    cleaned = _IMG.sub(lambda match: match[0] if " src=" in match[0] else "", _cleaned(_renamed(text)))
    cleaned = _EMPTY.sub("", cleaned.replace(' class=""', "")).strip()
    _require_bounds(cleaned)
    return cleaned


def from_plain(text: str) -> str:
    """Returns typed text, without tags, as paragraphs. Raises Refused."""
    return clean(str(linebreaks(text, autoescape=True)))


def as_plain(body: str) -> str | None:
    """Returns the text of a body of nothing but paragraphs, as it is typed without an editor; None of any other."""
    if "<" in _PLAIN_TAG.sub("", body):
        return None
    text = _END_OF_PARAGRAPH.sub("\n\n", _BREAK.sub("\n", body))
    return html.unescape(_PLAIN_TAG.sub("", text)).strip()


def text_of(body: str) -> str:
    """Returns the words of a cleaned body, on one line."""
    return " ".join(html.unescape(nh3.clean(body.replace("<", " <"), tags=set())).split())


def keys_in(body: str) -> list[str]:
    """Returns the keys of the pictures in a body, the first first."""
    return list(dict.fromkeys(_PICTURE.findall(body)))


def shown(body: str, pictures: Mapping[str, Picture]) -> SafeString:
    """Returns a body for a page, cleaned again: its pictures in the sizes there are, and their places kept free."""

    def picture(match: re.Match[str]) -> str:
        found = pictures.get(match[1])
        return picture_tag(found, lazy=True) if found else ""

    return mark_safe(_SHOWN_PICTURE.sub(picture, clean(body)))  # noqa: S308 (cleaned a line above)


def _require_bounds(text: str) -> None:
    """Raises Refused for more characters, tags or open elements than an article has, in time that grows with the text.

    As a browser reads it: an end without a beginning ends nothing, and what formats a text goes on behind the element
    that ends around it.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused(_TOO_LONG.format(f"{len(text) / 10_000:.0f}", MAX_CHARACTERS // 10_000), field="body")
    stack: list[str] = []
    for count, tag in enumerate(_TAG.finditer(text)):
        if count >= MAX_TAGS:
            raise Refused(_TOO_MANY.format(MAX_TAGS // 10_000), field="body")
        name = tag[2].lower()
        if name in _VOID:
            continue
        if not tag[1]:
            if name in _CLOSED_BY_THE_NEXT and stack and stack[-1] == name:
                continue
            stack.append(name)
            if len(stack) > MAX_DEPTH:
                raise Refused(_TOO_NESTED.format(MAX_DEPTH), field="body")
        elif name in stack:
            at = len(stack) - 1 - stack[::-1].index(name)
            stack[at:] = [] if name in _FORMATTING else [one for one in stack[at + 1 :] if one in _FORMATTING]


_RENAMED = {"h1": "h2", "b": "strong", "i": "em", "h5": "h4", "h6": "h4", "strike": "s", "del": "s", "div": "p"}
_RENAMED_TAG = re.compile(rf"<(/?)({'|'.join(_RENAMED)})(?=[\s>/])", re.IGNORECASE)


def _renamed(text: str) -> str:
    """Returns the text with the tags of word processors as those that an article has."""
    return _RENAMED_TAG.sub(lambda tag: f"<{tag[1]}{_RENAMED[tag[2].lower()]}", text)


def _own_picture(tag: str, attribute: str, value: str) -> str | None:
    """For the library: only pictures of ours, which have been checked, are shown."""
    if (tag, attribute) == ("img", "src"):
        return value if _PICTURE.fullmatch(value) else None
    return value


_cleaned = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={"script", "style", "title", "iframe", "object", "svg", "math", "template", "noscript"},
    attributes={"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    attribute_filter=_own_picture,
    allowed_classes=dict.fromkeys(("p", "h2", "h3", "h4"), ALIGNED),
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
).clean

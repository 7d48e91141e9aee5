"""Search over title and text of what is public, by fragments of any length.

The terms of an article are its characters and pairs of neighbours, as ``gonghui_grams`` has them of names. They are made
here and kept in a column, each once: the time of the SQL function grows with the square of the text.
"""

import re
from typing import Any

from gonghui.kit.names import grams
from gonghui.publishing.html import text_of
from gonghui.publishing.models import ArticleQuerySet, Revision

SEARCHED = 20_000
"""Characters of an article that are searched."""
MAX_QUERY = 50
_NOT_SEARCHED = re.compile(r"\s+")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def folded(text: str) -> str:
    """Returns the text as it is compared: without spaces, half-width, in lower case."""
    return _NOT_SEARCHED.sub("", text.translate(_WIDE)).lower()


def index_of(revision: Revision) -> tuple[str, list[str]]:
    """Returns the searched text of a revision and its terms."""
    parts = (revision.title, revision.document_number, revision.summary, text_of(revision.body))
    text = folded("\n".join(parts))[:SEARCHED]
    return text, sorted({*text, *(text[i : i + 2] for i in range(len(text) - 1))})


def found(articles: ArticleQuerySet, query: str) -> ArticleQuerySet:
    """Returns those that contain every word of ``query``; none without a word."""
    words = [folded(word) for word in query[:MAX_QUERY].split()]
    if not any(words):
        return articles.none()
    conditions: dict[str, Any] = {"terms__contains": sorted({term for word in words for term in grams(word)})}
    rows = articles.filter(**conditions)
    for word in words:
        if len(word) > 2:  # for shorter words the terms are exact
            rows = rows.filter(search__contains=word)
    return rows

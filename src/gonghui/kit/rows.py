"""Prepared rows: a list renders the template of its row once, and fills in the values of each row (docs/adr/0036).

The template only shows values, without conditions on them: the values of a row must be complete. An ``{% if %}`` is
allowed for flags that are the same in all rows of a page (the user's permissions).
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import cycle
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_MARK = re.compile("\ue000(\\w+)\ue001")
"""A value's name between two private-use characters, which no text of ours contains (``kit.normal``)."""


def prepared_rows(template: str, rows: Iterable[Mapping[str, Any]], **flags: bool) -> SafeString:
    """Returns the rendered template of all ``rows``, which have the same keys. ``flags`` are the same for all rows."""
    parts: list[str] = []
    skeleton: tuple[tuple[str, bool], ...] | None = None
    for row in rows:
        skeleton = skeleton or _skeleton(template, tuple(row), tuple(sorted(flags.items())))
        parts += [conditional_escape(row[text]) if is_name else text for text, is_name in skeleton]
    return mark_safe("".join(parts))  # noqa: S308 (the template's text and escaped values)


@lru_cache(maxsize=200)
def _skeleton(
    template: str, names: tuple[str, ...], flags: tuple[tuple[str, bool], ...]
) -> tuple[tuple[str, bool], ...]:
    """Returns the parts of the template, texts and names of values, and the kind of each part."""
    marks = {name: mark_safe(f"\ue000{name}\ue001") for name in names}  # noqa: S308
    pieces = _MARK.split(render_to_string(template, marks | dict(flags)))
    return tuple(zip(pieces, cycle((False, True)), strict=False))

"""Prepared rows: a list renders the template of its row once, and fills it for each row (docs/adr/0036).

The template shows values and asks nothing about them: what depends on a row is prepared in its values. What is the same
in all rows of a page (what the user may do) may be asked in ``{% if %}``.
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
"""A value's name between two characters for private use, which no text of ours contains (``kit.normal``)."""


def prepared_rows(template: str, rows: Iterable[Mapping[str, Any]], **flags: bool) -> SafeString:
    """The rendered template for each of ``rows``; all have the same keys. ``flags`` are the same for all."""
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
    """The template's text and the names of values in turn, and which of both each is."""
    marks = {name: mark_safe(f"\ue000{name}\ue001") for name in names}  # noqa: S308
    pieces = _MARK.split(render_to_string(template, marks | dict(flags)))
    return tuple(zip(pieces, cycle((False, True)), strict=False))

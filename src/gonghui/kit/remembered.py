"""Remembered text: a small template, given the same values, is rendered once in a process (docs/adr/0036).

Only for templates that show nothing but the values that they are given.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.forms.models import ModelChoiceIteratorValue
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

MOST = 1_000
"""Texts that a process remembers, 26 MB if each were the longest, a choice of all streets; the one that was wanted longest
ago is forgotten first."""


class NotComparable(Exception):
    """A value, such as a row or a form, that may look different the next time although it is the same."""


def remembered(template: str, values: Mapping[str, Any]) -> SafeString:
    """Returns the rendered template; that of the last time if ``values`` are the same, their types included."""
    try:
        return _text(_Asked(template, frozen(values), values))
    except NotComparable:
        return _render(template, values)


def frozen(value: Any) -> Hashable:
    """Returns what is equal for equal values of equal types only: 1 is not True, and a safe text not an unsafe one.

    Raises NotComparable.
    """
    match value:
        case None:
            return None
        case str() | bool() | int():
            return type(value), value
        case Promise() | ModelChoiceIteratorValue():
            return type(value), str(value)
        case Mapping():
            return tuple((key, frozen(one)) for key, one in value.items())
        case list() | tuple():
            return tuple(frozen(one) for one in value)
    raise NotComparable(type(value))


@dataclass(frozen=True)
class _Asked:
    template: str
    key: Hashable
    values: Mapping[str, Any] = field(compare=False)


@lru_cache(MOST)
def _text(asked: _Asked) -> SafeString:
    return _render(asked.template, asked.values)


def _render(template: str, values: Mapping[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, dict(values)))  # noqa: S308 (a template's text)

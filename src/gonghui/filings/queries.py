"""Reads of registration."""

from gonghui.unions.models import RegisteredEmployer
from gonghui.unions.queries import holding

SUGGESTED = 8
_SHORTEST = 2


def suggested_employers(text: str) -> list[RegisteredEmployer]:
    """At most SUGGESTED entries of the statistical register: names that begin with ``text``, then that contain it.

    Fewer than two characters suggest nothing.
    """
    text = text.strip()[:100]
    if len(text) < _SHORTEST:
        return []
    found = list(RegisteredEmployer.objects.filter(name__startswith=text).order_by("name")[:SUGGESTED])
    if len(found) < SUGGESTED:
        containing = holding(RegisteredEmployer.objects.all(), text).exclude(name__startswith=text)
        found += containing.order_by()[: SUGGESTED - len(found)]
    return found

"""Reads of registration."""

from django.db.models.lookups import StartsWith

from gonghui.kit.names import unit_key
from gonghui.unions.models import RegisteredEmployer, key_of_name
from gonghui.unions.queries import holding

SUGGESTED = 8
_SHORTEST = 2


def suggested_employers(text: str) -> list[RegisteredEmployer]:
    """At most SUGGESTED entries of the statistical register: names that begin with ``text``, then that contain it.

    Fewer than two characters suggest nothing.
    """
    key = unit_key(text[:100])
    if len(key) < _SHORTEST:
        return []
    begins = StartsWith(key_of_name(), key)
    found = list(RegisteredEmployer.objects.filter(begins).order_by(key_of_name())[:SUGGESTED])
    if len(found) < SUGGESTED:
        containing = holding(RegisteredEmployer.objects.all(), key).exclude(begins)
        found += containing.order_by()[: SUGGESTED - len(found)]
    return found

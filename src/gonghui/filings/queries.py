"""Reads of registration."""

from django.contrib.postgres.fields import ArrayField
from django.db.models import TextField, Value

from gonghui.unions.models import Bigrams, RegisteredEmployer

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
        containing = _containing(text).exclude(name__startswith=text)
        found += containing.order_by()[: SUGGESTED - len(found)]
    return found


def _containing(text: str):
    """By the index of bigrams, then exactly: a name may have the pairs in other places."""
    pairs = ArrayField(TextField())
    entries = RegisteredEmployer.objects.alias(bigrams=Bigrams("name", output_field=pairs))
    return entries.filter(bigrams__contains=Bigrams(Value(text), output_field=pairs), name__icontains=text)

"""Whom and what entries concern, as the apps above tell (`audit.hooks`)."""

from collections.abc import Sequence

from django.db.models import Q

from gonghui.audit.hooks import RECORDED_CHANGES, references_to_member
from gonghui.audit.models import Entry
from gonghui.audit.verbs import Change


def concerning(number: str) -> Q:
    """The condition on entries: looks in full, edits, and what was done to or exported with a request of the member.

    Each part is a handful of ids under one type, so that the index ``entry_object`` finds them among any number of entries.
    """
    found = Q(pk__in=[])
    for object_type, ids in references_to_member(number):
        if ids := list(ids):
            found |= Q(object_type=object_type, object_id__in=ids)
    return found


def changes_of(entries: Sequence[Entry]) -> dict[int, Sequence[Change]]:
    """What the entries have changed, by their ids, as far as an app keeps versions: some queries for all of them."""
    found: dict[int, Sequence[Change]] = {}
    for object_type, changes in RECORDED_CHANGES.items():
        if of_type := [entry for entry in entries if entry.object_type == object_type]:
            found |= changes(of_type)
    return found

"""Which entries concern one member. The audit knows no members: the rooms above say which objects are a member's."""

from collections.abc import Callable, Iterable

from django.db.models import Q

References = Iterable[tuple[str, Iterable[int]]]
"""(object type as entries have it, ids)"""

_FINDERS: list[Callable[[str], References]] = []


def register(finder: Callable[[str], References]) -> None:
    """``finder(number)`` gives what of its room belongs to the member of this 会员编号."""
    _FINDERS.append(finder)


def concerning(number: str) -> Q:
    """The condition on entries: looks in full, edits, and what was done to or exported with a request of the member.

    Each part is a handful of ids under one type, so that the index ``entry_object`` finds them among any number of entries.
    """
    found = Q(pk__in=[])
    for finder in _FINDERS:
        for object_type, ids in finder(number):
            if ids := list(ids):
                found |= Q(object_type=object_type, object_id__in=ids)
    return found

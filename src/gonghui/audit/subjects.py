"""Whom and what entries concern. The audit knows no members and no unions: the rooms above tell it what is theirs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.db.models import Q

from gonghui.audit.models import Entry
from gonghui.audit.verbs import Change

References = Iterable[tuple[str, Iterable[int]]]
"""(object type as entries have it, ids)"""

Changes = Callable[[Sequence[Entry]], Mapping[int, Sequence[Change]]]
Names = Callable[[Collection[int]], Mapping[int, str]]
Finder = Callable[[str], Sequence[int]]

_FINDERS: list[Callable[[str], References]] = []
_CHANGES: dict[str, Changes] = {}
_UNIONS: list[tuple[Finder, Names]] = []


def register(finder: Callable[[str], References]) -> None:
    """``finder(number)`` gives what of its room belongs to the member of this 会员编号."""
    _FINDERS.append(finder)


def register_changes(object_type: str, changes: Changes) -> None:
    """``changes(entries)`` gives what each of these entries about an ``object_type`` has changed, by the entry's id: from
    the row's earlier versions, numbers masked, so that personal data is not copied into the audit.
    """
    _CHANGES[object_type] = changes


def register_unions(find: Finder, names: Names) -> None:
    """``find(text)`` gives the ids of the unions meant by a name or number; ``names(ids)`` what unions are called."""
    _UNIONS.append((find, names))


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


def changes_of(entries: Sequence[Entry]) -> dict[int, Sequence[Change]]:
    """What the entries have changed, by their ids, as far as a room keeps versions: some queries for all of them."""
    found: dict[int, Sequence[Change]] = {}
    for object_type, changes in _CHANGES.items():
        if of_type := [entry for entry in entries if entry.object_type == object_type]:
            found |= changes(of_type)
    return found


def unions_meant(text: str) -> list[int]:
    """The ids of the unions that ``text`` names."""
    return [pk for find, _ in _UNIONS for pk in find(text)]


def union_names(ids: Collection[int]) -> dict[int, str]:
    """What the unions are called."""
    return {pk: name for _, names in _UNIONS for pk, name in names(ids).items()}

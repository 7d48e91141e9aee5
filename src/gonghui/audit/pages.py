"""Entries in words, as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from gonghui.audit.hooks import RECORDED_CHANGES, VERBS, union_names
from gonghui.audit.models import Entry
from gonghui.audit.verbs import Change, change_said, said


@dataclass(frozen=True)
class EntryLine:
    """An entry as the page shows it; ``account`` is the e-mail of the actor, ``from_union`` the actor's own."""

    entry: Entry
    words: str
    who: str
    account: str
    from_union: str
    union: str
    facts: Sequence[tuple[str, str]]
    changes: Sequence[str]


def in_words(entries: Sequence[Entry]) -> list[EntryLine]:
    """Returns the lines of the entries, which are selected with their ``actor__union``: a few queries for all of them."""
    unions = union_names({entry.union_id for entry in entries if entry.union_id})
    changes = changes_of(entries)
    return [_line(entry, unions.get(entry.union_id or 0, ""), changes.get(entry.pk, ())) for entry in entries]


def changes_of(entries: Sequence[Entry]) -> dict[int, Sequence[Change]]:
    """Returns the changes of the entries, by their ids, if an app keeps versions: a few queries for all of them."""
    by_entry: dict[int, Sequence[Change]] = {}
    for object_type, changes in RECORDED_CHANGES.items():
        if of_type := [entry for entry in entries if entry.object_type == object_type]:
            by_entry |= changes(of_type)
    return by_entry


def _line(entry: Entry, union: str, changes: Sequence[Change]) -> EntryLine:
    name, email = (entry.actor.name, entry.actor.email) if entry.actor else ("", "")
    facts = [said(entry.verb, key, value) for key, value in entry.data.items()]
    return EntryLine(
        entry,
        words=VERBS.get(entry.verb, entry.verb),
        who=name or entry.actor_label,
        account=email if name else "",
        from_union=getattr(entry.actor.union, "name", "") if entry.actor else "",
        union=union,
        facts=[(label, text) for label, text in facts if label],
        changes=[change_said(change) for change in (*entry.data.get("changes", ()), *changes)],
    )

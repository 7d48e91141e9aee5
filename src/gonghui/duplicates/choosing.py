"""Whose value is kept, field by field, where two records differ (SPEC 5.6).

What belongs together is chosen together, and the values of both together must be right (`members.validation`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max

from gonghui.duplicates.models import Pair, Record
from gonghui.members.collected import Collected, collected, missing
from gonghui.members.field import Field
from gonghui.members.fields import FIELDS, MemberValues
from gonghui.members.merging import DOCUMENT, OF_UNION, OWN
from gonghui.members.models import Member
from gonghui.members.validation import validate_member

_TOGETHER = {"有效证件": DOCUMENT, "劳模荣誉": ("honour_level", "honour_year")}
_LABELS = {names: label for label, names in _TOGETHER.items()}
_GROUPS = {name: names for names in _TOGETHER.values() for name in names}
_events: Any = Member.events.rel.related_model

Chosen = Mapping[str, Record]
"""By the name of a choice: the record whose values are kept."""


class Choice(NamedTuple):
    """Fields in which the records differ, chosen at once; ``name`` is that of the first."""

    name: str
    label: str
    fields: list[Field]

    def is_empty(self, member: Member) -> bool:
        return not any(getattr(member, field.name) for field in self.fields)


def choices(pair: Pair, asked: Collected | None = None) -> list[Choice]:
    """Returns what is to be chosen of a pair. What belongs to the time in a union goes with the union, where the two are
    in different ones.
    """
    open_ = {*DOCUMENT, *OWN, *(OF_UNION if pair.member.union_id == pair.other.union_id else ())}
    shown = (asked or collected()).names
    groups = dict.fromkeys(_GROUPS.get(name, (name,)) for name in shown if name in open_)
    found = [[name for name in group if name in shown] for group in groups]
    return [
        Choice(group[0], _LABELS.get(group, FIELDS[group[0]].label), [FIELDS[name] for name in names])
        for group, names in zip(groups, found, strict=True)
        if any(getattr(pair.member, name) != getattr(pair.other, name) for name in names)
    ]


def all_of(pair: Pair, which: Record, open_: Sequence[Choice]) -> dict[str, Record]:
    """Everything from one record; what is empty there, from the other."""
    other = Record.OTHER if which == Record.MAIN else Record.MAIN
    return {choice.name: other if choice.is_empty(record_of(pair, which)) else which for choice in open_}


def suggested(pair: Pair, open_: Sequence[Choice]) -> dict[str, Record]:
    """What a form begins with: the values of the record with the newer change, by one statement."""
    members = (pair.member, pair.other)
    versions = _events.objects.filter(pgh_obj_id__in=[member.pk for member in members]).values("pgh_obj_id")
    last = dict(versions.annotate(last=Max("pgh_created_at")).values_list("pgh_obj_id", "last"))
    main, other = (_latest(member, last.get(member.pk)) for member in members)
    return all_of(pair, Record.OTHER if other > main else Record.MAIN, open_)


def _latest(member: Member, changed_at: datetime | None) -> datetime:
    return max(member.created_at, changed_at or member.created_at)


def record_of(pair: Pair, which: str) -> Member:
    return pair.member if which == Record.MAIN else pair.other


def completed(pair: Pair, basis: Record, chosen: Chosen, open_: Sequence[Choice]) -> dict[str, Record]:
    """The record of every choice: as ``chosen``, else of ``basis``."""
    return {name: chosen.get(name, which) for name, which in all_of(pair, basis, open_).items()}


def by_field(pair: Pair, chosen: Mapping[str, str]) -> dict[str, Member]:
    """The record of each field, for `members.merging.merge_members`."""
    return {name: record_of(pair, which) for choice, which in chosen.items() for name in named([choice])}


def by_record(chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """For the record of an act: which fields were of which record, without their values."""
    return {
        f"from_{which}": named(name for name, record in chosen.items() if record == which)
        for which in Record.values
        if which in chosen.values()
    }


def named(names: Iterable[str]) -> list[str]:
    """The fields of these choices: of a group all, whether they are collected or not."""
    return [field for name in names for field in _GROUPS.get(name, (name,))]


def problems(pair: Pair, kept: Record, chosen: Chosen, open_: Sequence[Choice], asked: Collected) -> dict[str, str]:
    """Returns what is wrong with the values together, a sentence by the name of the choice, "" for what is not chosen.

    What is wrong in both records cannot be chosen right, and is left to a correction.
    """
    home = record_of(pair, kept)
    whose = by_field(pair, chosen)
    together = {name: getattr(whose.get(name, home), name) for name in asked.names}
    alone = [_wrong(_values(member, asked), home.standing, asked) for member in (pair.member, pair.other)]
    names = {field.name: choice.name for choice in open_ for field in choice.fields}
    found: dict[str, str] = {}
    for field, sentence in _wrong(together, home.standing, asked).items():
        if not all(field in wrong for wrong in alone):
            found.setdefault(names.get(field, ""), sentence)
    return found


def _values(member: Member, asked: Collected) -> dict[str, Any]:
    return {name: getattr(member, name) for name in asked.names}


def _wrong(values: Mapping[str, Any], standing: str, asked: Collected) -> dict[str, str]:
    """The first problem of each field, as a sentence."""
    checked, found = validate_member(values, fields=asked.fields)
    wrong = {field: f"{what}，{remedy}。" for field, what, remedy in reversed(found)}
    if checked is not None:
        wrong |= _gaps(checked, standing, asked)
    return wrong


def _gaps(values: MemberValues, standing: str, asked: Collected) -> dict[str, str]:
    gaps = missing(values, asked.required_of(standing))
    return {field.name: f"没有填写{field.label}，请选择填写了{field.label}的记录。" for field in gaps}

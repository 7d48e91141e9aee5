"""Matches people by name and number. An unknown person and a person of another name have the same answer.

A member is found only by both together (SPEC 3.6). `members.lookups` limits the union's misses per day.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gonghui.accounts.models import User
from gonghui.kit.documents import Invalid
from gonghui.kit.names import clean_name
from gonghui.members.lookups import Door, Known, Named, ask
from gonghui.members.queries import document_keys
from gonghui.members.standings import PERMISSIONS
from gonghui.transfers.models import Tally
from gonghui.unions.models import Union


class Wanted(NamedTuple):
    """A person as typed by an officer. ``row`` is the number of the workbook's row, 0 for a single look-up."""

    row: int
    name: str
    number: str


class Match(NamedTuple):
    """The matched person; without one, the reason (a Tally) and a remark for the officer."""

    wanted: Wanted
    person: Known | None
    tally: Tally | None = None
    remark: str = ""


REJOINS = "本人申请重新入会的，请用“新增会员”登记"

NOT_FOUND = "会员库中没有姓名和证件号码都与填写一致的会员。请对照证件核对；从未入会的，请用“新增会员”登记"


_none: Mapping[int, str] = {}


def look_up(union: Union, wanted: Sequence[Wanted], *, by: User, wrong: Mapping[int, str] = _none) -> list[Match]:
    """Returns the match of each row, in order, by one query. Rows in ``wrong`` are not looked up.

    Raises Refused when the union exceeds its daily misses, by these rows or before.
    """
    refused: dict[int, Match] = {}
    people: dict[int, Named] = {}
    seen: dict[tuple[bytes, ...], int] = {}
    for place, entry in enumerate(wanted):
        if entry.row in wrong:
            refused[place] = Match(entry, None, Tally.INVALID, wrong[entry.row])
            continue
        try:
            name = clean_name(entry.name)
        except Invalid as invalid:
            refused[place] = Match(entry, None, Tally.INVALID, f"姓名：{invalid.sentence.rstrip('。')}")
            continue
        keys = tuple(document_keys(entry.number))
        if not keys:
            remark = "证件号码不符合任何一种证件的规则，请对照证件核对"
            refused[place] = Match(entry, None, Tally.INVALID, remark)
        elif keys in seen:
            refused[place] = Match(entry, None, Tally.REPEATED, f"与第 {seen[keys]} 行的证件号码相同")
        else:
            seen[keys], people[place] = entry.row, Named(keys, name)
    answers = dict(zip(people, ask(union, list(people.values()), by=by, door=Door.TRANSFER), strict=True))
    return [
        refused.get(place) or _matched(entry, people[place].name, answers[place].person)
        for place, entry in enumerate(wanted)
    ]


def _matched(wanted: Wanted, name: str, person: Known | None) -> Match:
    """Returns the match of one row. `members.lookups` returns own members under any name: compares the name too."""
    if person is None or not person.is_named(name):
        return Match(wanted, None, Tally.UNMATCHED, NOT_FOUND)
    if person.union_id is None and not PERMISSIONS[person.standing].transfer:
        return Match(wanted, None, Tally.ENDED, f"此人{person.ended}，不能转入。{REJOINS}")
    return Match(wanted, person)

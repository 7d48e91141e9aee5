"""Makes one member of two records of one person, and two of one again (SPEC 5.6, docs/adr/0059).

Writes the members, their memberships and their aliases; in the caller's transaction, which has locked both unions and
both members, has checked that they may be merged, and records the act.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Q
from django.db.models.functions import Greatest

from gonghui.kit.bulk import execute
from gonghui.kit.crypto import fingerprint
from gonghui.kit.sealing import owner_of
from gonghui.members.codes import UnionPosition
from gonghui.members.encryption import to_columns
from gonghui.members.fields import FIELDS
from gonghui.members.hooks import RECORDS, Records
from gonghui.members.models import Alias, Duplicate, Member, Membership
from gonghui.members.standings import StandingState
from gonghui.members.states import Status
from gonghui.unions.models import Union

# In one statement: each row refers to the one before.
_END_CHAINS = f"DELETE FROM {Membership._meta.db_table} WHERE member_id = ANY(%s)"  # noqa: S608
_events: Any = Member.events.rel.related_model

DOCUMENT = ("document_type", "document_number", "expires_on")
"""Of two records each keeps one: both numbers lead to the person."""

OF_UNION = ("position", *(field.name for field in FIELDS.values() if field.of_union))
_PLACE = ("union_id", "status", "unit_code", *OF_UNION, "standing", "retained_for", "standing_on")
"""What goes along with the union in which the person stays."""

OWN = tuple(name for name in FIELDS if name not in (*DOCUMENT, *OF_UNION))
"""What is the person's, wherever he or she is."""

_ALIAS: dict[str, Any] = {
    "union_id": None,
    "status": Status.UNATTACHED.value,
    "unit_code": "",
    "position": UnionPosition.MEMBER.value,
    **dict.fromkeys(OF_UNION[1:], ""),
    "standing": StandingState.NORMAL.value,
    "retained_for": "",
    "standing_on": None,
}
"""What a record that leads to another one has of its own: nothing that would count."""

_WRITTEN = dict.fromkeys([*_PLACE, "document_hash", *(column for field in FIELDS.values() for column in field.columns)])


@dataclass(frozen=True)
class Stay:
    """A row of memberships without its number: in ``union``, or (None) in no union, from a day until another."""

    union: int | None
    began_on: date
    ended_on: date | None
    began_by: str
    ended_by: str | None
    began_act: UUID | None = None
    ended_act: UUID | None = None


@dataclass(frozen=True)
class Merged:
    """What is needed to undo a merge: ids and days, nothing personal."""

    chains: list[dict[str, Any]]
    """The memberships of both as they were."""
    moved: dict[str, list[int]]
    """The rows of RECORDS that were moved, by the key of the registry."""
    versions: list[int | None]
    """The earlier versions of the main record and of the other that show them as they were."""
    open_membership: int
    """The main record's open membership since the merge: another one means that the person has moved."""


def spliced(first: Sequence[Stay], second: Sequence[Stay]) -> list[Stay]:
    """Returns one chain of two: where both were in a union, ``first`` tells. Each day the person is in one union."""
    taken = [stay for stay in first if stay.union is not None]
    pieces = [*taken, *(piece for stay in second if stay.union is not None for piece in _outside(stay, taken))]
    pieces.sort(key=lambda stay: (stay.began_on, stay.ended_on or date.max))
    begin = min(first[0], second[0], key=lambda stay: (stay.began_on, stay.union is None))
    chain: list[Stay] = []
    for piece in pieces:
        last = chain[-1] if chain else None
        if last is None:
            if begin.union is None and begin.began_on < piece.began_on:
                chain.append(replace(begin, **_ends_at(piece)))
        elif last.ended_on != piece.began_on:
            chain.append(_between(last, piece))
        elif last.union == piece.union:  # one stay in two records
            ends = {name: getattr(piece, name) for name in ("ended_on", "ended_by", "ended_act")}
            chain[-1] = replace(last, **ends)
            continue
        chain.append(piece)
    if not chain:
        return [replace(begin, ended_on=None, ended_by=None, ended_act=None)]
    return chain if chain[-1].ended_on is None else [*chain, _between(chain[-1], None)]


def _outside(stay: Stay, taken: Sequence[Stay]) -> Iterator[Stay]:
    """The parts of a stay on days that none of ``taken``, in their order, has."""
    for other in taken:
        if other.ended_on is not None and other.ended_on <= stay.began_on:
            continue
        if stay.ended_on is not None and stay.ended_on <= other.began_on:
            break
        if stay.began_on < other.began_on:
            yield replace(stay, **_ends_at(other))
        if other.ended_on is None or (stay.ended_on is not None and stay.ended_on <= other.ended_on):
            return
        begins = {"began_on": other.ended_on, "began_by": other.ended_by, "began_act": other.ended_act}
        stay = replace(stay, **begins)  # type: ignore[arg-type]
    if stay.ended_on is None or stay.began_on < stay.ended_on:
        yield stay


def _ends_at(following: Stay) -> dict[str, Any]:
    return {"ended_on": following.began_on, "ended_by": following.began_by, "ended_act": following.began_act}


def _between(last: Stay, following: Stay | None) -> Stay:
    """The time in no union behind ``last``, which has ended."""
    ends = _ends_at(following) if following else {"ended_on": None, "ended_by": None}
    return Stay(None, last.ended_on, began_by=last.ended_by, began_act=last.ended_act, **ends)  # type: ignore[arg-type]


def merge_members(
    main: Member, other: Member, *, kept: Member, values: Member, chosen: Mapping[str, Member] | None = None
) -> Merged:
    """Makes ``other`` an alias of ``main``. The person stays where ``kept`` is. ``chosen`` says by field whose value is
    kept; the rest is of ``values``, and of the other record where those are empty. Both are locked; where both have what
    one may have (`Records.clash`) it fails.
    """
    chosen = chosen or {}
    document = chosen.get(DOCUMENT[0], values)
    chains = [list(Membership.objects.filter(member=one).order_by("pk").values()) for one in (main, other)]
    stays = [[_stay(row) for row in chain] for chain in chains]
    chain = spliced(*(stays if kept is main else reversed(stays)))
    last = _events.objects.aggregate(last=Max("pgh_id"))["last"] or 0
    moved = {key: _move(records, main, other) for key, records in RECORDS.items()}
    _count((main, other), -1)
    new, left = _columns_of(main, other, kept=kept, values=values, chosen=chosen), {**_ALIAS}
    document_hash = bytes(main.document_hash)
    if document is other:  # each keeps one document; for a moment the other one has none
        left |= to_columns({name: getattr(main, name) for name in DOCUMENT}, owner_of(other))
        left["document_hash"] = fingerprint(f"merging:{other.pk}")
    _write(other, left)
    _write(main, new)
    if document is other:
        _write(other, {"document_hash": document_hash})
    execute(_END_CHAINS, [[main.pk, other.pk]])
    _count((main, other), 1)
    Alias.objects.filter(main=other).update(main=main)
    Alias.objects.create(member=other, main=main)
    Duplicate.objects.filter(Q(member=main, other=other) | Q(member=other, other=main)).delete()
    for records in RECORDS.values():
        records.moved([main.pk, other.pk])
    versions = [_first_version(one, after=last) for one in (main, other)]
    rows = [_packed(row) for chain_ in chains for row in chain_]
    return Merged(rows, moved, versions, _write_chain(main, chain))


def has_moved(main: Member, merged: Merged) -> bool:
    """Whether the person has moved since the merge, so that the two chains cannot be told apart any more."""
    return not Membership.objects.filter(pk=merged.open_membership, member=main, ended_on=None).exists()


def part_members(main: Member, other: Member, merged: Merged) -> None:
    """Undoes `merge_members`: both records, their memberships and what was moved are as they were. What was edited since
    stays with ``main``. Both are locked, and ``main`` has not moved since (`has_moved`).
    """
    _count((main,), -1)
    Alias.objects.filter(member=other).delete()
    for key, ids in merged.moved.items():
        RECORDS[key].model._base_manager.filter(pk__in=ids, member=main).update(member=other)
    was_main, was_other = (_version(pk) for pk in merged.versions)
    back = _before(main, was_main) if was_main else {}
    if "staff_number" in back:
        back["staff_number"] = _free_number(back["staff_number"], back.get("union_id", main.union_id), [main.pk])
    restored = {name: getattr(was_other, name) for name in ("seal_id", *_WRITTEN)} if was_other else {}
    if restored:
        leaving = [main.pk] if "staff_number" in back else []
        restored["staff_number"] = _free_number(restored["staff_number"], restored["union_id"], leaving)
        Member.objects.filter(pk=other.pk).update(document_hash=fingerprint(f"merging:{other.pk}"))
    _write(main, back)
    _write(other, restored)
    execute(_END_CHAINS, [[main.pk]])
    Membership.objects.bulk_create(Membership(**row) for row in merged.chains)
    for records in RECORDS.values():
        records.moved([main.pk, other.pk])
    _count((main, other), 1)


def _move(records: Records, main: Member, other: Member) -> list[int]:
    """Moves the rows of ``other`` to ``main``; returns their ids."""
    rows = records.model._base_manager.filter(member=other).exclude(records.stays(main.pk))
    ids: list[int] = list(rows.order_by("pk").values_list("pk", flat=True))
    records.model._base_manager.filter(pk__in=ids).update(member=main)
    return ids


def _columns_of(
    main: Member, other: Member, *, kept: Member, values: Member, chosen: Mapping[str, Member]
) -> dict[str, Any]:
    """What ``main`` has after the merge."""
    rest = other if values is main else main
    wanted = {name: getattr(values, name) or getattr(rest, name) for name in OWN}
    wanted |= {name: getattr(chosen[name], name) for name in OWN if name in chosen}
    taken = {name: value for name, value in wanted.items() if value != getattr(main, name)}
    columns = {name: getattr(chosen.get(name, kept) if name in OF_UNION else kept, name) for name in _PLACE}
    if chosen.get(DOCUMENT[0], values) is other:
        taken |= {name: getattr(other, name) for name in DOCUMENT}
        columns["document_hash"] = bytes(other.document_hash)
    return columns | to_columns(taken, owner_of(main))


def _before(main: Member, was: Any) -> dict[str, Any]:
    """The columns that the merge changed, and nobody since."""
    later = _events.objects.filter(pgh_obj_id=main.pk, pgh_id__gt=was.pgh_id).order_by("pgh_id").first() or main
    changed = [name for name in _WRITTEN if _differ(was, later, name)]
    return {name: getattr(was, name) for name in changed if not _differ(later, main, name)}


def _differ(one: Any, other: Any, name: str) -> bool:
    values = [getattr(row, name) for row in (one, other)]
    first, second = (bytes(value) if isinstance(value, memoryview) else value for value in values)
    return bool(first != second)


def _free_number(number: str, union: int | None, leaving: Sequence[int]) -> str:
    """The 工号 that a record had, unless somebody else in the union has it by now; not those who are ``leaving`` it."""
    holders = Member.objects.filter(union=union, staff_number=number).exclude(pk__in=leaving)
    return "" if number and holders.exists() else number


def _write(member: Member, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(member, name, value)
    if columns:
        Member.objects.filter(pk=member.pk).update(**columns)


def _count(members: Sequence[Member], sign: int) -> None:
    """Counts members in their unions, or (-1) out."""
    for member in members:
        if member.union_id:
            retained = sign if member.standing == StandingState.RETAINED else 0
            Union.objects.filter(pk=member.union_id).update(
                member_count=F("member_count") + sign, retained_count=Greatest(F("retained_count") + retained, 0)
            )


def _first_version(member: Member, *, after: int) -> int | None:
    """The version that shows the row as it was before the first change since; None if there was no change."""
    versions = _events.objects.filter(pgh_obj_id=member.pk, pgh_id__gt=after).order_by("pgh_id")
    first: int | None = versions.values_list("pgh_id", flat=True).first()
    return first


def _version(pk: int | None) -> Any:
    return _events.objects.get(pgh_id=pk) if pk else None


def _stay(row: Mapping[str, Any]) -> Stay:
    values = {name: row[name] for name in Stay.__dataclass_fields__ if name != "union"}
    return Stay(row["union_id"], **values)


def _packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """For JSON, which Django reads again."""
    return {name: str(value) if isinstance(value, (date, UUID)) else value for name, value in row.items()}


def _write_chain(member: Member, chain: Sequence[Stay]) -> int:
    """Writes a member's memberships anew; returns the id of the open one."""
    last: Membership | None = None
    for stay in chain:
        values = {name: value for name, value in vars(stay).items() if name != "union"}
        last = Membership.objects.create(member=member, previous=last, union_id=stay.union, **values)
    assert last is not None  # noqa: S101 (a chain has a stay)
    return last.pk

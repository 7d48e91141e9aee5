"""Finds look-alikes: never in a request, never by comparing pairs (SPEC 5.6, docs/adr/0059).

A job reads who is new and who has changed, by the members' ids and those of their versions, writes the keyed hashes of
each and asks their indexes who has the same. Each key gives at most ALIKE others.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from gonghui.duplicates.models import Pair, Progress, Reason, Trace
from gonghui.duplicates.states import PairState
from gonghui.kit.crypto import fingerprint
from gonghui.kit.database.horizon import horizon, oldest_transaction
from gonghui.members.codes import DocumentType
from gonghui.members.models import Duplicate, Member
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

BATCH = 1_000
"""Members read in one transaction."""

BATCHES = 50
"""Of one run, so that ten million are read in a day."""

ALIKE = 20
"""Of one key: a mobile that hundreds share is the employer's, and says nothing of two people."""

SHARED_BY = 3
"""So many people of one mobile are looked at (SPEC 5.6); two are a couple."""

_PAPERS = (DocumentType.PASSPORT, DocumentType.FOREIGN_PERMANENT)

_pairs, _traces, _members, _unions, _proven = (
    model._meta.db_table for model in (Pair, Trace, Member, Union, Duplicate)
)
_events: Any = Member.events.rel.related_model


def follow(batches: int = BATCHES) -> int:
    """Reads who is new or changed since the last run; returns how many. A killed run repeats its last batch."""
    looked_at = 0
    for _ in range(batches):
        with transaction.atomic():
            progress = _alone()
            if progress is None or _is_early(progress):
                return looked_at
            ids = _next(progress)
            if ids:
                look_at(ids)
                progress.save()
        if not ids:
            _mark()
            return looked_at
        looked_at += len(ids)
    return looked_at


def _alone() -> Progress | None:
    """The one row, locked; None while another run has it."""
    Progress.objects.bulk_create([Progress(pk=1)], ignore_conflicts=True)
    return Progress.objects.select_for_update(skip_locked=True).filter(pk=1).first()


def _is_early(progress: Progress) -> bool:
    """Whether a transaction still runs that may have drawn a number below the marks."""
    return progress.horizon > oldest_transaction()


def _next(progress: Progress) -> list[int]:
    """The members of the next batch, and moves the progress behind it."""
    new = Member.objects.filter(pk__gt=progress.members_read, pk__lte=progress.members_mark).order_by("pk")
    if ids := list(new.values_list("pk", flat=True)[:BATCH]):
        progress.members_read = ids[-1]
        return ids
    versions = _events.objects.filter(pgh_id__gt=progress.versions_read, pgh_id__lte=progress.versions_mark)
    rows = list(versions.order_by("pgh_id").values_list("pgh_id", "pgh_obj_id")[:BATCH])
    if rows:
        progress.versions_read = rows[-1][0]
    return sorted({pk for _, pk in rows})


def _mark() -> None:
    """Everything up to here may be read by a later run: in a transaction of its own, which draws its id after the marks."""
    with transaction.atomic():
        members = Member.objects.aggregate(last=Max("pk"))["last"] or 0
        versions = _events.objects.aggregate(last=Max("pgh_id"))["last"] or 0
        above = horizon()
        progress = _alone()
        if progress is not None and progress.horizon <= above:
            progress.members_mark = max(progress.members_mark, members)
            progress.versions_mark = max(progress.versions_mark, versions)
            progress.horizon = above
            progress.save()


def look_at(ids: Sequence[int]) -> None:
    """Writes the traces of these members, finds their look-alikes, and ends open pairs that are alike no more."""
    _trace(ids)
    values: dict[str, Any] = {
        "ids": list(ids),
        "alike": ALIKE,
        "shared_by": SHARED_BY,
        "city": _city(),
        "papers": list(_PAPERS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, values)
        found = cursor.fetchall()
        columns = [list(column) for column in zip(*found, strict=True)] or [[], [], []]
        values |= dict(zip(("members", "others", "reasons"), columns, strict=True))
        cursor.execute(_STORE, values)
        cursor.execute(_LAPSE, values)
        cursor.execute(_OWN, values)


def refresh_owners() -> int:
    """Gives every pair to the lowest union that sees both, after changes of the tree; returns how many have changed."""
    with connection.cursor() as cursor:
        cursor.execute(_OWN_ALL, {"city": _city()})
        return cursor.rowcount


def _city() -> int:
    return Union.objects.values_list("pk", flat=True).get(kind=UnionKind.CITY)


def _trace(ids: Sequence[int]) -> None:
    columns = ("name", "name_key", "born_on", "document_type", "seal_id", "mobile_sealed")
    rows = Member.objects.filter(pk__in=ids, alias_of=None).only(*columns)
    traces = [_trace_of(member) for member in rows]
    Trace.objects.bulk_create(
        traces,
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["person_key", "papers_key", "mobile_key"],
    )
    Trace.objects.filter(member__in=set(ids) - {trace.member_id for trace in traces}).delete()


def _trace_of(member: Member) -> Trace:
    name, mobile = member.name_key or member.name, member.mobile
    born = member.born_on.isoformat() if member.born_on else ""
    return Trace(
        member=member,
        person_key=_key("person", name, born, mobile),
        papers_key=_key("papers", name, born) if member.document_type in _PAPERS else None,
        mobile_key=_key("mobile", mobile),
    )


def _key(*parts: str) -> bytes | None:
    """Of a purpose and values, none of which is empty."""
    return fingerprint("duplicates:" + "\n".join(parts))[:16] if all(parts) else None


_FIND = f"""
WITH mine AS (SELECT * FROM {_traces} WHERE member_id = ANY(%(ids)s)),
found AS (
    SELECT least(member_id, other_id) AS member_id, greatest(member_id, other_id) AS other_id, 0 AS rank
    FROM {_proven} WHERE member_id = ANY(%(ids)s) OR other_id = ANY(%(ids)s)
    UNION ALL
    SELECT least(mine.member_id, near.member_id), greatest(mine.member_id, near.member_id), 1
    FROM mine CROSS JOIN LATERAL (
        SELECT member_id FROM {_traces} WHERE person_key = mine.person_key AND member_id <> mine.member_id
        ORDER BY member_id LIMIT %(alike)s) AS near
    UNION ALL
    SELECT least(mine.member_id, near.member_id), greatest(mine.member_id, near.member_id), 2
    FROM mine JOIN {_members} AS person ON person.id = mine.member_id CROSS JOIN LATERAL (
        SELECT trace.member_id FROM {_traces} AS trace JOIN {_members} AS other ON other.id = trace.member_id
        WHERE trace.papers_key = mine.papers_key AND other.document_type <> person.document_type
            AND other.document_type = ANY(%(papers)s)
        ORDER BY trace.member_id LIMIT %(alike)s) AS near
    UNION ALL
    SELECT sharing.people[1], unnest(sharing.people[2:]), 3
    FROM (SELECT DISTINCT mobile_key FROM mine WHERE mobile_key IS NOT NULL) AS mobile CROSS JOIN LATERAL (
        SELECT array_agg(member_id) AS people FROM (
            SELECT member_id FROM {_traces} WHERE mobile_key = mobile.mobile_key
            ORDER BY member_id LIMIT %(alike)s) AS near) AS sharing
    WHERE cardinality(sharing.people) >= %(shared_by)s
)
SELECT member_id, other_id, (ARRAY['{Reason.PROVEN}', '{Reason.SAME}', '{Reason.PAPERS}', '{Reason.PHONE}'])[1 + min(rank)]
FROM found GROUP BY member_id, other_id ORDER BY 1, 2
"""  # noqa: S608 (our own tables; so below)

_OWNER = """CASE WHEN one.union_id = two.union_id THEN one.union_id
    WHEN home_one.level3_id = home_two.level3_id THEN home_one.level3_id
    WHEN home_one.level2_id = home_two.level2_id THEN home_one.level2_id ELSE %(city)s END"""

_HOMES = f"""LEFT JOIN {_unions} AS home_one ON home_one.id = one.union_id
LEFT JOIN {_unions} AS home_two ON home_two.id = two.union_id"""

# Who was judged not to be the same stays so; who was alike before, is again.
_STORE = f"""
INSERT INTO {_pairs} AS pair (member_id, other_id, reason, state, owner_id, note)
SELECT member_id, other_id, reason, '{PairState.PENDING}', {_OWNER}, ''
FROM unnest(%(members)s::bigint[], %(others)s::bigint[], %(reasons)s::text[]) AS found (member_id, other_id, reason)
JOIN {_members} AS one ON one.id = member_id JOIN {_members} AS two ON two.id = other_id {_HOMES}
ON CONFLICT (member_id, other_id) DO UPDATE SET state = EXCLUDED.state, reason = EXCLUDED.reason, found_at = now()
WHERE pair.state = '{PairState.LAPSED}'
"""  # noqa: S608

_THEIRS = f"""SELECT id FROM {_pairs} WHERE member_id = ANY(%(ids)s)
    UNION SELECT id FROM {_pairs} WHERE other_id = ANY(%(ids)s)"""  # noqa: S608

_LAPSE = f"""
UPDATE {_pairs} SET state = '{PairState.LAPSED}'
WHERE state = '{PairState.PENDING}' AND id = ANY (ARRAY({_THEIRS}))
    AND NOT EXISTS (
        SELECT FROM unnest(%(members)s::bigint[], %(others)s::bigint[]) AS found (member_id, other_id)
        WHERE found.member_id = {_pairs}.member_id AND found.other_id = {_pairs}.other_id)
"""  # noqa: S608


def _own(which: str) -> str:
    return f"""
WITH place AS (
    SELECT pair.id, {_OWNER} AS owner_id FROM {_pairs} AS pair
    JOIN {_members} AS one ON one.id = pair.member_id JOIN {_members} AS two ON two.id = pair.other_id {_HOMES}
    WHERE pair.state <> '{PairState.MERGED}' AND {which}
)
UPDATE {_pairs} AS pair SET owner_id = place.owner_id FROM place
WHERE pair.id = place.id AND pair.owner_id <> place.owner_id
"""  # noqa: S608


_OWN = _own(f"pair.id = ANY (ARRAY({_THEIRS}))")
_OWN_ALL = _own("true")

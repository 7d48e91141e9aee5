"""Moves members out of a union, into another one, and back. Writes all memberships except a member's first one.

Works on sets, in the caller's transaction, which has locked the unions' rows and recorded the act. An act
has an id (a UUID) that the memberships store: ``restore_members`` undoes it for members who have not moved since.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from gonghui.kit.bulk import checks_at_once
from gonghui.kit.choices import Some
from gonghui.members.fields import FIELDS
from gonghui.members.hooks import on_membership_end, on_moved
from gonghui.members.models import Member, Membership
from gonghui.members.standings import StandingState
from gonghui.members.states import Status
from gonghui.unions.models import Union

Reason = Membership.Reason

BECOMES = Some(
    {
        Reason.ADDED: StandingState.NORMAL,
        Reason.IMPORTED: StandingState.NORMAL,
        Reason.BY_CODE: StandingState.NORMAL,
        Reason.TRANSFERRED: StandingState.NORMAL,
        Reason.WITHDRAWN: StandingState.RESIGNED,
        Reason.EXPELLED: StandingState.EXPELLED,
    },
    others="The standing goes along: to the heir of a union, into the register and back.",
)
"""The standing after a move."""

_members, _memberships, _unions = (model._meta.db_table for model in (Member, Membership, Union))
_events = Member.events.rel.related_model._meta.db_table

# One statement: PostgreSQL checks the key over three columns at its end, when the previous memberships are closed.
_SUCCEED = f"""
WITH moving AS (SELECT unnest(%(ids)s::bigint[]) AS id), closed AS (
    UPDATE {_memberships} AS membership SET ended_on = %(today)s, ended_by = %(reason)s, ended_act = %(act)s
    FROM moving WHERE membership.member_id = moving.id AND membership.ended_on IS NULL
    RETURNING membership.id, membership.member_id)
INSERT INTO {_memberships} (member_id, previous_id, union_id, began_on, began_by, began_act)
SELECT moving.id, closed.id, %(to)s, %(today)s, %(reason)s, %(act)s
FROM moving LEFT JOIN closed ON closed.member_id = moving.id ORDER BY moving.id
"""  # noqa: S608 (a table's name; so below)

# A number of retained ones that is wrong keeps nobody from leaving: `gonghui check` finds it.
_COUNT_OUT = f"""
WITH leaving AS (
    SELECT union_id, count(*) AS count, count(*) FILTER (WHERE standing = 'retained') AS retained
    FROM {_members} WHERE id = ANY(%(ids)s) AND union_id IS NOT NULL GROUP BY union_id)
UPDATE {_unions} AS origin
SET member_count = member_count - leaving.count, retained_count = greatest(retained_count - leaving.retained, 0)
FROM leaving WHERE origin.id = leaving.union_id
"""  # noqa: S608

_of_union = [field.columns[0] for field in FIELDS.values() if field.of_union]
_PLACE = f"""
UPDATE {_members} SET union_id = %(to)s, status = %(status)s, unit_code = coalesce(%(unit_code)s, unit_code),
    standing = coalesce(%(standing)s, standing),
    retained_for = CASE WHEN %(standing)s::text IS NULL THEN retained_for ELSE '' END,
    standing_on = CASE WHEN %(standing)s::text IS NULL THEN standing_on ELSE %(standing_on)s::date END,
    {", ".join(f"{column} = ''" for column in _of_union)}
WHERE id = ANY(%(ids)s)
"""  # noqa: S608

_COUNT_IN = f"""
UPDATE {_unions} SET member_count = member_count + coming.count, retained_count = retained_count + coming.retained
FROM (
    SELECT count(*) AS count, count(*) FILTER (WHERE standing = 'retained') AS retained
    FROM {_members} WHERE id = ANY(%(ids)s)
) AS coming WHERE {_unions}.id = %(to)s
"""  # noqa: S608

_WRONG_COUNTS = f"""
SELECT home.id FROM {_unions} AS home LEFT JOIN (
    SELECT union_id, count(*) AS count, count(*) FILTER (WHERE standing = 'retained') AS retained
    FROM {_members} WHERE union_id IS NOT NULL GROUP BY union_id
) AS there ON there.union_id = home.id
WHERE (home.member_count, home.retained_count) <> (coalesce(there.count, 0), coalesce(there.retained, 0))
ORDER BY home.id
"""  # noqa: S608

_RECOUNT = f"""
UPDATE {_unions} SET member_count = there.count, retained_count = there.retained FROM (
    SELECT count(*) AS count, count(*) FILTER (WHERE standing = 'retained') AS retained
    FROM {_members} WHERE union_id = %(union)s
) AS there WHERE {_unions}.id = %(union)s
"""  # noqa: S608

# Of those whose standing ended with the membership: as it was in the union, by the newest earlier version.
_FORMER_STANDING = f"""
UPDATE {_members} AS member
SET standing = former.standing, retained_for = former.retained_for, standing_on = former.standing_on
FROM (
    SELECT DISTINCT ON (pgh_obj_id) pgh_obj_id, standing, retained_for, standing_on FROM {_events}
    WHERE pgh_obj_id = ANY(%(ids)s) AND union_id = %(union)s ORDER BY pgh_obj_id, pgh_id DESC
) AS former WHERE member.id = former.pgh_obj_id AND member.standing IN ('resigned', 'expelled')
"""  # noqa: S608

# Members whose open membership is still the one that the act began: they have not moved since.
_RETURNING = f"""
SELECT member.id FROM {_memberships} AS gone
JOIN {_memberships} AS membership ON membership.previous_id = gone.id AND membership.ended_on IS NULL
JOIN {_members} AS member ON member.id = gone.member_id
WHERE gone.ended_act = %(undone)s AND gone.union_id = %(union)s
    AND (%(only)s::bigint[] IS NULL OR member.id = ANY(%(only)s))
ORDER BY member.id
"""  # noqa: S608


# What a union's own columns held when the members left; a number that somebody else has by now stays empty.
_RECALL = f"""
UPDATE {_members} AS member SET {", ".join(f"{column} = kept.{column}" for column in _of_union)}
FROM (
    SELECT DISTINCT ON (pgh_obj_id) * FROM {_events}
    WHERE pgh_obj_id = ANY(%(ids)s) AND union_id = %(union)s ORDER BY pgh_obj_id, pgh_id DESC) AS kept
WHERE member.id = kept.pgh_obj_id AND ({" OR ".join(f"kept.{column} <> ''" for column in _of_union)})
    AND NOT EXISTS (SELECT FROM {_members} AS other
        WHERE other.union_id = %(union)s AND other.staff_number = kept.staff_number AND kept.staff_number <> '')
"""  # noqa: S608


def move(
    ids: Sequence[int], *, to: Union | None, reason: str, act: UUID | None = None, standing_on: date | None = None
) -> None:
    """Ends the membership of each of these members, locked by the caller, and begins one in ``to`` (None: in no union).

    会员编号, values and earlier memberships stay with the member (SPEC 3.2), but not what belongs to the union
    (``Field.of_union``: 工号). A member who joins a union is bound to its employer's code (SPEC 3.5). The standing becomes
    what BECOMES says, since ``standing_on``.
    """
    if not ids:
        return
    # Before the move: these hooks read the old union.
    on_membership_end(ids)
    values = {
        "ids": list(ids),
        "to": to.pk if to else None,
        "status": str(Status.NORMAL if to else Status.UNATTACHED),
        "unit_code": (to.employer.code or "") if to else None,
        "act": act,
        "today": localdate(),
        "reason": str(reason),
        "standing": BECOMES.get(Reason(reason), None),
        "standing_on": standing_on,
    }
    # The old unions are counted down first: _PLACE overwrites them.
    with checks_at_once(), connection.cursor() as cursor:
        for statement in (_COUNT_OUT, _SUCCEED, _PLACE, _COUNT_IN):
            cursor.execute(statement, values)
    on_moved(ids, to, str(reason))


def move_all(union: Union, *, to: Union | None, act: UUID) -> int:
    """Moves every member of ``union`` to ``to`` or (None) to no union (SPEC 2.5). Returns the number of members."""
    ids = list(Member.objects.select_for_update().filter(union=union).order_by("pk").values_list("pk", flat=True))
    move(ids, to=to, reason=Reason.MERGED if to else Reason.DISSOLVED, act=act)
    return len(ids)


def restore_members(
    union: Union, *, undone: UUID, act: UUID, reason: str = Reason.RESTORED, only: Sequence[int] | None = None
) -> list[int]:
    """Moves back into ``union`` the members whom the act ``undone`` took out of it and who have not moved since.

    ``only`` limits them to these ids. Returns the ids of the restored members; the others do not move
    (``not_restored``).
    """
    with connection.cursor() as cursor:
        for statement in (
            f"{_RETURNING} FOR UPDATE OF member",
            _RETURNING,
        ):  # the second check sees moves made before the lock
            cursor.execute(
                statement, {"undone": undone, "union": union.pk, "only": None if only is None else list(only)}
            )
            ids = [id_ for (id_,) in cursor.fetchall()]
        cursor.execute(_FORMER_STANDING, {"ids": ids, "union": union.pk})
    move(ids, to=union, reason=reason, act=act)
    with connection.cursor() as cursor:
        cursor.execute(_RECALL, {"ids": ids, "union": union.pk})
    return ids


def came_from_elsewhere(ids: Sequence[int]) -> set[int]:
    """Of these members, those who were in another union before the one they are in."""
    earlier = Membership.objects.filter(member__in=ids, union__isnull=False).exclude(union=F("member__union"))
    return set(earlier.values_list("member", flat=True))


def not_restored(undone: UUID, act: UUID | None = None) -> QuerySet[Membership]:
    """Returns the memberships that ``undone`` ended and ``act`` did not restore; without ``act``, those not restorable."""
    ended = Membership.objects.filter(ended_act=undone)
    later = Membership.objects.filter(member=OuterRef("member"), pk__gt=OuterRef("pk"))
    if act:
        return ended.exclude(Exists(later.filter(began_act=act)))
    return ended.filter(Exists(later.filter(~Q(began_act=undone, ended_on=None))))


def wrong_counts() -> list[int]:
    """The unions whose numbers of members and of retained ones are not those of the register's rows: one walk through it."""
    with connection.cursor() as cursor:
        cursor.execute(_WRONG_COUNTS)
        return [id_ for (id_,) in cursor.fetchall()]


def recount(union_id: int) -> None:
    """Sets a union's numbers to those of the rows, while nobody joins or leaves it."""
    with transaction.atomic(), connection.cursor() as cursor:
        Union.objects.select_for_update().get(pk=union_id)
        cursor.execute(_RECOUNT, {"union": union_id})

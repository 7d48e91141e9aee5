"""Moves members out of a union, into another one, and back. Writes all memberships except a member's first one.

Works on sets, in the caller's transaction, which has locked the unions' rows and recorded the act. An act
has an id (a UUID) that the memberships store: ``restore_members`` undoes it for members who have not moved since.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from gonghui.kit.bulk import checks_at_once
from gonghui.members.fields import FIELDS
from gonghui.members.hooks import on_membership_end
from gonghui.members.models import Member, Membership, Status
from gonghui.unions.models import Union

Reason = Membership.Reason

_members, _memberships, _unions = (model._meta.db_table for model in (Member, Membership, Union))

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

_COUNT_OUT = f"""
WITH leaving AS (
    SELECT union_id, count(*) AS count FROM {_members} WHERE id = ANY(%(ids)s) AND union_id IS NOT NULL GROUP BY union_id)
UPDATE {_unions} AS origin SET member_count = member_count - leaving.count FROM leaving WHERE origin.id = leaving.union_id
"""  # noqa: S608

_of_union = [field.columns[0] for field in FIELDS.values() if field.of_union]
_PLACE = f"""
UPDATE {_members} SET union_id = %(to)s, status = %(status)s, unit_code = coalesce(%(unit_code)s, unit_code),
    {", ".join(f"{column} = ''" for column in _of_union)}
WHERE id = ANY(%(ids)s)
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
    SELECT DISTINCT ON (pgh_obj_id) * FROM {Member.events.rel.related_model._meta.db_table}
    WHERE pgh_obj_id = ANY(%(ids)s) AND union_id = %(union)s ORDER BY pgh_obj_id, pgh_id DESC) AS kept
WHERE member.id = kept.pgh_obj_id AND ({" OR ".join(f"kept.{column} <> ''" for column in _of_union)})
    AND NOT EXISTS (SELECT FROM {_members} AS other
        WHERE other.union_id = %(union)s AND other.staff_number = kept.staff_number AND kept.staff_number <> '')
"""  # noqa: S608


def move(ids: Sequence[int], *, to: Union | None, reason: str, act: UUID | None = None) -> None:
    """Ends the membership of each of these members, locked by the caller, and begins one in ``to`` (None: in no union).

    会员编号, values and earlier memberships stay with the member (SPEC 3.2), but not what belongs to the union
    (``Field.of_union``: 工号). A member who joins a union is bound to its employer's code (SPEC 3.5).
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
    }
    # The old unions are counted down first: _PLACE overwrites them.
    with checks_at_once(), connection.cursor() as cursor:
        for statement in (_COUNT_OUT, _SUCCEED, _PLACE):
            cursor.execute(statement, values)
    if to:
        Union.objects.filter(pk=to.pk).update(member_count=F("member_count") + len(ids))


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

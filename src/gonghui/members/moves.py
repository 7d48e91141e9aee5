"""All members of a union at once: out of it, or into another one, and back (SPEC 2.5).

Set-based, in the caller's transaction, which holds the locks of the unions' rows and has recorded the act. Each act has a
name (a UUID) that the memberships carry: ``bring_back`` undoes it for those who have not moved since.
"""

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from gonghui.members.models import Member, Membership, Status
from gonghui.unions.models import Union

Reason = Membership.Reason

_members, _memberships = Member._meta.db_table, Membership._meta.db_table

_CLOSE = f"""
UPDATE {_memberships} AS stay SET ended_on = %(today)s, ended_by = %(ended_by)s, ended_act = %(act)s
FROM {_members} AS member
WHERE member.union_id = %(union)s AND stay.member_id = member.id AND stay.ended_on IS NULL
"""  # noqa: S608 (a table's name; so below)

_OPEN = f"""
INSERT INTO {_memberships} (member_id, union_id, began_on, began_by, began_act)
SELECT id, %(to)s, %(today)s, %(began_by)s, %(act)s FROM {_members} WHERE union_id = %(union)s ORDER BY id
"""  # noqa: S608

_MOVE = f"UPDATE {_members} SET union_id = %(to)s, status = %(status)s WHERE union_id = %(union)s"  # noqa: S608

# Whose newest stay is still the one that the act left behind: nobody who has moved since.
_LOCK_RETURNING = f"""
SELECT member.id FROM {_memberships} AS gone JOIN {_members} AS member ON member.id = gone.member_id
WHERE gone.ended_act = %(undone)s AND member.union_id IS NOT DISTINCT FROM %(to)s AND NOT EXISTS (
    SELECT FROM {_memberships} AS later WHERE later.member_id = gone.member_id AND later.id > gone.id
    AND (later.began_act IS DISTINCT FROM %(undone)s OR later.ended_on IS NOT NULL)
)
ORDER BY member.id FOR UPDATE OF member
"""  # noqa: S608

_CLOSE_RETURNING = f"""
UPDATE {_memberships} SET ended_on = %(today)s, ended_by = %(reason)s, ended_act = %(act)s
WHERE member_id = ANY(%(ids)s) AND ended_on IS NULL
"""  # noqa: S608

_OPEN_RETURNING = f"""
INSERT INTO {_memberships} (member_id, union_id, began_on, began_by, began_act)
SELECT id, %(union)s, %(today)s, %(reason)s, %(act)s FROM unnest(%(ids)s::bigint[]) AS id ORDER BY id
"""  # noqa: S608

_MOVE_RETURNING = f"""
UPDATE {_members} SET union_id = %(union)s, status = %(status)s WHERE id = ANY(%(ids)s)
"""  # noqa: S608


def move_all(union: Union, *, to: Union | None, act: UUID) -> int:
    """Every member of ``union`` leaves it, for ``to`` or (None) for no union; returns how many.

    会员编号, values and earlier stays go along: they are the member's own (SPEC 3.2).
    """
    values: dict[str, Any] = {
        "union": union.pk,
        "to": to and to.pk,
        "act": act,
        "today": localdate(),
        "began_by": Reason.MERGED.value,
        "ended_by": (Reason.MERGED if to else Reason.DISSOLVED).value,
        "status": (Status.NORMAL if to else Status.UNATTACHED).value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        if to:
            cursor.execute(_OPEN, values)
        cursor.execute(_MOVE, values)
        moved = cursor.rowcount
    _count(union, -moved)
    _count(to, moved)
    return moved


def bring_back(union: Union, *, came_from: Union | None, undone: UUID, act: UUID) -> int:
    """Undo ``move_all`` of the act ``undone`` for everybody who has not moved since; returns how many came back.

    ``came_from`` is where the act had sent them. The others stay where they are (``left_behind``).
    """
    values: dict[str, Any] = {
        "union": union.pk,
        "to": came_from and came_from.pk,
        "undone": undone,
        "act": act,
        "today": localdate(),
        "reason": Reason.RESTORED.value,
        "status": Status.NORMAL.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_RETURNING, values)
        ids = [id_ for (id_,) in cursor.fetchall()]
        for statement in (_CLOSE_RETURNING, _OPEN_RETURNING, _MOVE_RETURNING):
            cursor.execute(statement, {**values, "ids": ids})
    _count(came_from, -len(ids))
    _count(union, len(ids))
    return len(ids)


def left_behind(undone: UUID, act: UUID | None = None) -> QuerySet[Membership]:
    """The stays that the act ``undone`` ended and ``act`` has not begun anew; without ``act``, that none could now."""
    gone = Membership.objects.filter(ended_act=undone)
    later = Membership.objects.filter(member=OuterRef("member"), pk__gt=OuterRef("pk"))
    if act:
        return gone.exclude(Exists(later.filter(began_act=act)))
    return gone.filter(Exists(later.filter(~Q(began_act=undone, ended_on=None))))


def _count(union: Union | None, change: int) -> None:
    if union and change:
        Union.objects.filter(pk=union.pk).update(member_count=F("member_count") + change)

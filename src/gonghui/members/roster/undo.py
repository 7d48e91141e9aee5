"""Undoes an import within a day, for all members who have not changed since (SPEC 3.4).

New members leave the register (the history keeps the row, the number is not used again), returned ones are in no union
again, changed ones get the former values. The import's act in the memberships, and the context of the rows' histories,
distinguish them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import connection
from django.db.models import F
from django.db.models.fields.related import ForeignObjectRel

from gonghui.imports.kinds import GoodRow
from gonghui.imports.models import Batch
from gonghui.kit.bulk import execute
from gonghui.kit.documents import mask_number
from gonghui.members.fields import CHANGING
from gonghui.members.memberships import move
from gonghui.members.models import Member, Membership, StagedMember
from gonghui.unions.models import Union

_members, _events = Member._meta.db_table, Member.events.rel.related_model._meta.db_table
TOUCHED = "导入以后已有修改或其他办理"


@dataclass
class Undoable:
    """Members' ids by kind of undoing, and the lines of the members who are left unchanged, with the reason."""

    new: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    left: list[GoodRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.new) + len(self.returned) + len(self.changed)

    @property
    def words(self) -> str:
        """Describes what happens to which members."""
        return f"删除新增的会员 {len(self.new)} 人，恢复为无工会 {len(self.returned)} 人，改回原来的资料 {len(self.changed)} 人。"


def undoable(batch: Batch) -> Undoable:
    """Sorts the union's members whom the import added or changed last; a fixed number of queries."""
    result = Undoable()
    people = list(Member.objects.filter(union=batch.union, batch=batch).order_by("pk"))
    ids = [member.pk for member in people]
    memberships = dict(Membership.objects.filter(member__in=ids, began_act=batch.act).values_list("member", "previous"))
    touched = _touched(batch, ids)
    for member in people:
        if member.pk in touched:
            result.left.append(GoodRow(0, member.name, mask_number(member.document_number), [("原因", "", TOUCHED)]))
        elif member.pk not in memberships:
            result.changed.append(member.pk)
        elif memberships[member.pk] is None:
            result.new.append(member.pk)
        else:
            result.returned.append(member.pk)
    return result


def undo(batch: Batch) -> tuple[str, Sequence[GoodRow]]:
    """Undoes the import in the caller's transaction, with the union locked. Returns the message and the rest."""
    list(Member.objects.filter(union=batch.union, batch=batch).select_for_update().order_by("pk").values_list("pk"))
    undone = undoable(batch)
    move(undone.returned, to=None, reason=Membership.Reason.UNDONE, act=uuid4())
    # After the move: who had resigned has resigned again, and is in no union.
    execute(_RESTORE, {"ids": [*undone.changed, *undone.returned], "batch": batch.pk})
    Membership.objects.filter(member__in=undone.new).delete()
    Member.objects.filter(pk__in=undone.new).delete()
    Union.objects.filter(pk=batch.union_id).update(member_count=F("member_count") - len(undone.new))
    message = f"已撤销：{undone.words}"
    if undone.left:
        message += f"另有 {len(undone.left)} 人在导入以后已有变化，没有撤销，列在下面。"
    imported = sum(batch.group_counts.get(key, 0) for key in batch.chosen if key != "elsewhere")
    if missing := imported - undone.count - len(undone.left):
        message += f"{missing} 人已转出本工会或又有导入，没有撤销。"
    return message, undone.left


def _touched(batch: Batch, ids: Sequence[int]) -> set[int]:
    """Returns the ids of the members whose row was changed since, or to which other records refer."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"ids": list(ids), "batch": batch.pk, "since": batch.uploaded_at})
        touched = {id_ for (id_,) in cursor.fetchall()}
    for relation in _others():
        name = relation.field.name
        rows = relation.related_model._base_manager.filter(**{f"{name}__in": ids})
        touched |= set(rows.values_list(name, flat=True))
    return touched


def _others() -> list[ForeignObjectRel]:
    """Returns the models that can refer to a member, besides memberships, staged rows and the row's own history."""
    excluded = {Membership, StagedMember, Member.events.rel.related_model}
    return [relation for relation in Member._meta.related_objects if relation.related_model not in excluded]


_TOUCHED = f"""
SELECT DISTINCT pgh_obj_id FROM {_events} WHERE pgh_obj_id = ANY(%(ids)s) AND pgh_created_at >= %(since)s
AND (pgh_context->>'batch') IS DISTINCT FROM %(batch)s::text
"""  # noqa: S608

_restored = [column for field in CHANGING for column in field.columns] + ["standing", "retained_for", "standing_on"]
_former = ", ".join(f"{column} = old.{column}" for column in _restored)
# The oldest row that the import replaced.
_RESTORE = f"""
UPDATE {_members} AS member SET batch_id = old.batch_id, {_former}
FROM (
    SELECT DISTINCT ON (pgh_obj_id) * FROM {_events}
    WHERE pgh_obj_id = ANY(%(ids)s) AND (pgh_context->>'batch') = %(batch)s::text ORDER BY pgh_obj_id, pgh_id
) AS old WHERE member.id = old.pgh_obj_id
"""  # noqa: S608

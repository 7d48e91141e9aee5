"""Imports many people into one union: COPY to the staging table, then one INSERT … SELECT to the register."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F
from django.utils.timezone import localdate

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.imports.kinds import Changed, Plan
from gonghui.imports.models import Batch
from gonghui.members import memberships
from gonghui.members.encryption import to_columns
from gonghui.members.field import Empty, Field
from gonghui.members.fields import CHANGING, FIELDS
from gonghui.members.hooks import request_members
from gonghui.members.models import Member, Membership, StagedMember
from gonghui.members.numbers import member_number, number_prefix, numbering_union, take_numbers
from gonghui.members.standings import Return, StandingState, standings_that
from gonghui.members.states import Status
from gonghui.unions.models import Employer, Union

if TYPE_CHECKING:
    from gonghui.members.roster.sheet import Joining

verbs.register(members__imported="模板导入会员")
verbs.facts("members", added="新增", returned="重新入会", changed="修改", requested="申请转入")

NEW, RETURNING, CHANGED, ELSEWHERE, SAME = "new", "returning", "changed", "elsewhere", "same"
"""The groups of good rows (SPEC 3.4): where the person is now."""

CHUNK = 1000
"""Number of rows staged in one transaction, which is also the step of the progress."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A member of the union, with the register's current values."""

    values: dict[str, Any]
    has_card: bool
    standing: str = StandingState.NORMAL.value


def values_of_ours(ids: Sequence[int], fields: Collection[str]) -> dict[int, Ours]:
    """The values of these members, by one query."""
    return {
        member.pk: Ours({field: getattr(member, field) for field in fields}, member.has_card, member.standing)
        for member in Member.objects.filter(pk__in=ids).iterator(chunk_size=CHUNK)
    }


def stage(batch: Batch, plan: Plan, progress: Callable[[int], None]) -> None:
    """Seals the plan's rows and COPYs them into the staging table, one transaction per chunk.

    会员编号 are taken first, in the order of the file; the numbers of a failed run are not used again (SPEC 3.2).
    Raises Refused when the superior has no numbers left.
    """
    level2 = numbering_union(batch.union)
    prefix = number_prefix(level2)
    statements = _statements(plan.details)
    rows = [row for row in plan.rows if row.group != ELSEWHERE]
    numbers = iter(take_numbers(level2, sum(joining.member_id is None for joining in rows)))
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO off")  # what a crash takes here is staged anew
            with cursor.copy(statements.copy) as copy:
                copy.set_types(tuple(statements.columns.values()))
                for joining in chunk:
                    number = member_number(prefix, next(numbers)) if joining.member_id is None else None
                    row = _staged(batch, plan, joining, number)
                    copy.write_row([row[column] for column in statements.columns])
            progress(start + len(chunk))


def commit(batch: Batch, plan: Plan) -> str:
    """Moves the staged rows into the register, in the caller's transaction; returns the message for the officer.

    Raises Changed, or IntegrityError of the unique person, when another transaction has changed one of the people.
    """
    elsewhere = [row.member_id for row in plan.rows if row.member_id and row.group == ELSEWHERE]
    counts = Counter(row.group for row in plan.rows)
    employer = Employer.objects.filter(union=batch.union).first()
    values: dict[str, Any] = {
        "run": plan.run,
        "union": batch.union_id,
        "batch": batch.pk,
        "unit_code": (employer and employer.code) or "",
        "status": Status.NORMAL.value,
        "reason": Membership.Reason.IMPORTED.value,
        "today": localdate(),
        "act": uuid4(),
        "coming": [*standings_that(returns=Return.ANY), *standings_that(returns=Return.NAMED)],
    }
    Batch.objects.filter(pk=batch.pk).update(act=values["act"])
    # Each statement takes its group of the staged rows and counts them. A difference to the plan means that another
    # transaction has changed a person meanwhile: then nothing is imported.
    with connection.cursor() as cursor:
        statements = _statements(plan.details)
        cursor.execute(statements.insert, values)
        added = cursor.rowcount
        cursor.execute(statements.change, values)
        changed = cursor.rowcount
        cursor.execute(_RETURNING, values)
        returning = [id_ for (id_,) in cursor.fetchall()]
    returned = len(returning)
    if (added, returned, changed) != (counts[NEW], counts[RETURNING], counts[CHANGED]):
        raise Changed(f"batch {batch.pk}: {added} added, {returned} returned, {changed} changed of {len(plan.rows)}")
    # Counts only new members here; ``move`` counts the returning ones.
    Union.objects.filter(pk=batch.union_id).update(member_count=F("member_count") + added)
    memberships.move(returning, to=batch.union, reason=Membership.Reason.IMPORTED, act=values["act"])
    # After the move, which clears what belongs to a union.
    with connection.cursor() as cursor:
        cursor.execute(statements.readmit, values | {"returning": returning})
    # Last: requests for members of other unions are made only after the import itself has succeeded.
    requested = request_members(batch.union, elsewhere, batch.uploaded_by) if elsewhere else 0
    record(
        "members.imported", batch, by=batch.uploaded_by, union=batch.union, added=added, returned=returned,
        changed=changed, requested=requested,
    )  # fmt: skip
    return _message(added, returned, changed, requested)


def _message(added: int, returned: int, changed: int, requested: int) -> str:
    message = f"新增会员 {added} 人。"
    if returned:
        message += f"另有 {returned} 人原在会员库中，已恢复为本工会会员，会员编号不变。"
    if changed:
        message += f"修改 {changed} 名会员的资料。"
    if requested:
        message += f"已向其他工会提出 {requested} 人的转入申请，进度见“会员转入”。"
    return message


def clear(batch: Batch) -> None:
    """Deletes a batch's rows from the staging table."""
    StagedMember.objects.filter(batch=batch.pk).delete()


def _staged(batch: Batch, plan: Plan, joining: "Joining", number: str | None) -> dict[str, Any]:
    owner = joining.seal_id or uuid4()
    values = {name: getattr(joining.values, name) for name in plan.details}
    if joining.group == CHANGED:
        values |= dict.fromkeys(joining.empty & _DEFAULTED, "")
    return {
        "batch_id": batch.pk,
        "run": plan.run,
        "member_id": joining.member_id,
        "number": number,
        "document_hash": joining.key,
        **to_columns(values, owner),
    }


_DEFAULTED = {field.name for field in CHANGING if field.default}


def _set(fields: Iterable[Field]) -> str:
    """Returns the assignments of an UPDATE from the staging table. An empty cell of an optional field erases nothing."""
    return ", ".join(f"{column} = {_new(field, column)}" for field in fields for column in field.columns)


def _new(field: Field, column: str) -> str:
    staged = f"staged.{column}"
    if field.empty != Empty.KEPT:
        return staged
    if field.sql_type == "text":
        staged = f"nullif({staged}, '')"
    return f"coalesce({staged}, member.{column})"


def _on_card(table: str) -> str:
    """Returns the columns that a card shows and a workbook may change."""
    return f"({', '.join(f'{table}.{field.columns[0]}' for field in CHANGING if field.on_card)})"


_members, _memberships, _staging = (model._meta.db_table for model in (Member, Membership, StagedMember))

_RETURNING = f"""
SELECT member.id FROM {_members} AS member JOIN {_staging} AS staged ON staged.member_id = member.id
WHERE staged.run = %(run)s AND member.union_id IS NULL AND member.standing = ANY(%(coming)s)
    AND coalesce(member.seal_id, staged.seal_id) = staged.seal_id
ORDER BY member.id FOR UPDATE OF member
"""  # noqa: S608


class Statements(NamedTuple):
    """The SQL of one import; ``columns`` of the staging table with their types, in the order of the COPY."""

    columns: dict[str, str]
    copy: str
    insert: str
    change: str
    readmit: str


@cache
def _statements(names: tuple[str, ...]) -> Statements:
    """For the fields that the workbook was checked for. Of the others nothing is staged, and nothing changes."""
    fields = [FIELDS[name] for name in names]
    changing = [field for field in CHANGING if field in fields]
    columns = {
        "batch_id": "int8",
        "run": "uuid",
        "member_id": "int8",
        "number": "text",
        "seal_id": "uuid",
        "document_hash": "bytea",
        **{column: field.sql_type for field in fields for column in field.columns},
    }
    copied = ", ".join(name for name in columns if name not in ("batch_id", "run", "member_id"))
    # In the order of the file, which the list then shows. (By the hash it would be 7 % quicker, and a jumble to read.)
    insert = f"""
        WITH joined AS (
            INSERT INTO {_members} ({copied}, union_id, status, batch_id, unit_code, has_card)
            SELECT {copied}, %(union)s, %(status)s, %(batch)s, %(unit_code)s, false
            FROM {_staging} WHERE run = %(run)s AND member_id IS NULL ORDER BY number
            RETURNING id)
        INSERT INTO {_memberships} (member_id, union_id, began_on, began_by, began_act)
        SELECT id, %(union)s, %(today)s, %(reason)s, %(act)s FROM joined
    """  # noqa: S608
    # One of our own gets what the workbook says. A card made meanwhile keeps what it shows. Whose seal_id has been made
    # since (by the migration) is not taken: the run starts over, and seals for that one.
    change = f"""
        UPDATE {_members} AS member SET
            batch_id = %(batch)s, seal_id = staged.seal_id, {_set(changing)}
        FROM {_staging} AS staged
        WHERE staged.run = %(run)s AND member.id = staged.member_id AND member.union_id = %(union)s
            AND coalesce(member.seal_id, staged.seal_id) = staged.seal_id
            AND (NOT member.has_card OR {_on_card("member")} IS NOT DISTINCT FROM {_on_card("staged")})
    """  # noqa: S608
    # Who comes back keeps number, name, document, sex and birth date.
    readmit = f"""
        UPDATE {_members} AS member SET
            batch_id = %(batch)s, seal_id = staged.seal_id, {_set(field for field in changing if field.returns)}
        FROM {_staging} AS staged
        WHERE staged.run = %(run)s AND member.id = staged.member_id AND member.id = ANY(%(returning)s)
    """  # noqa: S608
    copy = f"COPY {_staging} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    return Statements(columns, copy, insert, change, readmit)

"""The one question about people who are not a union's own: whom do a document number and a name mean (SPEC 3.3-3.6)?

Whoever may ask it without limit finds out who is in the register, and under what name. So every door asks it here: form,
workbook, mending in the page, edit and correction, transfer, the API. Of a person who is not the union's own the answer
is given only for number and name together. A known number under another name is a miss, and has one answer whoever the
person is; a union may miss so often a day, over all doors. After that nothing is answered that day, not even who is
nobody: a refusal of the known alone would still tell them apart.

What was asked and missed before on the same day counts once: a workbook that is mended row by row, or sent again, is
not asked anew. Misses are kept in a transaction of their own, so that a refused upload or a rolled back request forgets
none; whoever calls from within a transaction gets RuntimeError at a miss instead of an uncounted answer.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import TextChoices
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import crypto
from gonghui.kit.errors import Refused
from gonghui.kit.names import name_key
from gonghui.members.models import Lookups, Member
from gonghui.unions.models import Union

verbs.register(member__looked_up="按姓名和证件号码查找人员", member__lookup_stopped="查找人员次数超限")
verbs.facts("member", door="办理", misses="不相符", today="当天不相符")

WRONG_NAME = ("姓名与证件号码不相符", "请对照证件核对姓名和证件号码；确认无误的，请联系上级工会")
"""What is wrong and what would be right, whoever the person is."""


class Door(TextChoices):
    """Where the question is asked, as the record tells it."""

    ADD = "add", "新增会员"
    WORKBOOK = "workbook", "模板导入会员"
    EDIT = "edit", "编辑会员"
    TRANSFER = "transfer", "转入会员"


class Known(NamedTuple):
    """A person whom the register knows."""

    id: int
    union_id: int | None
    name: str
    seal_id: UUID | None = None


class Named(NamedTuple):
    """A person as an officer names him or her: by a key for each document type that the number may be of."""

    keys: tuple[bytes, ...]
    name: str


class Answer(NamedTuple):
    """Whom the register knows so; of our own whatever the name. ``wrong``: a number of somebody else, not under this name."""

    person: Known | None
    wrong: bool = False


def ask(union: Union, people: Sequence[Named], *, by: User, door: Door) -> list[Answer]:
    """Whom ``union`` means, in their order; the caller has asked the rule whether ``by`` may act for it.

    For a transfer somebody whom the register does not know is a miss too: it gives both the same answer. Raises Refused
    when the union has used up what it may miss on a day, by these people or before; then none is answered.
    """
    answers = answer(union, people)
    misses = {
        _digest(one)
        for one, found in zip(people, answers, strict=True)
        if found.wrong or (door == Door.TRANSFER and found.person is None)
    }
    limit, used = settings.ENVIRONMENT.lookup_misses, _used(union)
    others = any(found.person is None or found.person.union_id != union.pk for found in answers)
    stopped = others and used >= limit
    if misses or stopped or door == Door.TRANSFER:
        with transaction.atomic(durable=bool(misses) or stopped):
            if misses:
                used, over = spend(union, Lookups.Kind.PERSON, misses, limit)
                stopped = stopped or over
            verb = "member.lookup_stopped" if stopped else "member.looked_up"
            record(
                verb, union, by=by, union=union, door=door.label, rows=len(people), misses=len(misses), today=used
            )  # fmt: skip
    if stopped:
        raise Refused(
            f"今天填写的姓名和证件号码不相符的次数已达到上限（每天 {limit} 次）。为保护个人信息，今天不能再新增、导入或转入人员，"
            "这次没有办理任何一项。请对照证件核对姓名和证件号码，明天再试；人数较多的，请联系上级工会。"
        )
    return answers


def ask_one(union: Union, key: bytes, name: str, *, by: User, door: Door) -> Known | None:
    """`ask` about one person. Raises Refused also for a wrong name, with the one sentence."""
    (found,) = ask(union, [Named((key,), name)], by=by, door=door)
    if found.wrong:
        raise wrong_name()
    return found.person


def wrong_name() -> Refused:
    """The one sentence for a form."""
    return Refused("。".join((*WRONG_NAME, "")), field="document_number")


def answer(union: Union, people: Sequence[Named]) -> list[Answer]:
    """The same uncounted: only for a job, which checks again what an officer has asked and was answered."""
    known = _find([key for one in people for key in one.keys])
    found = (next((known[key] for key in one.keys if key in known), None) for one in people)
    return [
        Answer(None, wrong=True)
        if person and person.union_id != union.pk and name_key(person.name) != name_key(one.name)
        else Answer(person)
        for one, person in zip(people, found, strict=True)
    ]


def spend(union: Union, kind: str, asked: Iterable[bytes], limit: int) -> tuple[int, bool]:
    """Count what was not ``asked`` before on this day, under a lock of the day's row, in the caller's transaction.

    Returns the day's count, and whether this went past ``limit``: then it is counted, but may be asked again in vain.
    """
    day = {"union": union, "kind": kind, "day": localdate()}
    Lookups.objects.bulk_create([Lookups(**day)], ignore_conflicts=True)
    row = Lookups.objects.select_for_update().get(**day)
    new = set(asked) - {bytes(one) for one in row.asked}
    row.used += len(new)
    over = bool(new) and row.used > limit
    if not over:
        row.asked = [*row.asked, *sorted(new)]
    row.save(update_fields=["used", "asked"])
    return row.used, over


def _used(union: Union) -> int:
    row = Lookups.objects.filter(union=union, kind=Lookups.Kind.PERSON, day=localdate())
    return row.values_list("used", flat=True).first() or 0


def _digest(named: Named) -> bytes:
    return crypto.fingerprint(f"{b''.join(sorted(named.keys)).hex()}:{name_key(named.name)}")


def _find(keys: Sequence[bytes]) -> dict[bytes, Known]:
    """Those of ``keys`` (``values.document_key``) that the register knows, by one indexed query."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, ["".join(key.hex() for key in keys)])
        return {bytes(key): Known(*rest) for key, *rest in cursor.fetchall()}


_FIND = f"""
SELECT document_hash, id, union_id, name, seal_id FROM {Member._meta.db_table} WHERE document_hash = ANY (ARRAY(
    SELECT substr(keys, 1 + 32 * place, 32)
    FROM decode(%s, 'hex') AS keys, generate_series(0, length(keys) / 32 - 1) AS place))
"""  # noqa: S608 (a table's name)

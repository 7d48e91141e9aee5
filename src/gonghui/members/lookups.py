"""The only lookup of people outside a union, by document number and name (SPEC 3.3-3.6).

Unlimited lookups would reveal who is in the register, and under what name. So every way uses this module: form,
workbook, correction in the page, edit, transfer, the API. A person of another union is found only by number and name
together. A known number under another name is a miss, with the same answer for every person; a union has a daily limit
of misses over all ways. Past the limit no lookup is answered that day, not even for unknown people: if only the
known ones were refused, the refusal would distinguish them.

The same miss counts once a day: a workbook that is corrected row by row, or sent again, is not counted again. Misses
are stored in a separate transaction, so a refused upload or a rolled back request loses none. A call from within a
transaction raises RuntimeError at a miss instead of returning an uncounted answer.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import TextChoices
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit import crypto
from gonghui.kit.errors import Refused
from gonghui.kit.names import name_key
from gonghui.members.models import Alias, Lookups, Member
from gonghui.members.standings import PERMISSIONS, Return, StandingState
from gonghui.policies.queries import of_union
from gonghui.unions.models import Union

verbs.register(member__looked_up="按姓名和证件号码查找人员", member__lookup_stopped="查找人员次数超限")
verbs.facts("member", door="办理", misses="不相符", today="当天不相符")

WRONG_NAME = ("姓名与证件号码不相符", "请对照证件核对姓名和证件号码；确认无误的，请联系上级工会")
"""The problem and the remedy, the same for every person."""


BY_DOCUMENT = ("name", "document_type", "document_number", "sex", "born_on", "expires_on")
"""What a document says: by the one of a merged record a person is found, and keeps the main record's (SPEC 5.6)."""


class Door(TextChoices):
    """Where the lookup is made, as in its record."""

    ADD = "add", "新增会员"
    WORKBOOK = "workbook", "模板导入会员"
    EDIT = "edit", "编辑会员"
    TRANSFER = "transfer", "转入会员"


class Known(NamedTuple):
    """A registered person."""

    id: int
    union_id: int | None
    name: str
    seal_id: UUID | None = None
    standing: str = StandingState.NORMAL.value
    standing_on: date | None = None
    document_name: str = ""  # the name beside the number, if that is of a record merged into this one

    def is_named(self, name: str) -> bool:
        """Whether the name is the person's, by the record or by the document."""
        return name_key(name) in {name_key(self.name), name_key(self.document_name or self.name)}

    @property
    def returns(self) -> Return:
        """By which doors he or she comes into a union again."""
        return PERMISSIONS[self.standing].returns

    @property
    def ended(self) -> str:
        """「曾于 2025-03-01 被除名」 of a standing that has ended; "" else."""
        return ended_standing(self.standing, self.standing_on)


class Named(NamedTuple):
    """A person as typed: a name, and a key for each document type that the number may have."""

    keys: tuple[bytes, ...]
    name: str


class Answer(NamedTuple):
    """The registered person; for the union's own members under any name. ``wrong``: the number has another name."""

    person: Known | None
    wrong: bool = False


def ended_standing(standing: str, standing_on: date | None) -> str:
    """How the standing has ended, and when: for whoever knows name and number."""
    words = {StandingState.RESIGNED.value: "退会", StandingState.EXPELLED.value: "被除名"}.get(standing)
    return f"曾于 {standing_on:%Y-%m-%d} {words}" if words and standing_on else ""


def ask(union: Union, people: Sequence[Named], *, by: User, door: Door) -> list[Answer]:
    """Looks up ``people`` for ``union``; returns answers in the same order. The caller has checked that ``by`` may act.

    For a transfer an unknown person is a miss too: both cases have the same answer. Raises Refused when the union
    exceeds its daily misses, by these people or before; then no answer is given.
    """
    answers = answer(union, people)
    misses = {
        _digest(named)
        for named, reply in zip(people, answers, strict=True)
        if reply.wrong or (door == Door.TRANSFER and reply.person is None)
    }
    limit, used = of_union("lookup_misses", union), _used(union)
    any_other = any(reply.person is None or reply.person.union_id != union.pk for reply in answers)
    stopped = any_other and used >= limit
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
    """Looks up one person as `ask` does. Raises Refused also for a wrong name."""
    (reply,) = ask(union, [Named((key,), name)], by=by, door=door)
    if reply.wrong:
        raise wrong_name()
    return reply.person


def wrong_name() -> Refused:
    """Returns the refusal of a wrong name for a form."""
    return Refused("。".join((*WRONG_NAME, "")), field="document_number")


def answer(union: Union, people: Sequence[Named]) -> list[Answer]:
    """Looks up without counting: only for a job, which repeats a lookup that was counted for an officer."""
    by_key = _find([key for named in people for key in named.keys])
    persons = (next((by_key[key] for key in named.keys if key in by_key), None) for named in people)
    return [
        Answer(None, wrong=True)
        if person and person.union_id != union.pk and not person.is_named(named.name)
        else Answer(person)
        for named, person in zip(people, persons, strict=True)
    ]


def spend(union: Union, kind: str, digests: Iterable[bytes], limit: int) -> tuple[int, bool]:
    """Counts the ``digests`` that are new on this day, under a lock of the day's row, in the caller's transaction.

    Returns the day's count, and whether it exceeds ``limit``: then the digests are counted but not stored as asked.
    """
    day = {"union": union, "kind": kind, "day": localdate()}
    Lookups.objects.bulk_create([Lookups(**day)], ignore_conflicts=True)
    row = Lookups.objects.select_for_update().get(**day)
    new = set(digests) - {bytes(digest) for digest in row.asked}
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
    """Returns the registered ones of ``keys`` (``validation.document_key``), by one indexed query."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, ["".join(key.hex() for key in keys)])
        return {bytes(key): Known(*columns) for key, *columns in cursor.fetchall()}


_MEMBERS = Member._meta.db_table
# A record that was merged into another one leads there (SPEC 5.6).
_FIND = f"""
SELECT found.document_hash, main.id, main.union_id, main.name, main.seal_id, main.standing, main.standing_on,
    CASE WHEN alias.member_id IS NULL THEN '' ELSE found.name END
FROM {_MEMBERS} AS found LEFT JOIN {Alias._meta.db_table} AS alias ON alias.member_id = found.id
JOIN {_MEMBERS} AS main ON main.id = coalesce(alias.main_id, found.id)
WHERE found.document_hash = ANY (ARRAY(
    SELECT substr(keys, 1 + 32 * place, 32)
    FROM decode(%s, 'hex') AS keys, generate_series(0, length(keys) / 32 - 1) AS place))
"""  # noqa: S608 (a table's name)

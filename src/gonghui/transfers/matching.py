"""Who is meant by a name and a number. That nobody is found, or somebody of another name, is one and the same answer.

A member is found only by both together (SPEC 3.6). Look-ups that find nobody are counted for the union and the day, in a
transaction of their own, and from a limit on none is answered any more: neither a single one nor a workbook is a way to
find out who is in the register. Every look-up is on record.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.documents import Invalid
from gonghui.kit.errors import Refused
from gonghui.kit.names import clean_name
from gonghui.members.intake import Known, find_people
from gonghui.members.queries import document_keys
from gonghui.transfers.models import Lookups, Tally
from gonghui.unions.models import Union

verbs.register(member__looked_up="查找转入会员", member__lookup_stopped="转入查找次数超限")


class Wanted(NamedTuple):
    """A person as an officer names him or her; ``row`` is the workbook's own number, 0 for a single look-up."""

    row: int
    name: str
    number: str


class Match(NamedTuple):
    """Whom the register knows under both; without one, why (a Tally) and a remark for the officer."""

    wanted: Wanted
    person: Known | None
    tally: Tally | None = None
    remark: str = ""


NOT_FOUND = "会员库中没有姓名和证件号码都与填写一致的会员。请对照证件核对；从未入会的，请用“新增会员”登记"


def look_up(union: Union, wanted: Sequence[Wanted], *, by: User) -> list[Match]:
    """Whom the rows mean, in their order; the register is asked once for all.

    Raises Refused when the union has used up what it may miss on a day, by these rows or before.
    """
    matches = list(_matched(wanted))
    misses = sum(match.tally == Tally.UNMATCHED for match in matches)
    limit = settings.ENVIRONMENT.transfer_misses
    with transaction.atomic():
        before = _count(union, misses)
        stopped = before >= limit or before + misses > limit
        verb = "member.lookup_stopped" if stopped else "member.looked_up"
        record(verb, union, by=by, union=union, rows=len(wanted), misses=misses, today=before + misses)
    if stopped:
        raise Refused(
            f"今天没有匹配到会员的次数已达到上限（每天 {limit} 次），为保护会员信息，今天不能再查找，这次没有提交任何申请。"
            "请对照证件核对姓名和证件号码，明天再试；人数较多的，请联系上级工会。"
        )
    return matches


def _matched(wanted: Sequence[Wanted]) -> Iterator[Match]:
    names, keys, remarks = {}, {}, {}
    for one in wanted:
        try:
            names[one.row] = clean_name(one.name)
        except Invalid as invalid:
            remarks[one.row] = f"姓名：{invalid.sentence.rstrip('。')}"
            continue
        keys[one.row] = document_keys(one.number)
        if not keys[one.row]:
            remarks[one.row] = "证件号码不符合任何一种证件的规则，请对照证件核对"
    people = find_people([key for found in keys.values() for key in found])
    seen: dict[tuple[bytes, ...], int] = {}
    for one in wanted:
        if one.row in remarks:
            yield Match(one, None, Tally.INVALID, remarks[one.row])
            continue
        first = seen.setdefault(tuple(keys[one.row]), one.row)
        person = next((people[key] for key in keys[one.row] if key in people), None)
        if first != one.row:
            yield Match(one, None, Tally.REPEATED, f"与第 {first} 行的证件号码相同")
        elif person is not None and person.name == names[one.row]:
            yield Match(one, person)
        else:
            yield Match(one, None, Tally.UNMATCHED, NOT_FOUND)


def _count(union: Union, misses: int) -> int:
    """Add to the day's misses; how many there were before."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"union": union.pk, "day": localdate(), "misses": misses})
        return cursor.fetchone()[0] - misses


_COUNT = f"""
INSERT INTO {Lookups._meta.db_table} AS known (union_id, day, misses) VALUES (%(union)s, %(day)s, %(misses)s)
ON CONFLICT (union_id, day) DO UPDATE SET misses = known.misses + excluded.misses RETURNING misses
"""  # noqa: S608 (a table's name)

"""会员年检: what looks out of date in a union's members, and the copy that a confirmation keeps (SPEC 3.9).

Numbers are sealed, so that they are opened in chunks to be checked: 10 microseconds each, a second and a half for a union of
100,000. What was found is remembered under the members' version, so that it is never out of date.
"""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import connection
from django.utils.timezone import localdate

from gonghui.inspections.models import Confirmation, MemberList
from gonghui.kit.documents import Invalid, check_document, check_mobile, mask_mobile, mask_number
from gonghui.kit.names import name_key
from gonghui.kit.sealing import opened_bytes, purpose
from gonghui.members.codes import Sex
from gonghui.members.encryption import DOCUMENT, MOBILE
from gonghui.members.models import Member
from gonghui.members.standings import PERMISSIONS, StandingState
from gonghui.unions.models import Union

CHUNK = 2000
REMEMBERED = 3600  # seconds

RETIREMENT = {Sex.MALE: 63, Sex.FEMALE: 58, Sex.UNKNOWN: 63}
"""Age in years from which a member is past the statutory retirement age, for every job and every postponement.

国务院关于渐进式延迟法定退休年龄的办法 (in force since 2025-01-01): men at 60 to 63, women at 50 or 55 to 55 or 58. Of unknown sex: the higher
age, past which both are.
"""


@dataclass(frozen=True)
class Doubt:
    """One kind of doubt: its key in addresses, how bad it is, and the ids of its members."""

    key: str
    ids: Sequence[int]

    @property
    def level(self) -> str:
        return KINDS[self.key][0] if self.ids else "ok"

    @property
    def text(self) -> str:
        _, words, none = KINDS[self.key]
        return f"{len(self.ids)} 名会员{words}。" if self.ids else f"{none}。"


KINDS = {
    "number": ("bad", "的证件号码不符合规则，请对照证件更正", "证件号码都符合规则"),
    "mobile": ("bad", "没有移动电话，或号码不正确，请补填", "移动电话齐全，格式正确"),
    "born_on": ("bad", "没有出生日期，请补填", "出生日期齐全"),
    "duplicate": (
        "look",
        "与本工会另一名会员的姓名和出生日期相同，请核对是否重复登记",
        "没有姓名和出生日期都相同的会员",
    ),
    "retired": (
        "look",
        f"已超过法定退休年龄（男 {RETIREMENT[Sex.MALE]} 岁、女 {RETIREMENT[Sex.FEMALE]} 岁），已退休的请办理保留会籍或转出",
        "没有已超过法定退休年龄的会员",
    ),
}
"""Level of each finding, its sentence with a number of members, and its sentence for none; in the page's order."""


def version_of_members(union: Union) -> str:
    """What the officer's page carries to tell whether any member has changed, come or gone since."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [union.pk])
        return "{}-{}".format(*cursor.fetchone())


_VERSION = f"""
SELECT count(*), bit_xor(hashtextextended(xmin::text || ctid::text, 0)) FROM {Member._meta.db_table} WHERE union_id = %s
"""  # noqa: S608 (a table's name)
"""By which transaction wrote each row, and where it lies: both change with the row. To read what it holds takes eight times
as long, at every view of a union of 50,000.
"""


def findings(union: Union, version: str = "") -> list[Doubt]:
    """All kinds, those without a member too, so that the officer sees what was checked."""
    key = f"inspections:members:{union.pk}:{version or version_of_members(union)}"
    ids = cache.get(key)
    if ids is None:
        ids = _doubts(union)
        cache.set(key, ids, REMEMBERED)
    return [Doubt(kind, ids[kind]) for kind in KINDS]


def _doubts(union: Union) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {kind: [] for kind in KINDS}
    people: dict[tuple[str, date], list[int]] = {}
    limits = {sex: _years_ago(years) for sex, years in RETIREMENT.items()}
    for row in _rows(union):
        if not PERMISSIONS[row.standing].duties:
            continue
        if not _holds(row):
            ids["number"].append(row.id)
        if not _reachable(row):
            ids["mobile"].append(row.id)
        if row.born_on is None:
            ids["born_on"].append(row.id)
            continue
        people.setdefault((name_key(row.name), row.born_on), []).append(row.id)
        if row.born_on <= limits[Sex(row.sex)]:
            ids["retired"].append(row.id)
    ids["duplicate"] = sorted(member_id for same in people.values() if len(same) > 1 for member_id in same)
    return ids


class Row(NamedTuple):
    """What the check and the copy read of a member."""

    id: int
    number: str
    name: str
    sex: str
    seal_id: UUID | None
    document_type: str
    document_sealed: bytes
    mobile_sealed: bytes | None
    born_on: date | None
    position: str
    has_card: bool
    standing: str

    @property
    def document_number(self) -> str:
        return DOCUMENT.open(self.document_sealed, self.seal_id)

    @property
    def mobile(self) -> str:
        return MOBILE.open(self.mobile_sealed, self.seal_id) if self.mobile_sealed else ""


def _rows(union: Union) -> Iterator[Row]:
    rows = Member.objects.filter(union=union).order_by("pk").values_list(*Row._fields)
    return (Row(*row) for row in rows.iterator(chunk_size=CHUNK))


def _holds(row: Row) -> bool:
    try:
        check_document(row.document_type, row.document_number)
    except Invalid:
        return False
    return True


def _reachable(row: Row) -> bool:
    try:
        return bool(row.mobile) and bool(check_mobile(row.mobile))
    except Invalid:
        return False


def _years_ago(years: int) -> date:
    today = localdate()
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, day=28)


# The copy


def figures(union: Union) -> dict[str, Any]:
    """What a confirmation keeps in the open: how many members, by sex, document type and card."""
    counts: Counter[str] = Counter()
    for row in _rows(union):
        counts.update(("total", row.sex, f"document:{row.document_type}"))
        counts["card"] += row.has_card
        if row.standing == StandingState.RETAINED:
            counts["retained"] += 1
    return dict(counts)


def keep_list(confirmation: Confirmation) -> MemberList:
    """Keep the members as they are now, compressed and sealed: 会员编号, name, sex, position, card; number and mobile masked."""
    lines = [
        [
            row.number,
            row.name,
            row.sex,
            mask_number(row.document_number),
            mask_mobile(row.mobile) if row.mobile_sealed else "",
            row.position,
            row.has_card,
        ]
        for row in _rows(confirmation.union)
    ]
    owner, packed = uuid4(), zlib.compress(json.dumps(lines, ensure_ascii=False).encode())
    sealed = purpose(MemberList, "rows_sealed").seal_bytes(packed, owner)
    return MemberList.objects.create(confirmation=confirmation, seal_id=owner, rows_sealed=sealed)


def opened_list(kept: MemberList) -> list[list[Any]]:
    """What ``keep_list`` kept."""
    return json.loads(zlib.decompress(opened_bytes(kept, "rows_sealed")))

"""The exported 「未建会名单」: its columns, and how a long one leaves by `exports`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.timezone import localtime

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.codelists.queries import label
from gonghui.exports.kinds import ExportKind, Line, Plan
from gonghui.exports.models import Export
from gonghui.kit.errors import Refused
from gonghui.registers.models import Mark
from gonghui.registers.rules import can_see_unorganised
from gonghui.registers.unorganised.form import UnorganisedFilter
from gonghui.unions.codes import EconomicType, Industry

verbs.register(employer__exported="导出未建会名单")

MAX_EXPORT = 100_000
HEADINGS = (
    "单位名称", "统一社会信用代码", "所在区局", "所在街镇或公司", "单位所属行业", "经济类型", "职工人数", "单位地址",
    "标记", "说明", "标记人", "标记时间",
)  # fmt: skip
_COLUMNS = (
    "name", "code", "street__superior__name", "street__name", "industry", "economic_type", "staff_count", "address",
    "mark__kind", "mark__note", "mark__by__name", "mark__marked_at",
)  # fmt: skip


class UnorganisedExport(ExportKind):
    """What is asked for: the ``query`` of the list's filters. No personal data, so that nobody else approves it."""

    key, label = "unorganised", "未建会名单"

    def require_right(self, what: Mapping[str, Any], by: User) -> None:
        require_right(by)

    def plan(self, what: Mapping[str, Any], by: User) -> Plan:
        require_right(by)
        assert by.union is not None  # noqa: S101 (the right)
        filters = UnorganisedFilter(QueryDict(what["query"]), user=by)
        return Plan(
            title=self.label, headings=HEADINGS, total=counted(filters), full=False, union=by.union,
            conditions=list(filters.searched()), lines=lambda: (Line(None, line) for line in lines(filters.employers)),
        )  # fmt: skip

    def fetched(self, export: Export, people: Sequence[int], by: User) -> None:
        record_exported(export, by=by, count=export.rows)


def require_right(by: User) -> None:
    require(can_see_unorganised, by, sentence="只有上级工会可以导出未建会名单。")


def record_exported(export: Export | None, *, by: User, count: int) -> None:
    """Records that a list has left, in the transaction that hands it out."""
    record("employer.exported", export, by=by, union=by.union, count=count)


def counted(filters: UnorganisedFilter) -> int:
    """Returns how many are listed. Raises Refused: a filter is wrong, none, or more than MAX_EXPORT."""
    filters.require()
    count = filters.employers.order_by()[: MAX_EXPORT + 1].count()
    if not count:
        raise Refused("没有可以导出的单位。请换一个查询条件。")
    if count > MAX_EXPORT:
        raise Refused(f"一次最多导出 {MAX_EXPORT:,} 家单位，请选择街镇、行业或规模，再分次导出。")
    return count


def lines(rows: QuerySet) -> Iterator[list[str]]:
    """The texts under the headings, in the order of the list."""
    found = rows.order_by("-ranked_staff", "-id").values_list(*_COLUMNS)
    return (_line(row) for row in found.iterator(chunk_size=2000))


def _line(row: tuple[Any, ...]) -> list[str]:
    *place, industry, economic_type, staff, address, kind, note, who, at = row
    coded = [label(Industry, industry), label(EconomicType, economic_type)]
    marked = [Mark(kind).label, note, who, f"{localtime(at):%Y-%m-%d %H:%M}"] if kind else [""] * 4
    return ["" if told is None else str(told) for told in (*place, *coded, staff, address, *marked)]

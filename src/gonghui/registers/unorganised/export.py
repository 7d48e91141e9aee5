"""The columns of the exported 「未建会名单」."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from gonghui.codelists.queries import label
from gonghui.registers.models import Mark
from gonghui.unions.codes import EconomicType, Industry

HEADINGS = (
    "单位名称", "统一社会信用代码", "所在区局", "所在街镇或公司", "单位所属行业", "经济类型", "职工人数", "单位地址",
    "标记", "说明", "标记人", "标记时间",
)  # fmt: skip
_COLUMNS = (
    "name", "code", "street__superior__name", "street__name", "industry", "economic_type", "staff_count", "address",
    "mark__kind", "mark__note", "mark__by__name", "mark__marked_at",
)  # fmt: skip


def lines(rows: QuerySet) -> Iterator[list[str]]:
    """The texts under the headings, in the order of the list."""
    found = rows.order_by("-ranked_staff", "-id").values_list(*_COLUMNS)
    return (_line(row) for row in found.iterator(chunk_size=2000))


def _line(row: tuple[Any, ...]) -> list[str]:
    *place, industry, economic_type, staff, address, kind, note, who, at = row
    coded = [label(Industry, industry), label(EconomicType, economic_type)]
    marked = [Mark(kind).label, note, who, f"{localtime(at):%Y-%m-%d %H:%M}"] if kind else [""] * 4
    return ["" if told is None else str(told) for told in (*place, *coded, staff, address, *marked)]

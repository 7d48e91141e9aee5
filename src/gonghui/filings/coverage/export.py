"""The columns of the exported list; the first three are those of the import (sheet.py)."""

from django.utils.timezone import localtime

from gonghui.unions.findings import RegisterFinding
from gonghui.unions.models import CoveredEmployer

HEADINGS = ("统一社会信用代码", "单位名称", "职工人数", "大统计库核对", "大统计库中的名称", "登记时间")


def export_line(covered: CoveredEmployer) -> list[str]:
    """The texts under HEADINGS, of a row that is `compared` with the register."""
    return [
        covered.code,
        covered.name,
        str(covered.staff_count),
        RegisterFinding(covered.finding).label,  # type: ignore[attr-defined] # annotated
        covered.known_name or "",  # type: ignore[attr-defined]
        f"{localtime(covered.added_at):%Y-%m-%d %H:%M}",
    ]

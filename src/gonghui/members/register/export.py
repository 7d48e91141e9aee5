"""The columns of the exported list of members (SPEC 3.1 「导出」)."""

from gonghui.members.fields import in_order
from gonghui.members.models import Member

_FIELDS = in_order("name", "position", "sex")
HEADINGS = (
    "会员编号",
    *(field.label for field in _FIELDS),
    "已办会员卡",
    "用户状态",
    "会籍",
    "保留原因",
    "会籍变动日期",
    "信息修改状态",
    "工会编号",
    "工会名称",
)


def export_row(member: Member, *, full: bool) -> list[str]:
    """The texts under HEADINGS; number, address and mobile masked unless ``full``."""
    return [
        member.number,
        *(field.text(field.value_in(member), full=full) for field in _FIELDS),
        "是" if member.has_card else "否",
        member.get_status_display(),
        member.get_standing_display(),
        member.get_retained_for_display(),
        f"{member.standing_on:%Y-%m-%d}" if member.standing_on else "",
        member.get_correction_display(),
        (member.union.number or "") if member.union else "",
        member.union.name if member.union else "",
    ]

"""The columns of the exported list of members (SPEC 3.1 「导出」)."""

from collections.abc import Sequence

from gonghui.members.field import Field
from gonghui.members.fields import in_order
from gonghui.members.models import Member

STANDING = ("会籍", "保留原因", "会籍变动日期")


def export_fields(fields: Sequence[Field], *, sensitive: bool) -> list[Field]:
    """Returns the fields of an export; without ``sensitive`` only those that a list may show masked."""
    return [field for field in in_order(fields, "name", "position", "sex") if sensitive or not field.sensitive]


def headings(fields: Sequence[Field]) -> list[str]:
    """Returns the headings for `export_row`."""
    labels = [field.label for field in fields]
    return ["会员编号", *labels, "已办会员卡", "用户状态", *STANDING, "信息修改状态", "工会编号", "工会名称"]


def export_row(member: Member, fields: Sequence[Field], *, full: bool) -> list[str]:
    """The texts under `headings`; number, address and mobile masked unless ``full``."""
    return [
        member.number,
        *(field.text(field.value_in(member), full=full or field.sensitive) for field in fields),
        "是" if member.has_card else "否",
        member.get_status_display(),
        member.get_standing_display(),
        member.get_retained_for_display(),
        f"{member.standing_on:%Y-%m-%d}" if member.standing_on else "",
        member.get_correction_display(),
        (member.union.number or "") if member.union else "",
        member.union.name if member.union else "",
    ]

"""The columns of the exported list of members as they were confirmed (SPEC 3.9)."""

from typing import Any

from gonghui.codelists.queries import label
from gonghui.members.codes import Sex, UnionPosition

MEMBER_HEADINGS = ("会员编号", "姓名", "性别", "证件号码", "移动电话", "工会职务", "已办会员卡")


def member_line(line: list[Any]) -> list[str]:
    """A line of a confirmation's list of members under MEMBER_HEADINGS."""
    number, name, sex, document, mobile, position, card = line
    return [number, name, label(Sex, sex), document, mobile, label(UnionPosition, position), "是" if card else "否"]

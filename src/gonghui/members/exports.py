"""The columns of the exported list of members (SPEC 3.1 「导出」)."""

from gonghui.kit.documents import mask_address, mask_mobile, mask_number
from gonghui.members.models import Member

HEADINGS = (
    "会员编号",
    "姓名",
    "工会职务",
    "性别",
    "有效证件类型",
    "证件号码",
    "出生日期",
    "证件有效期至",
    "联系地址",
    "移动电话",
    "学历",
    "户籍类型",
    "技术等级",
    "已办会员卡",
    "用户状态",
    "信息修改状态",
    "工会编号",
    "工会名称",
)


def export_row(member: Member, *, full: bool) -> list[str]:
    """The texts under HEADINGS; number, address and mobile masked unless ``full``."""
    number, address, mobile = member.document_number, member.address, member.mobile
    if not full:
        number, address, mobile = mask_number(number), mask_address(address), mask_mobile(mobile)
    return [
        member.number,
        member.name,
        member.get_position_display(),
        member.get_sex_display(),
        member.get_document_type_display(),
        number,
        member.born_on.isoformat() if member.born_on else "",
        member.expires_on.isoformat() if member.expires_on else "",
        address,
        mobile,
        member.get_education_display(),
        member.get_household_display(),
        member.get_skill_level_display(),
        "是" if member.has_card else "否",
        member.get_status_display(),
        member.get_correction_display(),
        (member.union.number or "") if member.union else "",
        member.union.name if member.union else "",
    ]

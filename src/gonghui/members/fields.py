"""The fields of a member, from which form, workbook, import, undo, page, history and export are made.

The columns themselves are in `models.py`: ``Member``'s, and ``StagedMember``'s by the same names. Rules
of values beyond their kind are in `validation.py`. Which of the last group of fields are collected, `collected.py` says.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, NamedTuple, get_type_hints

from gonghui.kit.documents import mask_address, mask_mobile, mask_number
from gonghui.kit.excel import CellKind
from gonghui.members import codes
from gonghui.members.field import CARD_ADDRESS, MAX_LENGTH, Empty, Field, Group, mask_all


class MemberValues(NamedTuple):
    """One member's values, checked and in their normal form; codes are the values of `codes.py`.

    The columns of the workbook are in this order.
    """

    name: Annotated[
        str,
        Field(
            label="姓名",
            columns=("name", "name_key", "pinyin"),
            kind=CellKind.NAME,
            empty=Empty.REFUSED,
            returns=False,
            on_card=True,
            group=Group.BASICS,
            help="与有效证件上的姓名一致，外籍会员照护照填写。",
            headings="会员姓名 职工姓名 员工姓名 人员姓名 本人姓名 中文姓名 名字",
            hint="与证件上的姓名一致",
            example="王小明",
            width=14,
        ),
    ]
    position: Annotated[
        str,
        Field(
            label="工会职务",
            codes=codes.UnionPosition,
            default=codes.UnionPosition.MEMBER.value,
            group=Group.BASICS,
            headings="工会职位 工会内职务 会内职务 工会任职 工会内任职",
            hint="不填则为“{default}”",
            example="会员",
            width=18,
        ),
    ]
    document_type: Annotated[
        str,
        Field(
            label="有效证件类型",
            codes=codes.DocumentType,
            default=codes.DocumentType.RESIDENT_ID.value,
            identifies=True,
            on_card=True,
            group=Group.IDENTITY,
            help="18 位的号码，系统按号码确定类型。",
            headings="""证件类型 证件类别 有效证件类别 证件种类 有效证件种类 证件名称 身份证件类型 身份证件类别
                身份证明类型""",
            hint="不填则为“{default}”",
            example="身份证",
            width=26,
        ),
    ]
    document_number: Annotated[
        str,
        Field(
            label="证件号码",
            columns=("document_sealed",),
            kind=CellKind.CODE,
            mask=mask_number,
            empty=Empty.REFUSED,
            identifies=True,
            on_card=True,
            group=Group.IDENTITY,
            help="18 位身份证号码会自动填写性别和出生日期。",
            headings="""身份证 身份证号 身份证号码 身份证编号 公民身份号码 公民身份证号码 公民身份证号 居民身份证
                居民身份证号 居民身份证号码 身份号码 身份证件号码 身份证件号 证件号 证件编号 有效证件号码 有效证件号
                有效身份证件号码 身份证/证件号码""",
            hint="身份证为 18 位；请保持单元格格式为“文本”",
            example="310110199001010019",
            width=24,
        ),
    ]
    sex: Annotated[
        str,
        Field(
            label="性别",
            codes=codes.Sex,
            empty=Empty.TOLD,
            returns=False,
            group=Group.IDENTITY,
            headings="男女 性别(男/女)",
            hint="身份证可不填，由号码得出",
            example="男",
            width=8,
        ),
    ]
    born_on: Annotated[
        date,
        Field(
            label="出生日期",
            kind=CellKind.DATE,
            empty=Empty.TOLD,
            returns=False,
            on_card=True,
            group=Group.IDENTITY,
            headings="出生年月日 出生日 出生时间 生日",
            hint="写成 1990-01-01；身份证可不填，由号码得出",
            example="1990-01-01",
            width=14,
        ),
    ]
    expires_on: Annotated[
        date | None,
        Field(
            label="证件有效期至",
            kind=CellKind.DATE,
            group=Group.IDENTITY,
            help="长期有效的不填。办理会员服务卡时证件必须在有效期内。",
            nothing="长期或未填写",
            headings="""有效期至 证件有效期 证件有效期限 证件有效日期 有效期限 有效期 有效期止 证件有效期止 证件到期日
                证件到期日期 证件截止日期 身份证有效期 身份证有效期至 身份证有效期限""",
            hint="写成 2035-12-31；长期有效可不填",
            example="2035-12-31",
            width=14,
        ),
    ]
    address: Annotated[
        str,
        Field(
            label="联系地址",
            columns=("address_sealed",),
            mask=mask_address,
            group=Group.CONTACT,
            help=f"最多 {MAX_LENGTH} 个字符；办理会员服务卡要求不超过 {CARD_ADDRESS} 个字符。",
            headings="地址 住址 通讯地址 通信地址 联系住址",
            hint=f"办理会员服务卡时不能超过 {CARD_ADDRESS} 个字",
            example="上海市杨浦区示例路 1 号",
            width=36,
        ),
    ]
    mobile: Annotated[
        str,
        Field(
            label="移动电话",
            columns=("mobile_sealed",),
            kind=CellKind.CODE,
            mask=mask_mobile,
            max_length=30,
            empty=Empty.REFUSED,
            group=Group.CONTACT,
            help="会员本人的 11 位手机号码，例如 199 0000 1234。",
            headings="""手机 手机号 手机号码 手机电话 移动电话号码 联系手机 联系手机号 联系电话 联系方式 联系号码 电话 电话号码
                本人手机号""",
            hint="11 位手机号码",
            example="19900001234",
            width=16,
        ),
    ]
    education: Annotated[
        str,
        Field(
            label="学历",
            codes=codes.Education,
            headings="文化程度 教育程度 文化水平 学历层次 学历水平",
            example="大学本科",
            width=14,
        ),
    ]
    household: Annotated[
        str,
        Field(
            label="户籍类型",
            codes=codes.Household,
            headings="户口类型 户籍 户口 户口性质 户籍性质 户口类别 户籍类别 户别",
            example="非农业",
            width=12,
        ),
    ]
    skill_level: Annotated[
        str,
        Field(
            label="技术等级",
            codes=codes.SkillLevel,
            headings="技能等级 技术级别 技能级别 职业技能等级 职业资格等级 职业资格 技术技能等级",
            example="初级",
            width=12,
        ),
    ]

    ethnicity: Annotated[
        str,
        Field(
            label="民族",
            columns=("ethnicity_sealed",),
            codes=codes.Ethnicity,
            mask=mask_all,
            by_policy=True,
            group=Group.PERSON,
            headings="民族成份 民族成分 族别",
            example="汉族",
            width=12,
        ),
    ] = ""
    native_place: Annotated[
        str,
        Field(
            label="籍贯",
            columns=("native_place_sealed",),
            mask=mask_all,
            max_length=50,
            by_policy=True,
            group=Group.PERSON,
            help="写到县、区，例如“江苏省昆山市”。",
            headings="祖籍 籍贯(省市)",
            example="江苏省昆山市",
            width=18,
        ),
    ] = ""
    household_place: Annotated[
        str,
        Field(
            label="户籍所在地",
            columns=("household_place_sealed",),
            mask=mask_all,
            by_policy=True,
            group=Group.PERSON,
            help="户口簿上的地址，写到街道、乡镇即可。",
            headings="户口所在地 户籍地 户籍地址 户口地址",
            example="上海市杨浦区五角场街道",
            width=26,
        ),
    ] = ""
    political_status: Annotated[
        str,
        Field(
            label="政治面貌",
            columns=("political_status_sealed",),
            codes=codes.PoliticalStatus,
            mask=mask_all,
            by_policy=True,
            group=Group.PERSON,
            headings="政治身份 党派 政治状况",
            example="群众",
            width=16,
        ),
    ] = ""
    nationality: Annotated[
        str,
        Field(
            label="国籍",
            max_length=40,
            by_policy=True,
            requirable=False,
            group=Group.PERSON,
            help="只填外国人的国籍，中国公民不填。",
            headings="国别 国家",
            width=14,
        ),
    ] = ""
    employment: Annotated[
        str,
        Field(
            label="就业状况",
            codes=codes.Employment,
            by_policy=True,
            group=Group.WORK,
            headings="就业状态 在岗情况 在岗状态 在职状态",
            example="在岗",
            width=14,
        ),
    ] = ""
    workplace: Annotated[
        str,
        Field(
            label="工作单位",
            by_policy=True,
            requirable=False,
            of_union=True,
            group=Group.WORK,
            help="与本工会的单位不同时填写，例如劳务派遣的用工单位。",
            headings="用工单位 所在单位 单位",
            width=30,
        ),
    ] = ""
    staff_number: Annotated[
        str,
        Field(
            label="工号",
            kind=CellKind.CODE,
            max_length=30,
            by_policy=True,
            of_union=True,
            group=Group.WORK,
            help="本单位的职工编号，在本工会内不能重复。",
            headings="职工编号 员工编号 员工号 职工号 人员编号",
            example="A0001",
            width=14,
        ),
    ] = ""
    migrant_worker: Annotated[
        str,
        Field(
            label="是否农民工",
            codes=codes.YesNo,
            by_policy=True,
            group=Group.WORK,
            headings="农民工 是否农民工会员 农民工会员",
            example="否",
            width=12,
        ),
    ] = ""
    new_employment: Annotated[
        str,
        Field(
            label="新就业形态群体",
            codes=codes.NewEmployment,
            by_policy=True,
            group=Group.WORK,
            headings="新就业形态 新就业群体 八大群体",
            example="不属于",
            width=18,
        ),
    ] = ""
    joined_on: Annotated[
        date | None,
        Field(
            label="入会日期",
            kind=CellKind.DATE,
            by_policy=True,
            group=Group.MEMBERSHIP,
            help="加入工会的日期，可以早于在本平台登记的日期；从外地工会转来的，填转入本工会的日期。",
            headings="入会时间 加入工会日期 加入工会时间",
            hint="写成 2015-03-01",
            example="2015-03-01",
            width=14,
        ),
    ] = None
    honour_level: Annotated[
        str,
        Field(
            label="劳模荣誉",
            codes=codes.HonourLevel,
            by_policy=True,
            group=Group.MEMBERSHIP,
            help="劳动模范、先进工作者的最高级别。",
            headings="劳模 劳动模范 劳模级别 荣誉级别",
            example="无",
            width=14,
        ),
    ] = ""
    honour_year: Annotated[
        str,
        Field(
            label="荣誉年份",
            kind=CellKind.CODE,
            max_length=4,
            by_policy=True,
            requirable=False,
            group=Group.MEMBERSHIP,
            help="获得上述荣誉的年份，例如 2020；没有的不填。",
            headings="劳模年份 获得年份 授予年份",
            width=12,
        ),
    ] = ""

    def __repr__(self) -> str:
        """Omits the values: they are personal data, and a repr is written to logs."""
        return "<MemberValues>"


def _named(name: str, field: Field) -> Field:
    return replace(field, name=name, columns=field.columns or (name,))


FIELDS = {
    name: _named(name, hint.__metadata__[0]) for name, hint in get_type_hints(MemberValues, include_extras=True).items()
}
"""By name, in the order of MemberValues."""
LABELS = {name: field.label for name, field in FIELDS.items()}
CORE = [field for field in FIELDS.values() if not field.by_policy]
"""The fields of the manual's form: always collected."""
CHANGING = [field for field in FIELDS.values() if not field.identifies]
"""The fields that a workbook may change, and that undo restores."""


def in_order(fields: Sequence[Field], *first: str) -> list[Field]:
    """Returns the fields, those named ``first``."""
    return [*(FIELDS[name] for name in first), *(field for field in fields if field.name not in first)]

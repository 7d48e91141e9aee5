"""The fields of a member, from which form, workbook, import, undo, page, history and export are made.

The columns themselves are in `models.py`: ``Member``'s, and ``StagedMember``'s by the same names. Rules
of values beyond their kind are in `validation.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, StrEnum, auto
from typing import Annotated, Any, NamedTuple, get_type_hints

from django.db.models import TextChoices

from gonghui.codelists.queries import label as code_label
from gonghui.kit.documents import mask_address, mask_mobile, mask_number
from gonghui.kit.excel import CellKind
from gonghui.kit.sealing import opened
from gonghui.members.codes import DocumentType, Education, Household, Sex, SkillLevel, UnionPosition

MAX_LENGTH = 100
CARD_ADDRESS = 40  # what the card maker takes (SPEC 4.2); longer is stored, and the form says so


class Empty(Enum):
    """The meaning of an empty input in the form, or of an empty cell in a workbook."""

    REFUSED = auto()
    TOLD = auto()
    """The document number contains the value; if it does not, an empty input is refused."""
    KEPT = auto()
    """An empty cell keeps the value of a known person. A new person gets the field's ``default``."""


class Group(StrEnum):
    """The headings of the form."""

    BASICS = "基本信息"
    IDENTITY = "身份信息"
    CONTACT = "联系方式"
    OTHER = "其他信息"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. A coded field has ``codes``; a field with a ``mask`` is stored sealed and shown masked."""

    label: str
    name: str = ""  # as in MemberValues
    columns: tuple[str, ...] = ()  # of the register and of the staging table; the first holds the value
    kind: CellKind = CellKind.TEXT  # how what is typed is cleaned: form and workbook give one value
    codes: type[TextChoices] | None = None
    mask: Callable[[str], str] | None = None
    max_length: int = MAX_LENGTH
    empty: Empty = Empty.KEPT
    default: str = ""
    identifies: bool = False  # by it a person is found: with another one, a workbook's row is about somebody else
    returns: bool = True  # who comes back gets what the workbook says, or (False) keeps what the register has
    on_card: bool = False  # a card shows it: changed by the superior's review (SPEC 3.8)
    group: Group = Group.OTHER
    help: str = ""  # in the form
    nothing: str = "-"  # what the member's page shows for none
    headings: str = ""  # what rosters call it, beside its label; parted by spaces
    hint: str = ""  # with {default}: the label of the default
    example: str = ""
    width: int = 0

    @property
    def sealed(self) -> bool:
        return self.mask is not None

    @property
    def sql_type(self) -> str:
        """Of its columns in the staging table."""
        if self.sealed:
            return "bytea"
        return "date" if self.kind == CellKind.DATE else "text"

    @property
    def is_number(self) -> bool:
        """Whether pages set it as digits."""
        return self.kind in (CellKind.CODE, CellKind.DATE)

    def text(self, value: Any, *, full: bool) -> str:
        """Returns a value as shown, "" for none: a code's label; masked, unless ``full``, if the field has a mask."""
        text = "" if value is None else code_label(self.codes, value) if self.codes else str(value)
        return text if full or not self.mask else self.mask(text)

    def value_in(self, row: Any) -> Any:
        """The value in a member or in an earlier version of one."""
        return opened(row, self.columns[0]) if self.sealed else getattr(row, self.columns[0])


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
            codes=UnionPosition,
            default=UnionPosition.MEMBER.value,
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
            codes=DocumentType,
            default=DocumentType.RESIDENT_ID.value,
            identifies=True,
            on_card=True,
            group=Group.IDENTITY,
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
            codes=Sex,
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
            codes=Education,
            headings="文化程度 教育程度 文化水平 学历层次 学历水平",
            example="大学本科",
            width=14,
        ),
    ]
    household: Annotated[
        str,
        Field(
            label="户籍类型",
            codes=Household,
            headings="户口类型 户籍 户口 户口性质 户籍性质 户口类别 户籍类别 户别",
            example="非农业",
            width=12,
        ),
    ]
    skill_level: Annotated[
        str,
        Field(
            label="技术等级",
            codes=SkillLevel,
            headings="技能等级 技术级别 技能级别 职业技能等级 职业资格等级 职业资格 技术技能等级",
            example="初级",
            width=12,
        ),
    ]

    def __repr__(self) -> str:
        """Without the values: they are personal data, and a repr ends up in logs."""
        return "<MemberValues>"


def _named(name: str, field: Field) -> Field:
    return replace(field, name=name, columns=field.columns or (name,))


FIELDS = {
    name: _named(name, hint.__metadata__[0]) for name, hint in get_type_hints(MemberValues, include_extras=True).items()
}
"""By name, in the order of MemberValues."""
LABELS = {name: field.label for name, field in FIELDS.items()}
CHANGING = [field for field in FIELDS.values() if not field.identifies]
"""The fields that a workbook may change, and that undoing restores."""


def with_mask_remark(old: str, new: str) -> str:
    """The new text of two values that differ, with a remark where they differ only behind the mask."""
    return f"{new}（与原来不同）" if old == new else new


def in_order(*first: str) -> list[Field]:
    """Returns all fields, these ``first``."""
    return [FIELDS[name] for name in dict.fromkeys((*first, *FIELDS))]


_FACTS = in_order("name", "document_type", "document_number", "sex", "born_on", "expires_on", "mobile", "address")


def facts_of(member: Any, *, full: bool) -> list[tuple[Field, str]]:
    """Returns the fields with their texts for the member's page. The caller records ``full`` access."""
    return [(field, field.text(field.value_in(member), full=full) or field.nothing) for field in _FACTS]

"""The columns that the national form wants of a union and its employer, beside the manual's (SPEC 2.7).

The columns themselves are in `columns.py`. Which of them are collected is the city's policy
(`policies.columns.of_unions`); forms, pages, reviews, versions, export and inspection are made from this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices

from gonghui.codelists.queries import label
from gonghui.unions import codes


class Kind(StrEnum):
    """What a value is, and so how it is typed and stored."""

    TEXT = "text"
    LEGAL_CODE = "legal_code"
    DATE = "date"
    NUMBER = "number"
    CODE = "code"


class Group(StrEnum):
    """The headings of the form."""

    EMPLOYER = "单位情况（全国口径）"
    LEGAL = "工会法人资格"
    OFFICE = "届次和工会干部"
    BODIES = "组织和制度建设"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column, under the name that it has in the model. A coded one has ``codes``."""

    name: str
    label: str
    group: Group
    kind: Kind
    codes: type[TextChoices] | None = None
    of_employer: bool = False  # a column of Employer, else of Union
    requirable: bool = True  # every union has a value, so that the city may require it
    detail_of: str = ""  # collected with that field, and wanted only where its answer is 有
    smallest: int = 0
    largest: int = 0
    max_length: int = 30
    help: str = ""

    @property
    def nothing(self) -> Any:
        """The value of a union that has none."""
        return None if self.kind in (Kind.DATE, Kind.NUMBER) else ""

    def stored(self, packed: Any) -> Any:
        """The value of the column from JSON."""
        return date.fromisoformat(packed) if self.kind == Kind.DATE and packed else packed

    def text(self, value: Any) -> str:
        """A value, of the column or from JSON, as shown; "" for none."""
        if value is None:
            return ""
        return label(self.codes, value) if self.codes else str(value)

    @property
    def path(self) -> str:
        """From a union to the column."""
        return f"employer__{self.name}" if self.of_employer else self.name


def _code(name: str, label: str, group: Group, choices: type[TextChoices], **more: Any) -> Field:
    return Field(name=name, label=label, group=group, kind=Kind.CODE, codes=choices, **more)


def _number(name: str, label: str, group: Group, smallest: int, largest: int, told: str) -> Field:
    return Field(name=name, label=label, group=group, kind=Kind.NUMBER, smallest=smallest, largest=largest, help=told)


def _body(name: str, label: str, since: str, **more: Any) -> list[Field]:
    """A committee, a system or a contract, and since when there is one."""
    return [
        _code(name, label, Group.BODIES, codes.Established, **more),
        Field(
            name=f"{name}_since",
            label=since,
            group=Group.BODIES,
            kind=Kind.DATE,
            detail_of=name,
            requirable=False,
            help="有的填写日期，没有的不填。",
        ),
    ]


MAX_SESSION, MAX_TERM, MAX_PEOPLE = 99, 5, 1_000_000

_ALL = [
    _code(
        "employer_kind", "单位性质", Group.EMPLOYER, codes.EmployerKind, of_employer=True,
        help="按营业执照等证照上的类型选择。",
    ),
    _code(
        "national_economic_type", "经济类型（全国口径）", Group.EMPLOYER, codes.NationalEconomicType, of_employer=True,
        help="全国工会统计的分类，与上面的“经济类型”分别填写。",
    ),
    _code(
        "district_code", "单位所在政区", Group.EMPLOYER, codes.District, of_employer=True,
        help="单位实际经营地址所在的区、县。",
    ),
    _number("women_count", "女职工数", Group.EMPLOYER, 0, MAX_PEOPLE, "职工人数中的女职工，没有的填 0。"),
    _number("migrant_count", "农民工数", Group.EMPLOYER, 0, MAX_PEOPLE, "职工人数中的农民工，没有的填 0。"),
    Field(
        name="legal_code", label="工会法人统一社会信用代码", group=Group.LEGAL, kind=Kind.LEGAL_CODE, requirable=False,
        help="工会法人资格证书上的 18 位代码，以 81 开头；没有办理法人资格的不填。",
    ),
    Field(
        name="certificate_number", label="法人证书编号", group=Group.LEGAL, kind=Kind.TEXT, requirable=False,
        help="工会法人资格证书上的编号。",
    ),
    Field(
        name="certificate_issued_on", label="法人证书发证日期", group=Group.LEGAL, kind=Kind.DATE, requirable=False,
    ),
    Field(
        name="certificate_valid_until", label="法人证书有效期至", group=Group.LEGAL, kind=Kind.DATE, requirable=False,
        help="与本届任期一致，一般三至五年。",
    ),
    _number("session_number", "届次", Group.OFFICE, 1, MAX_SESSION, "本届是第几届，例如第三届填 3。"),
    _number("term_years", "任期（年）", Group.OFFICE, 3, MAX_TERM, "基层工会每届任期三年或者五年。"),
    _code("chair_employment", "主席专职或兼职", Group.OFFICE, codes.ChairEmployment),
    _number(
        "full_time_officers", "专职工会干部数", Group.OFFICE, 0, MAX_PEOPLE, "专职从事工会工作的人数，包括专职主席。"
    ),
    *_body("women_committee", "女职工委员会", "女职工委员会成立日期"),
    *_body("audit_committee", "经费审查委员会", "经费审查委员会成立日期"),
    *_body("workers_congress", "职工代表大会制度", "职代会制度建立日期", help="简称职代会。"),
    *_body("open_affairs", "厂务公开制度", "厂务公开制度建立日期"),
    *_body("collective_contract", "集体合同", "集体合同签订日期", help="现行有效的集体合同。"),
    *_body("mediation_committee", "劳动争议调解委员会", "调解委员会成立日期"),
]  # fmt: skip

FIELDS = {field.name: field for field in _ALL}
"""By name, in the order of form and page."""
LABELS = {name: field.label for name, field in FIELDS.items()}


def with_details(names: Iterable[str]) -> list[Field]:
    """The named fields and what belongs to them, in order."""
    wanted = set(names)
    return [field for name, field in FIELDS.items() if name in wanted or field.detail_of in wanted]

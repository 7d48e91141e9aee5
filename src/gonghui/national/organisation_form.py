"""《工会组织信息采集表》 (附件一): its 16 columns in the order and with the words of the form.

The mappings are as in `member_form`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from gonghui.codelists.queries import OfferedLabels, label
from gonghui.kit.choices import Some
from gonghui.kit.sealing import opened
from gonghui.national.form import Column, FormRow, NationalForm, day, distinct, words_of
from gonghui.national.scope import unions_below
from gonghui.policies.columns.of_unions import collected
from gonghui.unions import codes
from gonghui.unions.models import Union

EMPLOYER_KIND = {one: one.label for one in codes.EmployerKind}
ECONOMIC_TYPE = {one: one.label for one in codes.NationalEconomicType}
INDUSTRY = {one: one.label for one in codes.Industry}
GRASSROOTS_TYPE = Some(
    {
        codes.GrassrootsType.SINGLE: "独立基层工会",
        codes.GrassrootsType.JOINT: "联合基层工会",
        codes.GrassrootsType.INDUSTRY_FEDERATION: "工会联合会",
        codes.GrassrootsType.REGIONAL_FEDERATION: "工会联合会",
    },
    others="Neither a 项目工会 nor another one is one of the form's types for certain.",
)
GRASSROOTS_TYPES = ("独立基层工会", "联合基层工会", "工会联合会", "产业(系统)工会", "总工会")


def _coded(key: str, heading: str, path: str, words: Mapping[Any, str] | Some, **more: Any) -> Column:
    known = words_of(words)
    values = more.pop("values", None) or distinct(known)
    read = _read(path)
    gap = ~Q(**{f"{path}__in": list(known)})
    return Column(
        key=key, heading=heading, text=lambda union: known.get(read(union), ""), values=values, gap=gap, **more
    )


def _read(path: str) -> Callable[[Union], Any]:
    """What a union has at a path of the database."""
    name = path.removeprefix("employer__")
    return (lambda union: getattr(union.employer, name)) if name != path else (lambda union: getattr(union, name))


def _text(key: str, heading: str, path: str, *, empty: Any = "", **more: Any) -> Column:
    read = _read(path)
    gap = Q(**{path: empty})
    return Column(
        key=key, heading=heading, text=lambda union: "" if read(union) is None else str(read(union)), gap=gap, **more
    )


COLUMNS = (
    _text("employer_name", "单位名称", "employer__name", width=34),
    _text("code", "单位法人和其他组织统一社会信用代码", "employer__code", empty=None, width=26),
    _text("address", "单位地址", "employer__address", width=34),
    Column(
        key="district_code", heading="单位所在政区", width=18, by_policy=True, gap=Q(employer__district_code=""),
        text=lambda union: label(codes.District, union.employer.district_code), values=OfferedLabels(codes.District),
    ),
    _coded("employer_kind", "单位性质类别", "employer__employer_kind", EMPLOYER_KIND, by_policy=True, width=24),
    _coded(
        "national_economic_type", "经济类型", "employer__national_economic_type", ECONOMIC_TYPE, by_policy=True,
        width=16,
    ),
    _coded("industry", "单位所属行业", "employer__industry", INDUSTRY, width=34),
    _text("staff_count", "职工人数", "staff_count", empty=None, width=10),
    _text("name", "工会名称", "name", width=34),
    _text("legal_code", "工会法人和其他组织统一社会信用代码", "legal_code", by_policy=True, width=26),
    Column(key="superior", heading="上级工会名称", width=30, text=lambda union: union.superior.name),
    Column(
        key="founded_on", heading="建会日期", width=14, text=lambda union: day(union.founded_on), gap=Q(founded_on=None)
    ),
    _coded("grassroots_type", "基层工会类型", "grassroots_type", GRASSROOTS_TYPE, values=GRASSROOTS_TYPES, width=18),
    Column(key="member_count", heading="会员人数", width=10, text=lambda union: str(union.member_count)),
    _text("leader", "工会负责人", "leader", width=14),
    Column(
        key="phone", heading="联系电话", width=18, text=lambda union: opened(union, "phone_sealed"),
        gap=Q(phone_sealed=None),
    ),
)  # fmt: skip


def asked() -> frozenset[str]:
    """The columns that are collected now."""
    return frozenset(collected().names)


def rows(node: Union, fields: Collection[str]) -> Iterator[FormRow]:
    """The form's rows in the tree's order."""
    unions = unions_below(node).select_related("employer", "superior").order_by("level2", "level3", "pk")
    for union in unions.annotate(form_version=ORGANISATION_FORM.version()).iterator(chunk_size=1000):
        yield ORGANISATION_FORM.row(union.pk, union.form_version, union, fields)


def expected(node: Union) -> int:
    return unions_below(node).count()


def below(node: Union) -> QuerySet[Union]:
    return unions_below(node)


_OF_EMPLOYER = ("name", "code", "address", "district_code", "employer_kind", "national_economic_type", "industry")
# Not 会员人数: it changes with each member, whose own row is 待报 then.
_OF_UNION = (
    "staff_count", "name", "legal_code", "superior_id", "founded_on", "grassroots_type", "leader", "phone_sealed",
)  # fmt: skip

ORGANISATION_FORM = NationalForm(
    title="工会组织信息采集表",
    annex="附件一",
    heads=(),
    columns=COLUMNS,
    rows=rows,
    expected=expected,
    asked=asked,
    versions=[*(f"employer__{column}" for column in _OF_EMPLOYER), *_OF_UNION],
    stored=[*(f"employer.{column}" for column in _OF_EMPLOYER), *(f"target.{column}" for column in _OF_UNION)],
    joined="JOIN unions_employer AS employer ON employer.union_id = target.id",
    model=Union,
    rows_below=below,
)

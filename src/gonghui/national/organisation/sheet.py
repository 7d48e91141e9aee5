"""The organisation form of an officer's own union, read back into a draft of an amendment (SPEC 2.3, 3.10).

Only what an amendment may change is compared; the superior reviews it as any other.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import TextChoices

from gonghui.accounts.models import User
from gonghui.codelists.queries import meaning
from gonghui.filings.filing.form import AmendmentForm, initial_of
from gonghui.filings.national import held_by
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import compact
from gonghui.kit.errors import Refused
from gonghui.kit.excel import Cell, CellKind, Column, Problem, Row, Sheet, clean_date, write_template
from gonghui.kit.normal import plain
from gonghui.national.form import words_of
from gonghui.national.organisation import actions
from gonghui.national.organisation_form import COLUMNS, GRASSROOTS_TYPE
from gonghui.national.rules import can_read_organisation
from gonghui.policies.columns.of_unions import collected
from gonghui.reviews.queries import open_review
from gonghui.unions import codes, union_details
from gonghui.unions.models import Union

CHANGED = Group("organisation_changed", "资料有变化", "填入“修改工会资料”的草稿，由您核对以后提交上级审核")
SAME = Group("organisation_same", "没有变化", "与现在的资料一致，不需要修改", taken=False)
OTHERS = Group("organisation_others", "其他单位", "不是本工会的单位，不读取", taken=False)
MAX_ROWS = 10_000
NOTES = (
    "上传填好的《工会组织信息采集表》。文件中有多家单位的，只读取本工会所在单位的一行，按单位的统一社会信用代码找到。",
    "与现在不同的内容填入“修改工会资料”的草稿，由您核对以后提交上级工会审核；审核通过之前，原来的资料仍然有效。",
    "单位名称、统一社会信用代码、上级工会名称和会员人数不能这样修改；空着的单元格不会清除原来的资料。",
)
READ = ("address", "industry", "staff_count", "name", "founded_on", "grassroots_type", "leader", "phone")
COLLECTED = ("district_code", "employer_kind", "national_economic_type", "legal_code")
"""Read if the city collects them."""


class Read(NamedTuple):
    """The own row, with what it would change."""

    values: dict[str, Any]
    group: str


def columns() -> list[Column]:
    return [
        Column(
            one.key,
            one.heading,
            required=one.key == "code",
            kind=CellKind.CODE if one.key in ("code", "legal_code", "phone") else CellKind.TEXT,
            choices=one.values,
            width=one.width,
        )
        for one in COLUMNS
    ]


def template() -> bytes:
    """「工会组织信息采集表导入模板.xlsx」."""
    return write_template(columns(), instructions=NOTES, title="工会组织信息采集表")


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    """Finds the own row, and compares it. Raises Refused when it is not there, or a request about the union is open."""
    if open_review(union):
        raise Refused("本工会有一项申请正在审核，不能修改资料。请等审核结束或撤回以后再读入。")
    own = [row for row in sheet.rows if compact(row.cells.text("code")) == union.employer.code]
    if not own:
        raise Refused(f"文件中没有本工会所在单位（统一社会信用代码 {union.employer.code}）的一行。请核对文件。")
    if len(own) > 1:
        rows = "、".join(str(row.number) for row in own[:5])
        raise Refused(f"第 {rows} 行都是本工会所在的单位。请只保留一行后再上传。")
    (row,) = own
    problems = [problem for problem in sheet.troubles(columns()) if problem.row == row.number]
    values, wrong = _values(union, row, {problem.column for problem in problems})
    problems += wrong
    before = union_details.current(union)
    after = before | union_details.pack(values, union)
    changes = union_details.changes(before, after, union)
    others = len(sheet.rows) - 1
    group = CHANGED.key if changes else SAME.key
    found: list[Read | None] = [] if problems else [Read(values, group)]
    groups = {group: [0]} if found else {}
    if others:
        groups[OTHERS.key] = [len(found) + place for place in range(others)]
    line = GoodRow(row.number, union.name, union.employer.code or "", changes)
    return Plan(problems, [*found, *[None] * others], len(sheet.rows), groups, {group: [line]} if found else {})


def _values(union: Union, row: Row, troubled: set[str]) -> tuple[dict[str, Any], list[Problem]]:
    """What the row has for an amendment, as its form cleans it, and what is wrong with it."""
    headings = {column.key: column.heading for column in COLUMNS}
    asked = collected()
    keys = [*READ, *(key for key in COLLECTED if key in asked.names)]
    texts = {key: text for key in keys if key not in troubled and (text := row.cells.text(key).strip())}
    typed = initial_of(union_details.current(union, asked.names), union)
    problems = []
    for key, text in texts.items():
        typed[key] = _READERS[key](text, union) if key in _READERS else text
        if typed[key] is None:
            problems.append(Problem(row.number, key, headings[key], text, *_UNREAD[key]))
    unread = {problem.column for problem in problems}
    form = AmendmentForm(
        {key: str(value) for key, value in typed.items() if value is not None}, asked=asked, held=held_by(union)
    )
    form.is_valid()
    for key, errors in form.errors.items():
        if key in texts and key not in unread:
            wrong = str(errors[0]).rstrip("。")
            problems.append(Problem(row.number, key, headings[key], texts[key], wrong, "请改正后再上传"))
    return {key: form.cleaned_data[key] for key in texts if key in form.cleaned_data}, problems


def _coded(choices: type[TextChoices]) -> Callable[[str, Union], str | None]:
    return lambda text, _union: meaning(choices, plain(text))


def _type(text: str, union: Union) -> str | None:
    """The only type that the form's word means, or the present one where it is among several."""
    words = words_of(GRASSROOTS_TYPE)
    meant = [value for value, word in words.items() if plain(word) == plain(text)]
    if union.grassroots_type in meant:
        return union.grassroots_type
    return meant[0] if len(meant) == 1 else meaning(codes.GrassrootsType, plain(text))


def _day(text: str, union: Union) -> date | None:
    return clean_date(Cell(text))


_READERS: Mapping[str, Callable[[str, Union], Any]] = {
    "industry": _coded(codes.Industry),
    "district_code": _coded(codes.District),
    "employer_kind": _coded(codes.EmployerKind),
    "national_economic_type": _coded(codes.NationalEconomicType),
    "grassroots_type": _type,
    "founded_on": _day,
}
_LISTED = "请从下拉列表中选择"
_UNREAD = {
    "industry": ("不是行业门类的名称", _LISTED),
    "district_code": ("不在政区的列表中", _LISTED),
    "employer_kind": ("不在单位性质的列表中", _LISTED),
    "national_economic_type": ("不在经济类型的列表中", _LISTED),
    "grassroots_type": (
        "分不清是哪一种基层工会",
        "请填写“独立基层工会”或“联合基层工会”，其他类型在“修改工会资料”中选择",
    ),
    "founded_on": ("不是日期", "请写成 2017/07/23"),
}

ORGANISATION = ImportKind(
    key="organisation",
    title="读入组织采集表",
    noun="工会",
    register="工会资料",
    home="national:home",
    home_label="信息采集表",
    can_import=can_read_organisation,
    template_name="工会组织信息采集表模板.xlsx",
    columns=columns,
    max_rows=MAX_ROWS,
    template=template,
    check=check,
    stage=actions.stage,
    commit=actions.commit,
    clear=actions.clear,
    groups=(CHANGED, SAME, OTHERS),
    instead_of_undo="请在“修改工会资料”中改正草稿。",
    unit="家",
    line_headings=("工会名称", "统一社会信用代码"),
    notes=NOTES,
    masks={"phone": union_details.mask_phone},
)

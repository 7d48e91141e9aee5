"""A form that came back from the authority, with a column 「退回原因」: read by the import engine (SPEC 3.10)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gonghui.accounts.models import User
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import compact, mask_number
from gonghui.kit.excel import CellKind, Column, Problem, Row, Sheet, write_template
from gonghui.kit.names import name_key, unit_key
from gonghui.members.queries import document_keys
from gonghui.national.exports.actions import MAX_ROWS
from gonghui.national.models import Form
from gonghui.national.registry import FORMS
from gonghui.national.returns import actions
from gonghui.national.returns.actions import Returned
from gonghui.national.rules import can_read_returns
from gonghui.national.scope import members_below, unions_below
from gonghui.unions.models import Union

MAX_REASON = 200
REASON = Column(
    "return_reason",
    "退回原因",
    required=True,
    aliases=("退回理由", "退回说明", "未通过原因", "不通过原因", "审核未通过原因"),
    hint=f"没有退回的行留空；最多 {MAX_REASON} 个字",
    example="学历与学信网不符",
    width=40,
)
Key = bytes | str


@dataclass(frozen=True)
class Found:
    """Somebody in the scope of whoever reads."""

    subject: int
    union: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Returns:
    """How one form's rows are found again: by a code, and the name must be that of whom the code is."""

    form: Form
    code: str
    name: str
    keys: Callable[[str], Sequence[Key]]
    """Of a code as it is typed; none if it cannot be one."""
    people: Callable[[Union, Collection[Key]], Mapping[Key, Found]]
    name_key: Callable[[str], str]
    mask: Callable[[str], str]
    noun: str
    unit: str
    returned: Group
    kept: Group

    @property
    def read(self) -> tuple[str, ...]:
        return self.name, self.code

    def columns(self) -> list[Column]:
        """All headings of the form are known; only name, code and reason are read."""
        known = [
            Column(
                one.key,
                one.heading,
                required=one.key in self.read,
                kind=CellKind.CODE if one.key in (self.code, "mobile", "phone") else CellKind.TEXT,
                width=one.width,
            )
            for one in FORMS[self.form].form.columns
        ]
        return [*known, REASON]

    def wanted(self) -> list[Column]:
        return [column for column in self.columns() if column.required]

    def template(self) -> bytes:
        return write_template(self.wanted(), instructions=self.notes, title="退回原因")

    @property
    def notes(self) -> tuple[str, ...]:
        heading = {column.key: column.heading for column in self.wanted()}
        return (
            f"上传上级下发的采集表，其中加了一列“退回原因”；没有退回的行，这一列是空的。一个文件最多 {MAX_ROWS:,} 行。",
            f"按{heading[self.code]}和{heading[self.name]}找到{self.noun}；不在所辖范围内的列为错误，可以在页面上去掉这一行。",
            "登记以后，工会在“信息采集表”中看到退回原因；改正资料以后，状态自动变为“待报”。",
        )

    def check(self, union: Union, sheet: Sheet, by: User | None) -> Plan:
        """Every problem of every row with a reason; all are looked up by one statement, in the union's scope."""
        problems = list(sheet.troubles(self.wanted()))
        troubled = {problem.row for problem in problems}
        reasons = {row.number: row.cells.text(REASON.key).strip() for row in sheet.rows}
        told = [row for row in sheet.rows if reasons[row.number] and row.number not in troubled]
        kept = sum(not reasons[row.number] and row.number not in troubled for row in sheet.rows)
        keys = {row.number: self.keys(row.cells.text(self.code)) for row in told}
        people = self.people(union, [key for row in told for key in keys[row.number]])
        good: list[Returned | None] = []
        lines, seen = [], Counter[int]()
        for row in told:
            found = next((people[key] for key in keys[row.number] if key in people), None)
            reason = reasons[row.number]
            wrong = list(self._wrong(row, bool(keys[row.number]), found, reason, seen))
            if found and not wrong:
                good.append(Returned(row.number, found.subject, found.union, reason))
                code = self.mask(row.cells.text(self.code))
                lines.append(GoodRow(row.number, found.name, code, ((REASON.heading, "", reason),)))
            problems += wrong
        groups: dict[str, Sequence[int]] = {self.returned.key: range(len(good))} if good else {}
        if kept:
            groups[self.kept.key] = range(len(good), len(good) + kept)
            good += [None] * kept
        problems.sort(key=lambda problem: problem.row)
        return Plan(problems, good, len(sheet.rows), groups, {self.returned.key: lines}, details=self.form.value)

    def _wrong(self, row: Row, valid: bool, found: Found | None, reason: str, seen: Counter[int]) -> Iterator[Problem]:
        """The first problem of a row, if it has one."""
        typed, name = row.cells.text(self.code), row.cells.text(self.name)
        problem = partial(self._problem, row)
        if not valid:
            yield problem(self.code, typed, "号码不正确", "请对照证件或证照核对")
            return
        if found is None:
            yield problem(
                self.code,
                self.mask(typed),
                f"所辖范围内没有这个{self.noun}",
                "请核对号码；不属于所辖范围的，删除这一行",
            )
            return
        seen[found.subject] += 1
        if seen[found.subject] > 1:
            yield problem(self.code, self.mask(typed), "在文件中出现了不止一次", "只保留一行，删除其余的行")
        elif self.name_key(name) != self.name_key(found.name):
            yield problem(self.name, name, "名称与号码不相符", "请核对名称和号码")
        elif len(reason) > MAX_REASON:
            yield problem(REASON.key, reason, f"退回原因超过 {MAX_REASON} 个字", "请缩短退回原因")

    def _problem(self, row: Row, column: str, value: str, wrong: str, right: str) -> Problem:
        headings = {one.key: one.heading for one in self.wanted()}
        return Problem(row.number, column, headings[column], value, wrong, right)


def _members(union: Union, keys: Collection[Key]) -> Mapping[Key, Found]:
    rows = members_below(union).filter(document_hash__in=keys)
    found = rows.values_list("document_hash", "pk", "union", "name")
    return {bytes(key): Found(pk, home, name) for key, pk, home, name in found}


def _unions(union: Union, keys: Collection[Key]) -> Mapping[Key, Found]:
    rows = unions_below(union).filter(employer__code__in=keys)
    return {code or "": Found(pk, pk, name) for code, pk, name in rows.values_list("employer__code", "pk", "name")}


def _code(text: str) -> list[Key]:
    return [code] if (code := compact(text)) else []


OF_MEMBERS = Returns(
    form=Form.MEMBER,
    code="document_number",
    name="name",
    keys=document_keys,
    people=_members,
    name_key=name_key,
    mask=mask_number,
    noun="会员",
    unit="人",
    returned=Group("member_returned", "退回", "登记退回原因", at_once=True),
    kept=Group("member_not_returned", "没有退回原因", "没有退回，不需要登记", taken=False),
)
OF_UNIONS = Returns(
    form=Form.ORGANISATION,
    code="code",
    name="name",
    keys=_code,
    people=_unions,
    name_key=unit_key,
    mask=str,
    noun="工会",
    unit="家",
    returned=Group("union_returned", "退回", "登记退回原因", at_once=True),
    kept=Group("union_not_returned", "没有退回原因", "没有退回，不需要登记", taken=False),
)


def _kind(key: str, title: str, template_name: str, of: Returns, headings: tuple[str, str]) -> ImportKind:
    return ImportKind(
        key=key,
        title=title,
        noun=of.noun,
        register="信息采集表",
        home="national:home",
        home_label="信息采集表",
        can_import=can_read_returns,
        template_name=template_name,
        columns=of.columns,
        max_rows=MAX_ROWS,
        template=of.template,
        check=of.check,
        stage=actions.stage,
        commit=actions.commit,
        clear=actions.clear,
        groups=(of.returned, of.kept),
        instead_of_undo="改正资料以后，状态自动变为“待报”。",
        importer="经办人或管理员",
        unit=of.unit,
        line_headings=headings,
        notes=of.notes,
        masks={of.code: of.mask},
    )


MEMBERS = _kind(
    "returned_members", "读入会员采集表退回原因", "会员信息采集表退回模板.xlsx", OF_MEMBERS, ("姓名", "证件号码")
)
UNIONS = _kind(
    "returned_unions",
    "读入组织采集表退回原因",
    "组织信息采集表退回模板.xlsx",
    OF_UNIONS,
    ("工会名称", "统一社会信用代码"),
)

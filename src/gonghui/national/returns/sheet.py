"""A form that came back from the authority, with a column 「退回原因」: read by the import engine (SPEC 3.10)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from gonghui.accounts.models import User
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import mask_number
from gonghui.kit.excel import CellKind, Column, Problem, Row, Sheet, write_template
from gonghui.kit.names import name_key
from gonghui.members.models import Member
from gonghui.members.queries import document_keys
from gonghui.national.exports.actions import MAX_ROWS
from gonghui.national.member_form import COLUMNS, MEMBER_FORM, members_below
from gonghui.national.models import Form
from gonghui.national.returns import actions
from gonghui.national.returns.actions import Returned
from gonghui.national.rules import can_read_returns
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
RETURNED, KEPT = "form_returned", "form_kept"
GROUPS = (
    Group(RETURNED, "退回", "登记退回原因，工会改正以后自动变为“待报”", at_once=True),
    Group(KEPT, "没有退回原因", "没有退回，不需要登记", taken=False),
)
NOTES = (
    f"上传上级下发的采集表，其中加了一列“退回原因”；没有退回的行，这一列是空的。一个文件最多 {MAX_ROWS:,} 行。",
    "按证件号码和姓名找到会员；不在所辖范围内的会员列为错误，可以在页面上去掉这一行。",
    "登记以后，工会在“信息采集表”中看到退回原因，改正资料以后状态自动变为“待报”。",
)
_CODES = frozenset({"document_number", "mobile"})
_KEYS = ("name", "document_number")


def columns() -> list[Column]:
    """All headings of the form are known; only name, number and reason are read."""
    known = [
        Column(
            one.key,
            one.heading,
            required=one.key in _KEYS,
            kind=CellKind.CODE if one.key in _CODES else CellKind.NAME if one.key == "name" else CellKind.TEXT,
            width=one.width,
        )
        for one in COLUMNS
    ]
    return [*known, REASON]


def template() -> bytes:
    """「会员信息采集表退回导入模板.xlsx」."""
    wanted = [column for column in columns() if column.required]
    return write_template(wanted, instructions=NOTES, title="退回原因")


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    """Every problem of every row with a reason; all people are looked up by one statement, in the union's scope."""
    read = [column for column in columns() if column.required]
    problems = [problem for problem in sheet.troubles(read) if problem.column != "name"]
    troubled = {problem.row for problem in problems}
    reasons = {row.number: row.cells.text("return_reason").strip() for row in sheet.rows}
    told = [row for row in sheet.rows if reasons[row.number] and row.number not in troubled]
    keys = {row.number: document_keys(row.cells.text("document_number")) for row in told}
    people = _people(union, [key for row in told for key in keys[row.number]])
    good, lines, seen = [], [], Counter[int]()
    for row in told:
        person = next((people[key] for key in keys[row.number] if key in people), None)
        wrong = _wrong(row, keys[row.number], person, reasons[row.number], seen)
        if person and not wrong:
            good.append(Returned(row.number, person.pk, person.union_id or 0, reasons[row.number]))
            number = mask_number(row.cells.text("document_number"))
            lines.append(GoodRow(row.number, person.name, number, (("退回原因", "", reasons[row.number]),)))
        problems += wrong
    kept = len(sheet.rows) - len([row for row in sheet.rows if reasons[row.number] or row.number in troubled])
    groups: dict[str, Sequence[int]] = {RETURNED: range(len(good))} if good else {}
    if kept:
        groups[KEPT] = range(len(good), len(good) + kept)
    rows = [*good, *[None] * kept]
    problems.sort(key=lambda problem: problem.row)
    return Plan(problems, rows, len(sheet.rows), groups, {RETURNED: lines}, details=Form.MEMBER.value)


def _people(union: Union, keys: Collection[bytes]) -> Mapping[bytes, Member]:
    rows = members_below(union).filter(document_hash__in=keys).only("name", "name_key", "union", "document_hash")
    return {bytes(member.document_hash): member for member in rows}


def _wrong(
    row: Row, keys: Sequence[bytes], person: Member | None, reason: str, seen: Counter[int]
) -> list[Problem]:
    number = row.cells.text("document_number")
    if not keys:
        return [_problem(row, "document_number", number, "证件号码不正确", "请对照证件核对号码")]
    if person is None:
        return [
            _problem(row, "document_number", mask_number(number), "所辖工会没有这名会员", "请核对证件号码；不是所辖会员的，删除这一行")
        ]
    seen[person.pk] += 1
    if seen[person.pk] > 1:
        return [
            _problem(row, "document_number", mask_number(number), "这名会员在文件中出现了不止一次", "同一人只保留一行，删除其余的行")
        ]
    typed = row.cells.text("name")
    if name_key(typed) != name_key(person.name):
        return [_problem(row, "name", typed, "姓名与证件号码不相符", "请对照证件核对姓名和证件号码")]
    if len(reason) > MAX_REASON:
        return [_problem(row, "return_reason", reason, f"退回原因超过 {MAX_REASON} 个字", "请缩短退回原因")]
    return []


def _problem(row: Row, column: str, value: str, wrong: str, right: str) -> Problem:
    headings = {one.key: one.heading for one in (*MEMBER_FORM.columns, REASON)}
    return Problem(row.number, column, headings[column], value, wrong, right)


MEMBERS = ImportKind(
    key="returned_members",
    title="读入会员采集表退回原因",
    noun="会员",
    register="信息采集表",
    home="national:home",
    home_label="信息采集表",
    can_import=can_read_returns,
    template_name="会员信息采集表退回模板.xlsx",
    columns=columns,
    max_rows=MAX_ROWS,
    template=template,
    check=check,
    stage=actions.stage,
    commit=actions.commit,
    clear=actions.clear,
    groups=GROUPS,
    instead_of_undo="改正资料以后状态自动变为“待报”。",
    importer="经办人或管理员",
    notes=NOTES,
    masks={"document_number": mask_number},
)

"""A workbook of the people of a group: another way to tick them. What it says of them is shown on the booking page (SPEC 6.4)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gonghui.bookings.codes import Stated
from gonghui.bookings.eligibility.queries import may_be_stated
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.places.people import MAX_PEOPLE, Person
from gonghui.bookings.states import ACTIVE
from gonghui.kit import excel
from gonghui.kit.documents import mask_number
from gonghui.kit.excel import CellKind, Column, Problem, Row, write_template
from gonghui.kit.names import name_key
from gonghui.members.models import Member
from gonghui.members.queries import document_keys
from gonghui.unions.models import Union

SHEET_NAME = "预约人员"
TEMPLATE_NAME = "预约人员模板.xlsx"

COLUMNS = (
    Column("name", "姓名", required=True, aliases=("会员姓名",), hint="与会员名单一致", example="王建国", width=14),
    Column(
        "number",
        "会员编号",
        aliases=("编号",),
        kind=CellKind.CODE,
        hint="会员编号和证件号码填一项",
        example="3100000001",
        width=18,
    ),
    Column(
        "document_number",
        "证件号码",
        aliases=("身份证号", "身份证号码", "公民身份号码"),
        kind=CellKind.CODE,
        hint="没有会员编号时填写；单元格格式为“文本”",
        width=24,
    ),
    Column(
        "stated",
        "情况声明",
        hint=f"项目的条件需要时填写：{'、'.join(Stated.labels)}；几项用顿号隔开",
        example=Stated.FRONT_LINE.label,
        width=20,
    ),
)
INSTRUCTIONS = (
    f"在“{SHEET_NAME}”工作表中从第 2 行起填写，一行一名本工会会员，一个文件最多 {MAX_PEOPLE} 行。",
    "按会员编号或证件号码找到会员，姓名要与会员名单一致。",
    "上传以后先列出每个人是否符合条件；选择班次、点击“提交预约”以后才占名额。",
)
_HEADINGS = {column.key: column.heading for column in COLUMNS}


@dataclass
class Chosen:
    """Whom a workbook names: the people found, in its order, and what is wrong in the other rows."""

    people: list[Person] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def template() -> bytes:
    """「预约人员模板.xlsx」."""
    return write_template(COLUMNS, instructions=INSTRUCTIONS, title=SHEET_NAME)


def read_people(programme: Programme, union: Union, data: bytes) -> Chosen:
    """Returns the members of the union whom the workbook names; three statements for all of them.

    Who is of another union is as unknown as who is nowhere. Raises Refused when the file as a whole cannot be read
    (`kit.excel.read`).
    """
    sheet = excel.read(data, COLUMNS, max_rows=MAX_PEOPLE)
    chosen = Chosen(problems=list(sheet.troubles(COLUMNS)))
    troubled = {problem.row for problem in chosen.problems}
    rows = [row for row in sheet.rows if row.number not in troubled]
    found = _members(union, rows)
    here = Place.objects.filter(programme=programme, state__in=ACTIVE, member__in={one.pk for one in found.values()})
    booked, seen = set(here.values_list("member", flat=True)), Counter[int]()
    stated = dict(may_be_stated(programme))
    for row in rows:
        member = found.get(row.number)
        wrong = list(_wrong(row, member, booked, seen))
        if member and not wrong:
            chosen.people.append(Person(member.pk, stated=_stated(row, stated)))
        chosen.problems += wrong
    chosen.problems.sort(key=lambda problem: problem.row)
    return chosen


def _members(union: Union, rows: Sequence[Row]) -> Mapping[int, Member]:
    """The union's member of each row that names one: by 会员编号, otherwise by document number."""
    numbers = {row.number: row.cells.text("number").strip() for row in rows}
    keys = {row.number: document_keys(row.cells.text("document_number")) for row in rows if not numbers[row.number]}
    ours = Member.objects.filter(union=union)
    by_number = {
        member.number: member for member in ours.filter(number__in={text for text in numbers.values() if text})
    }
    by_key = {
        bytes(member.document_hash): member
        for member in ours.filter(document_hash__in={key for some in keys.values() for key in some})
    }
    found: dict[int, Member] = {}
    for row in rows:
        member = by_number.get(numbers[row.number])
        member = member or next((by_key[key] for key in keys.get(row.number, ()) if key in by_key), None)
        if member:
            found[row.number] = member
    return found


def _wrong(row: Row, member: Member | None, booked: set[int], seen: Counter[int]) -> Iterator[Problem]:
    """The first problem of a row, if it has one."""
    number, document = row.cells.text("number").strip(), row.cells.text("document_number").strip()
    column, typed = ("number", number) if number or not document else ("document_number", mask_number(document))
    problem = partial(Problem, row.number)
    if not typed:
        yield problem(column, _HEADINGS[column], "", "没有填写会员编号或证件号码", "请填写其中一项")
        return
    if member is None:
        right = "请对照会员名单核对；其他工会的会员由他们的工会预约"
        yield problem(column, _HEADINGS[column], typed, f"本工会没有这个{_HEADINGS[column]}的会员", right)
        return
    seen[member.pk] += 1
    name = row.cells.text("name").strip()
    if name_key(name) != name_key(member.name):
        yield problem("name", _HEADINGS["name"], name, f"姓名与{_HEADINGS[column]}不相符", "请核对姓名和号码")
    elif seen[member.pk] > 1:
        yield problem(column, _HEADINGS[column], typed, "在文件中出现了不止一次", "只保留一行，其余的行不需要")
    elif member.pk in booked:
        yield problem(
            "name", _HEADINGS["name"], name, "已在这个项目中预约", "不需要再报；要改班次，请在“本会预约”中修改"
        )
    elif unknown := [word for word in _words(row) if word not in Stated.labels]:
        right = f"请填写{'、'.join(Stated.labels)}，或留空"
        yield problem("stated", _HEADINGS["stated"], "、".join(unknown), "没有这项情况声明", right)


def _words(row: Row) -> list[str]:
    return [word for word in re.split(r"[、，,;；/\s]+", row.cells.text("stated")) if word]


def _stated(row: Row, asked: Mapping[str, str]) -> list[str]:
    """What is stated, where the programme asks for it."""
    words = _words(row)
    return [code for code, label in asked.items() if label in words]

"""A workbook of the people of a group: another way to tick them. What it says of them is shown on the booking page (SPEC 6.4)."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from gonghui.bookings.codes import Stated
from gonghui.bookings.eligibility.queries import may_be_stated
from gonghui.bookings.models import Place, Programme
from gonghui.bookings.named import NAMING, members_named, naming, not_named
from gonghui.bookings.places.people import MAX_PEOPLE, Person
from gonghui.bookings.states import ACTIVE
from gonghui.kit import excel
from gonghui.kit.excel import Column, Problem, Row, write_template
from gonghui.members.models import Member
from gonghui.unions.models import Union

SHEET_NAME = "预约人员"
TEMPLATE_NAME = "预约人员模板.xlsx"

COLUMNS = (
    *NAMING,
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
    found = members_named(union, rows)
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


def _wrong(row: Row, member: Member | None, booked: set[int], seen: Counter[int]) -> Iterator[Problem]:
    """The first problem of a row, if it has one."""
    if problem := not_named(row, member):
        yield problem
    if problem or member is None:
        return
    seen[member.pk] += 1
    column, typed = naming(row)
    problem_of = partial(Problem, row.number)
    if seen[member.pk] > 1:
        yield problem_of(column, _HEADINGS[column], typed, "在文件中出现了不止一次", "只保留一行，其余的行不需要")
    elif member.pk in booked:
        right = "不需要再报；要改班次，请在“本会预约”中修改"
        yield problem_of("name", _HEADINGS["name"], member.name, "已在这个项目中预约", right)
    elif unknown := [word for word in _words(row) if word not in Stated.labels]:
        right = f"请填写{'、'.join(Stated.labels)}，或留空"
        yield problem_of("stated", _HEADINGS["stated"], "、".join(unknown), "没有这项情况声明", right)


def _words(row: Row) -> list[str]:
    return [word for word in re.split(r"[、，,;；/\s]+", row.cells.text("stated")) if word]


def _stated(row: Row, asked: Mapping[str, str]) -> list[str]:
    """What is stated, where the programme asks for it."""
    words = _words(row)
    return [code for code, label in asked.items() if label in words]

"""The workbook 「登记往年参加记录」: its columns, its template, and the check of all its rows in one pass (SPEC 6.2)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from django.utils.timezone import localdate

from gonghui.accounts.models import User
from gonghui.bookings.codes import FundSource, Kind
from gonghui.bookings.ledger import intake
from gonghui.bookings.ledger.actions import Earlier
from gonghui.bookings.ledger.validation import (
    FIRST_YEAR,
    MAX_DAYS,
    clean_amount,
    clean_days,
    clean_kind,
    clean_title,
    clean_year,
)
from gonghui.bookings.models import LedgerEntry
from gonghui.bookings.named import NAMING, members_named, not_named
from gonghui.bookings.rules import can_load_ledger
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import Invalid
from gonghui.kit.excel import Column, Problem, Row, Sheet, write_template
from gonghui.members.models import Member
from gonghui.unions.models import Union

MAX_ROWS = 10_000
SHEET_NAME = "往年参加记录"

GROUPS = (
    Group(intake.NEW, "新的记录", "登记到会员参加记录", at_once=True),
    Group(intake.SAME, "已有记录", "会员参加记录中已经有了，不需要登记", taken=False),
)


class Line(NamedTuple):
    """A good row."""

    row: int
    member: Member
    line: Earlier


@cache
def columns() -> tuple[Column, ...]:
    """The columns, with one for the money of each source."""
    return (
        *NAMING,
        Column("kind", "类型", required=True, choices=tuple(Kind.labels), example=Kind.RECUPERATION.label, width=10),
        Column(
            "title",
            "项目名称",
            required=True,
            aliases=("项目", "线路"),
            hint="当时项目或线路的名称",
            example="莫干山线",
            width=30,
        ),
        Column("year", "年度", required=True, aliases=("年份",), hint=f"{FIRST_YEAR} 年以后", example="2024", width=8),
        Column("days", "天数", hint=f"1 至 {MAX_DAYS}；不填按 1 天", example="5", width=8),
        *(
            Column(
                f"fund_{source}",
                f"{label}（元）",
                hint="没有的留空",
                example="1200" * (source == FundSource.CITY),
                width=16,
            )
            for source, label in FundSource.choices
        ),
    )


_CHECKS: Mapping[str, Callable[[str], Any]] = {
    "kind": clean_kind,
    "title": clean_title,
    "year": clean_year,
    "days": clean_days,
    **{f"fund_{source}": clean_amount for source in FundSource.values},
}


def notes() -> tuple[str, ...]:
    return (
        f"在“{SHEET_NAME}”工作表中从第 2 行起填写，一行是一名本工会会员的一次参加，一个文件最多 {MAX_ROWS:,} 行。",
        "按会员编号或证件号码找到会员，姓名要与会员名单一致。",
        f"只登记已经参加的；年度从 {FIRST_YEAR} 年起，到 {localdate().year} 年为止。",
        "登记以后，“若干年内未参加”“从未参加”等条件按它计算，会员转到其他工会也一样。同一个人同一年同一项目只登记一次。",
    )


def template() -> bytes:
    """「往年参加记录模板.xlsx」."""
    return write_template(columns(), instructions=notes(), title=SHEET_NAME)


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    """Every problem of every row, and the good rows: new, or in the ledger already. Three statements at most."""
    problems = list(sheet.troubles(columns()))
    troubled = {(problem.row, problem.column) for problem in problems}
    members = members_named(union, sheet.rows)
    good: list[Line] = []
    for row in sheet.rows:
        member = members.get(row.number)
        values, wrong = _read(row, troubled)
        if problem := not_named(row, member):
            wrong.insert(0, problem)
        problems += wrong
        if member and not wrong and not any(number == row.number for number, _ in troubled):
            good.append(Line(row.number, member, _line(member, values)))
    good, repeated = _once(good)
    places = {column.key: place for place, column in enumerate(columns())}
    problems = sorted([*problems, *repeated], key=lambda problem: (problem.row, places[problem.column]))
    return _sorted(good, problems, len(sheet.rows))


def _read(row: Row, troubled: set[tuple[int, str]]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    headings = {column.key: column.heading for column in columns()}
    for column, clean in _CHECKS.items():
        if (row.number, column) in troubled:
            continue
        text = row.cells.text(column)
        try:
            values[column] = clean(text)
        except Invalid as invalid:
            problems.append(Problem(row.number, column, headings[column], text, *invalid.halves))
    return values, problems


def _line(member: Member, values: Mapping[str, Any]) -> Earlier:
    amounts: dict[str, Decimal | None] = {source: values[f"fund_{source}"] for source in FundSource.values}
    funds = {source: amount for source, amount in amounts.items() if amount}
    return Earlier(member.pk, values["kind"], values["title"], values["year"], values["days"], funds=funds)


def _once(lines: Sequence[Line]) -> tuple[list[Line], list[Problem]]:
    """The first row of each person, kind, year and programme; a problem for each further one."""
    first: dict[intake.Key, Line] = {}
    problems = []
    for line in lines:
        earlier = first.setdefault(intake.key(line.line), line)
        if earlier is not line:
            wrong = f"与第 {earlier.row} 行是同一个人同一年的同一项目"
            problems.append(Problem(line.row, "title", "项目名称", line.line.title, wrong, "只保留一行，删除其余的行"))
    return list(first.values()), problems


def _sorted(good: Sequence[Line], problems: list[Problem], total: int) -> Plan:
    there = set(
        LedgerEntry.objects.filter(member__in={line.line.member_id for line in good}).values_list(
            "member", "kind", "year", "title"
        )
    )
    groups: dict[str, list[int]] = defaultdict(list)
    lines: dict[str, list[GoodRow]] = defaultdict(list)
    for place, line in enumerate(good):
        group = intake.SAME if intake.key(line.line) in there else intake.NEW
        groups[group].append(place)
        said = (("参加", "", f"{line.line.year} 年 {line.line.title}"),)
        lines[group].append(GoodRow(line.row, line.member.name, line.member.number, said))
    return Plan(problems, [line.line for line in good], total, dict(groups), dict(lines))


def _may(user: User) -> bool:
    return user.union is not None and can_load_ledger(user, user.union)


LEDGER = ImportKind(
    key="ledger",
    title="登记往年参加记录",
    noun="参加记录",
    register="会员参加记录",
    home="bookings:ledger",
    home_label="会员参加记录",
    menu="bookings:offers",
    can_import=_may,
    unit="次",
    line_headings=("姓名", "会员编号"),
    template_name="往年参加记录模板.xlsx",
    columns=columns,
    max_rows=MAX_ROWS,
    template=template,
    check=check,
    stage=intake.stage,
    commit=intake.commit,
    clear=intake.clear,
    groups=GROUPS,
    undoable=intake.undoable,
    undo=intake.undo,
    instead_of_undo="登记有误的，请联系市总工会平台管理员。",
    notes=notes(),
)

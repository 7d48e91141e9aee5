"""The workbook 「导入涵盖单位」: its columns, its template, and the check of all its rows in one pass."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gonghui.accounts.models import User
from gonghui.filings.coverage import intake
from gonghui.filings.coverage.actions import MAX_COVERED, NOT_COVERING, Values
from gonghui.filings.coverage.queries import why_not
from gonghui.filings.coverage.validation import clean_employer_name, clean_staff_count
from gonghui.filings.rules import can_import_covered
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import Invalid, check_uscc, compact
from gonghui.kit.errors import Refused
from gonghui.kit.excel import CellKind, Column, Problem, Row, Sheet, write_template
from gonghui.unions.models import CoveredEmployer, Union

MAX_ROWS = MAX_COVERED
SHEET_NAME = "涵盖单位"
ROWS_NAMED = 5

COLUMNS = (
    Column(
        "code",
        "统一社会信用代码",
        required=True,
        aliases=("代码", "社会信用代码", "单位代码"),
        kind=CellKind.CODE,
        hint="营业执照或其他证照上的 18 位代码，单元格格式为“文本”",
        example="913101100000000013",
        width=26,
    ),
    Column(
        "name",
        "单位名称",
        required=True,
        aliases=("单位全称", "企业名称"),
        hint="与证照一致的全称",
        example="上海示例餐饮有限公司",
        width=36,
    ),
    Column(
        "staff_count",
        "职工人数",
        required=True,
        aliases=("人数", "职工数"),
        hint="现有职工的人数，只填数字",
        example="35",
        width=12,
    ),
)
_HEADINGS = {column.key: column.heading for column in COLUMNS}
_CHECKS: dict[str, Callable[[str], Any]] = {
    "code": check_uscc,
    "name": clean_employer_name,
    "staff_count": clean_staff_count,
}

INSTRUCTIONS = (
    f"在“{SHEET_NAME}”工作表中从第 2 行起填写，一行一家单位，一个文件最多 {MAX_ROWS:,} 行。",
    "不要改动表头文字；列的顺序可以调整，标 * 的列必须填写。",
    "填写本工会涵盖的其他单位，不填本工会所在的单位；有自己的基层工会的单位不能登记。",
    "已登记的单位按代码对应，文件中名称或人数不同的，由您勾选以后修改；文件中没有的单位不会移除。",
    "上传后系统检查全部行，逐行列出错误；可以下载标注了错误的文件，改正后重新上传。",
)
GROUPS = (
    Group(intake.NEW, "新的涵盖单位", "登记为本工会的涵盖单位", at_once=True),
    Group(intake.CHANGED, "资料有变化", "已登记的单位，按文件修改名称和职工人数"),
    Group(intake.SAME, "没有变化", "已登记的单位，与文件一致，不需要导入", taken=False),
)


class Covering(NamedTuple):
    """A good row, with the one on the list that it is about."""

    row: int
    values: Values
    group: str = intake.NEW
    covered: CoveredEmployer | None = None


def template() -> bytes:
    """「涵盖单位导入模板.xlsx」."""
    return write_template(COLUMNS, instructions=INSTRUCTIONS, title=SHEET_NAME)


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    """Every problem of every row, and the good rows sorted; four statements for all. Raises Refused when the union's type
    covers nobody, or the list would become too long.
    """
    if not union.is_covering:
        raise Refused(NOT_COVERING)
    problems = list(sheet.troubles(COLUMNS))
    troubled = {(problem.row, problem.column) for problem in problems}
    rows = []
    for row in sheet.rows:
        values, wrong = _read(row, troubled)
        problems += wrong
        if values:
            rows.append(Covering(row.number, values))
    rows, repeated = _once(rows)
    rows, refused = _free(union, rows)
    places = {column.key: place for place, column in enumerate(COLUMNS)}
    problems = sorted([*problems, *repeated, *refused], key=lambda problem: (problem.row, places[problem.column]))
    return _sorted(union, rows, problems, len(sheet.rows))


def _read(row: Row, troubled: set[tuple[int, str]]) -> tuple[Values | None, list[Problem]]:
    """The values of a row, or what is wrong with them; a cell that is troubled already is not told of twice."""
    values: dict[str, Any] = {}
    problems = []
    for column, clean in _CHECKS.items():
        if (row.number, column) in troubled:
            continue
        text = row.cells.text(column)
        try:
            values[column] = clean(text)
        except Invalid as invalid:
            wrong, right = invalid.halves
            if column == "code" and not compact(text):
                wrong, right = "没有填写统一社会信用代码", "请填写证照上的 18 位代码"
            problems.append(Problem(row.number, column, _HEADINGS[column], text, wrong, right))
    return (Values(**values) if len(values) == len(_CHECKS) else None), problems


def _problem(covering: Covering, wrong: str, right: str) -> Problem:
    return Problem(covering.row, "code", _HEADINGS["code"], covering.values.code, wrong, right)


def _once(rows: Sequence[Covering]) -> tuple[list[Covering], list[Problem]]:
    """The rows whose code stands in no other, and a problem for each of the others."""
    same: dict[str, list[int]] = defaultdict(list)
    for one in rows:
        same[one.values.code].append(one.row)
    problems = []
    for one in rows:
        others = [str(number) for number in same[one.values.code] if number != one.row]
        if others:
            named = "、".join(others[:ROWS_NAMED]) + (" 等" if len(others) > ROWS_NAMED else "")
            problems.append(
                _problem(one, f"与第 {named} 行的统一社会信用代码相同", "同一家单位只保留一行，删除其余的行")
            )
    return [one for one in rows if len(same[one.values.code]) == 1], problems


def _free(union: Union, rows: Sequence[Covering]) -> tuple[list[Covering], list[Problem]]:
    """The rows whose employer the union may cover, and a problem for each of the others."""
    reasons = why_not(union, [one.values.code for one in rows])
    problems = [_problem(one, *reasons[one.values.code]) for one in rows if one.values.code in reasons]
    return [one for one in rows if one.values.code not in reasons], problems


def _sorted(union: Union, rows: Sequence[Covering], problems: list[Problem], total: int) -> Plan:
    ours = {covered.code: covered for covered in CoveredEmployer.objects.standing().filter(union=union)}
    good: list[Covering] = []
    groups: dict[str, list[int]] = defaultdict(list)
    lines: dict[str, list[GoodRow]] = defaultdict(list)
    for one in rows:
        covered = ours.get(one.values.code)
        changes = intake.changes(covered, one.values) if covered else []
        group = intake.NEW if covered is None else intake.CHANGED if changes else intake.SAME
        groups[group].append(len(good))
        good.append(one._replace(group=group, covered=covered))
        if covered:
            lines[group].append(GoodRow(one.row, one.values.name, one.values.code, changes))
    if len(ours) + len(groups.get(intake.NEW, ())) > MAX_COVERED:
        raise Refused(f"导入以后涵盖单位会超过 {MAX_COVERED:,} 家，没有接收这个文件。请先移除不再涵盖的单位。")
    return Plan(problems, good, total, dict(groups), dict(lines))


COVERED = ImportKind(
    key="covered",
    title="导入涵盖单位",
    noun="涵盖单位",
    register="涵盖单位",
    home="filings:coverage",
    home_label="涵盖单位",
    menu="filings:own",
    can_import=can_import_covered,
    unit="家",
    line_headings=("单位名称", "统一社会信用代码"),
    template_name="涵盖单位导入模板.xlsx",
    columns=lambda: COLUMNS,
    max_rows=MAX_ROWS,
    template=template,
    check=check,
    stage=intake.stage,
    commit=intake.commit,
    clear=intake.clear,
    groups=GROUPS,
    undoable=intake.undoable,
    undo=intake.undo,
    instead_of_undo="请在“涵盖单位”中逐个修改或移除。",
    notes=INSTRUCTIONS,
)

"""The workbook 「模板导入会员」 (SPEC 3.4): its columns, its template, and the check of all its rows in one pass."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from gonghui.accounts.models import User
from gonghui.codelists.queries import OfferedLabels, label, offered
from gonghui.imports.kinds import GoodRow, Group, ImportKind, Plan
from gonghui.kit.documents import mask_number
from gonghui.kit.excel import Column, Problem, Row, Sheet, write_template
from gonghui.kit.names import name_key, unit_key
from gonghui.members import lookups
from gonghui.members.codes import DocumentType
from gonghui.members.collected import Collected, collected, missing
from gonghui.members.corrections.actions import GUARDED, guarded
from gonghui.members.field import Empty, Field, with_mask_remark
from gonghui.members.field import Problem as Typed
from gonghui.members.fields import FIELDS, LABELS, MemberValues
from gonghui.members.hooks import frozen_for_card
from gonghui.members.memberships import came_from_elsewhere
from gonghui.members.models import Member
from gonghui.members.national import before_founding
from gonghui.members.roster import actions as intake
from gonghui.members.roster import undo
from gonghui.members.rules import can_import_members
from gonghui.members.standings import NO_OFFICE, Return, may_hold_office
from gonghui.members.validation import differs, document_key, retired, type_question, validate_member
from gonghui.members.words import confirmation, confirmations, is_confirmed, meant
from gonghui.unions.models import Union
from gonghui.unions.union_details import above_staff

MAX_ROWS = 10_000
SHEET_NAME = "会员信息"
ROWS_NAMED = 5  # a problem names at most this many other rows of the same person


def _column(field: Field) -> Column:
    choices: Sequence[str] = ()
    if field.codes:
        choices = OfferedLabels(field.codes, confirmations if field.codes is DocumentType else tuple)
    return Column(
        field.name,
        field.label,
        required=field.empty == Empty.REFUSED,
        aliases=field.headings.split(),
        kind=field.kind,
        choices=choices,
        hint=(field.hint or field.help).format(
            default=field.codes(field.default).label if field.codes and field.default else ""
        ),
        example=field.example,
        width=field.width,
    )


def columns_of(fields: Sequence[Field]) -> list[Column]:
    """The workbook's columns for these fields."""
    return [_column(field) for field in fields]


def columns() -> list[Column]:
    """Of what is collected now."""
    return columns_of(collected().fields)


def _of_today(column: Column) -> Column:
    """With the labels of today in hint and example; where that may not be chosen any more, with the first that may."""
    field = FIELDS[column.key]
    if not field.codes:
        return column
    open_codes = dict(offered(field.codes))
    (value,) = meant(field.codes, field.example)
    example = open_codes.get(value) or next(iter(open_codes.values()))
    return replace(column, hint=field.hint.format(default=label(field.codes, field.default)), example=example)


INSTRUCTIONS = (
    f"在“{SHEET_NAME}”工作表中从第 2 行起填写，一行一人，一个文件最多 {MAX_ROWS:,} 行。",
    "不要改动表头文字；列的顺序可以调整，标 * 的列必须填写。",
    "证件号码和移动电话以文本保存。从别处复制时请选择“粘贴为数值”，以免号码被改成数字而丢失末尾几位。",
    "文件中可以有新会员、本工会会员和其他工会的会员：上传后按类列出，由您勾选要导入的内容；空着的单元格不会清除原来的资料。",
    "上传后系统检查全部行，逐行列出错误；可以下载标注了错误的文件，改正后重新上传。",
)


class Joining(NamedTuple):
    """A good row: the person, the person's key, and the id of the person's row if the register has one."""

    row: int
    values: MemberValues
    key: bytes
    member_id: int | None = None
    empty: frozenset[str] = frozenset()  # the fields that the workbook leaves empty: they erase nothing
    group: str = intake.NEW
    seal_id: UUID | None = None  # the id to which the sealed values of a registered person are bound
    type_confirmed: bool = False  # the officer has checked the document; see `validation.type_question`


GROUPS = (
    Group(intake.NEW, "新会员", "成为本工会会员，得到会员编号", at_once=True),
    Group(intake.RETURNING, "恢复会籍", "原在会员库中、不属于任何工会，成为本工会会员，会员编号不变", at_once=True),
    Group(intake.CHANGED, "资料有变化", "本工会会员，按文件修改资料，立即生效；文件中空着的不改"),
    Group(intake.ELSEWHERE, "在其他工会", "向对方工会提出转入申请，对方同意后转入"),
    Group(intake.SAME, "没有变化", "本工会会员，资料与文件一致，不需要导入", taken=False),
)
CHANGED_SHARE_WARNING = Fraction(1, 5)
"""The page warns when one workbook changes more than this share of the union's members."""


def template() -> bytes:
    """「会员导入模板.xlsx」: drop-downs, text format, a sheet of instructions. Its examples stand on that sheet only,
    so that none can be imported by mistake."""
    return write_template([_of_today(column) for column in columns()], instructions=INSTRUCTIONS, title=SHEET_NAME)


def check(union: Union, sheet: Sheet, by: User | None) -> Plan:
    """Returns every problem of every row, and the good rows by group; looks up all rows at once.

    Raises Refused when ``by`` may look up no more people today (`lookups.ask`). A job (``by`` is None) is not counted.
    """
    asked, home = collected(), unit_key(union.employer.name)
    problems = list(sheet.troubles(columns_of(asked.fields)))
    rows = []
    troubled: dict[int, set[str]] = defaultdict(set)
    for problem in problems:
        troubled[problem.row].add(problem.column)
    for row in sheet.rows:
        texts = row.cells.texts()
        if (workplace := texts.get("workplace")) and unit_key(
            workplace
        ) == home:  # the national form names it for everybody
            texts["workplace"] = ""
        values, wrong = validate_member(texts, troubled.get(row.number, ()), asked.fields)
        problems += (_problem(row, field, what, remedy) for field, what, remedy in wrong)
        if values is not None:
            empty = frozenset(field for field in asked.names if not texts.get(field))
            key = document_key(values.document_type, values.document_number)
            confirmed = is_confirmed(texts.get("document_type", ""))
            rows.append(Joining(row.number, values, key, empty=empty, type_confirmed=confirmed))
    sorter = _Sorter(union, rows, by, asked)
    problems += sorter.problems
    places = {field: place for place, field in enumerate(FIELDS)}
    problems.sort(key=lambda problem: (problem.row, places[problem.column]))
    return Plan(
        problems, sorter.rows, len(sheet.rows), sorter.groups, sorter.lines, sorter.warning, details=tuple(asked.names)
    )


def _problem(row: Row, field: str, wrong: str, right: str) -> Problem:
    return Problem(row.number, field, LABELS[field], row.cells.text(field), wrong, right)


class _Sorter:
    """Sorts the good rows, in the file's order, into GROUPS, and makes a problem for each row that is refused.

    The document number of these problems is valid and belongs to a real person: it is shown masked.
    """

    def __init__(self, union: Union, rows: Sequence[Joining], by: User | None, asked: Collected) -> None:
        self.rows: list[Joining] = []
        self.groups: dict[str, list[int]] = {}
        self.lines: dict[str, list[GoodRow]] = {}
        self.problems: list[Problem] = []
        self.union, self.asked = union, asked
        rows_of_key: Mapping[bytes, list[int]] = defaultdict(list)
        for joining in rows:
            rows_of_key[joining.key].append(joining.row)
        # Rows that repeat each other are not looked up: several guessed names for one number give no answer.
        unique = [row for row in rows if len(rows_of_key[row.key]) == 1]
        people = [lookups.Named((joining.key,), joining.values.name) for joining in unique]
        door = lookups.Door.WORKBOOK
        answers = lookups.ask(union, people, by=by, door=door) if by else lookups.answer(union, people)
        by_row = {joining.row: answer for joining, answer in zip(unique, answers, strict=True)}
        persons = [answer.person for answer in answers if answer.person]
        rows_of_person = _rows_by_person(by_row)
        ours = intake.values_of_ours([person.id for person in persons if person.union_id == union.pk], asked.names)
        self.staff_numbers = StaffNumbers(union, rows) if "staff_number" in asked.requirements else None
        self.frozen = frozen_for_card(list(ours))
        for joining in rows:
            answer = by_row.get(joining.row)
            if answer and answer.person:
                joining = joining._replace(member_id=answer.person.id, seal_id=answer.person.seal_id)  # noqa: PLW2901
            if answer is None:
                self._refuse(joining, *_repeated(joining.row, rows_of_key[joining.key]))
            elif answer.wrong:
                self._refuse(joining, *lookups.WRONG_NAME)
            elif answer.person and len(rows_of_person[answer.person.id]) > 1:  # two documents of one person
                self._refuse(joining, *_repeated(joining.row, rows_of_person[answer.person.id], "是同一名会员"))
            elif (person := answer.person) and person.union_id not in (None, union.pk):
                self._take(intake.ELSEWHERE, joining)
            elif self.staff_numbers and (problem := self.staff_numbers.problem(joining)):
                self._refuse(joining, *problem, field="staff_number")
            else:
                self._sort(joining, person, ours)

    @property
    def warning(self) -> str:
        """Returns the warnings to read before the import: too many changes, or more members than staff."""
        return "".join((self._much_changes(), self._too_many_come()))

    def _too_many_come(self) -> str:
        coming = sum(len(self.groups.get(group, ())) for group in (intake.NEW, intake.RETURNING))
        warning = above_staff(self.union.working_count + coming, self.union.staff_count)
        return (
            f"导入后{warning}。请核对文件；职工人数有变化的，请在“组织管理”中修改工会资料。"
            if coming and warning
            else ""
        )

    def _much_changes(self) -> str:
        changed, members = len(self.groups.get(intake.CHANGED, ())), self.union.member_count
        if changed <= members * CHANGED_SHARE_WARNING:
            return ""
        return f"文件会修改 {changed} 名会员的资料，超过本工会会员（{members} 人）的五分之一。请确认文件是最新的，逐项看过变化以后再导入。"

    def _take(self, group: str, joining: Joining, changes: Sequence[Sequence[str]] = ()) -> None:
        self.groups.setdefault(group, []).append(len(self.rows))
        self.rows.append(joining._replace(group=group))
        if group != intake.NEW:  # new members have no old values to compare, and may be as many as the file has rows
            number = mask_number(joining.values.document_number)
            self.lines.setdefault(group, []).append(GoodRow(joining.row, joining.values.name, number, changes))

    def _sort(self, joining: Joining, person: lookups.Known | None, ours: Mapping[int, intake.Ours]) -> None:
        if person is None:
            self._new(joining)
        elif person.union_id is None:
            self._returning(joining, person)
        else:
            self._ours(_by_own_document(joining, person, ours[person.id]), ours[person.id])

    def _returning(self, joining: Joining, person: lookups.Known) -> None:
        if person.returns == Return.CONFIRMED:
            self._refuse(joining, f"此人{person.ended}", "重新入会的，请用“新增会员”逐个办理；这一行请删除")
        else:
            returned = [name for name in self.asked.names if FIELDS[name].returns and name not in joining.empty]
            self._take_in(intake.RETURNING, joining, returned)

    def _take_in(self, group: str, joining: Joining, new: Sequence[str], changes: Sequence[Sequence[str]] = ()) -> None:
        """Takes the row, unless a code among its ``new`` values may not be chosen; what somebody has already may stay."""
        if wrong := list(retired(joining.values, new)):
            for problem in wrong:
                self._refuse(joining, *problem[1:], field=problem[0])
        else:
            self._take(group, joining, changes)

    def _new(self, joining: Joining) -> None:
        """Adds a person who is not in the register. Only here is a doubtful document type asked about."""
        values = joining.values
        gaps = [
            (field.name, f"没有填写{field.label}", f"请填写{field.label}")
            for field in missing(values, self.asked.required)
        ]
        if early := before_founding(values.joined_on, self.union.founded_on):
            gaps.append(early)
        for field, wrong, right in gaps:
            self._refuse(joining, wrong, right, field=field)
        if gaps:
            return
        question = None if joining.type_confirmed else type_question(values.document_type, values.document_number)
        if question is None:
            self._take_in(intake.NEW, joining, [name for name in self.asked.names if name not in joining.empty])
            return
        right = f"{question[1]}；没有选错的，请改为“{confirmation(values.document_type)}”"
        self._refuse(joining, question[0], right, field="document_type")

    def _ours(self, joining: Joining, now: intake.Ours) -> None:
        if name_key(joining.values.name) == name_key(now.values["name"]):  # keeps the register's spelling
            joining = joining._replace(values=joining.values._replace(name=now.values["name"]))
        changes = tuple(
            field
            for field in self.asked.names
            if field not in joining.empty and differs(field, now.values[field], getattr(joining.values, field))
        )
        made = self.frozen.get(joining.member_id or 0)
        if made and (fixed := [field for field in changes if field in GUARDED]):
            names = "、".join(LABELS[field] for field in fixed)
            self._refuse(joining, f"{made}，{names}不能修改", "请把这一行改回原来的内容，办完以后再修改")
        elif "position" in changes and not may_hold_office(now.standing, joining.values.position):
            self._refuse(joining, NO_OFFICE, "请把这一行的工会职务改为“会员”，或先恢复会籍")
        elif waits := guarded(now.has_card, changes):
            names = "、".join(LABELS[field] for field in waits)
            self._refuse(
                joining,
                f"这名会员已办会员卡，{names}不能用文件修改",
                "请在“会员管理”中编辑这名会员，由上级工会审核；这一行请改回原来的内容",
            )
        elif (early := self._joined_early(joining, changes)) is not None:
            self._refuse(joining, *early[1:], field="joined_on")
        elif changes:
            differences = [_difference(field, now.values[field], getattr(joining.values, field)) for field in changes]
            self._take_in(intake.CHANGED, joining, changes, differences)
        else:
            self._take(intake.SAME, joining)

    def _joined_early(self, joining: Joining, changes: Collection[str]) -> Typed | None:
        """The problem of a new 入会日期 before the union's founding, if the person was in no other union before."""
        early = "joined_on" in changes and before_founding(joining.values.joined_on, self.union.founded_on)
        return early if early and not came_from_elsewhere([joining.member_id or 0]) else None

    def _refuse(self, joining: Joining, wrong: str, right: str, field: str = "document_number") -> None:
        text = FIELDS[field].text(getattr(joining.values, field), full=False)
        self.problems.append(Problem(joining.row, field, LABELS[field], text, wrong, right))


def _by_own_document(joining: Joining, person: lookups.Known, now: intake.Ours) -> Joining:
    """A row by the document of a record that was merged is about the person, and changes no document."""
    if not person.document_name:
        return joining
    own = {name: now.values[name] for name in lookups.BY_DOCUMENT}
    return joining._replace(values=joining.values._replace(**own))


class StaffNumbers:
    """Whose the 工号 of a workbook are, by one statement: each is given once in a union."""

    def __init__(self, union: Union, rows: Sequence[Joining]) -> None:
        self.rows: dict[str, list[int]] = defaultdict(list)
        for joining in rows:
            self.rows[joining.values.staff_number].append(joining.row)
        self.rows.pop("", None)
        holders = Member.objects.filter(union=union, staff_number__in=self.rows)
        self.holders = {number: (pk, name) for number, pk, name in holders.values_list("staff_number", "pk", "name")}

    def problem(self, joining: Joining) -> tuple[str, str] | None:
        """What is wrong with the number of a row, and the remedy; None if nothing is."""
        number = joining.values.staff_number
        if others := [row for row in self.rows.get(number, ()) if row != joining.row]:
            return f"与第 {_rows_named(others)} 行的工号相同", "请核对工号，在本工会内不能重复"
        holder, name = self.holders.get(number, (joining.member_id, ""))
        if holder == joining.member_id:
            return None
        return f"工号“{number}”已登记给本工会会员{name}", "请核对工号；确实要换给这一位的，请先修改原来那位的工号"


def _difference(field: str, old: Any, new: Any) -> tuple[str, str, str]:
    """Returns label, old and new text; a remark says if they differ only where they are masked."""
    before, after = (FIELDS[field].text(value, full=False) for value in (old, new))
    return LABELS[field], before, with_mask_remark(before, after)


def _rows_by_person(answers: Mapping[int, lookups.Answer]) -> Mapping[int, list[int]]:
    """The rows of each person: two where both documents of merged records are in the file."""
    rows: Mapping[int, list[int]] = defaultdict(list)
    for row, answer in answers.items():
        if answer.person:
            rows[answer.person.id].append(row)
    return rows


def _rows_named(rows: Sequence[int]) -> str:
    return "、".join(map(str, rows[:ROWS_NAMED])) + (" 等" if len(rows) > ROWS_NAMED else "")


def _repeated(row: int, rows: Sequence[int], how: str = "的证件类型和证件号码相同") -> tuple[str, str]:
    named = _rows_named([other for other in rows if other != row])
    return f"与第 {named} 行{how}", "同一人只保留一行，删除其余的行"


NATIONAL = frozenset({"会籍变化类型", "会籍变化日期", "会籍变化原因", "退回原因", "是否农民工会员"}) | {
    field.label for field in FIELDS.values() if field.by_policy
}
"""Headings of the national form, which is read too: changes of membership are no import's, the others may be collected."""

MEMBERS = ImportKind(
    key="members",
    title="模板导入会员",
    noun="会员",
    register="会员库",
    home="members:list",
    home_label="会员管理",
    can_import=can_import_members,
    template_name="会员导入模板.xlsx",
    columns=columns,
    max_rows=MAX_ROWS,
    template=template,
    check=check,
    stage=intake.stage,
    commit=intake.commit,
    clear=intake.clear,
    groups=GROUPS,
    undoable=undo.undoable,
    undo=undo.undo,
    instead_of_undo="请在“会员管理”中逐个修改，或办理转出。",
    notes=INSTRUCTIONS,
    unasked=NATIONAL,
    masks={name: field.mask for name, field in FIELDS.items() if field.mask},
)

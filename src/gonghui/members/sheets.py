"""The workbook 「模板导入会员」 (SPEC 3.4): its columns, its template, and the check of all its rows in one pass."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gonghui.imports.kinds import ImportKind, Plan, register
from gonghui.kit.documents import mask_number
from gonghui.kit.excel import Column, Kind, Problem, Row, Sheet, write_template
from gonghui.members import intake
from gonghui.members.codes import DocumentType, Education, Household, Sex, SkillLevel, UnionPosition
from gonghui.members.values import FIELDS, LABELS, MemberValues, clean_values, document_key
from gonghui.unions.models import Union

MAX_ROWS = 10_000
SHEET_NAME = "会员信息"
ROWS_NAMED = 5  # so many other rows of the same person are named in a problem

COLUMNS: Sequence[Column] = (
    Column("name", "姓名", required=True, kind=Kind.NAME, hint="与证件上的姓名一致", example="王小明", width=14),
    Column(
        "position",
        "工会职务",
        aliases=("工会职位",),
        choices=UnionPosition.labels,
        hint="不填则为“会员”",
        example="会员",
        width=18,
    ),
    Column(
        "document_type",
        "有效证件类型",
        aliases=("证件类型",),
        choices=DocumentType.labels,
        hint="不填则为“身份证”",
        example="身份证",
        width=26,
    ),
    Column(
        "document_number",
        "证件号码",
        required=True,
        aliases=("身份证号", "身份证号码"),
        kind=Kind.CODE,
        hint="身份证为 18 位；请保持单元格格式为“文本”",
        example="310110199001010019",
        width=24,
    ),
    Column("sex", "性别", choices=Sex.labels, hint="身份证可不填，由号码得出", example="男", width=8),
    Column(
        "born_on",
        "出生日期",
        aliases=("出生年月日", "生日"),
        kind=Kind.DATE,
        hint="写成 1990-01-01；身份证可不填，由号码得出",
        example="1990-01-01",
        width=14,
    ),
    Column(
        "address",
        "联系地址",
        aliases=("地址", "住址", "通讯地址"),
        hint="办理会员服务卡时不能超过 40 个字",
        example="上海市杨浦区示例路 1 号",
        width=36,
    ),
    Column(
        "mobile",
        "移动电话",
        required=True,
        aliases=("手机", "手机号", "手机号码", "联系电话"),
        kind=Kind.CODE,
        hint="11 位手机号码",
        example="19900001234",
        width=16,
    ),
    Column("education", "学历", aliases=("文化程度",), choices=Education.labels, example="大学本科", width=14),
    Column("household", "户籍类型", aliases=("户口类型", "户籍"), choices=Household.labels, example="非农业", width=12),
    Column("skill_level", "技术等级", aliases=("技能等级",), choices=SkillLevel.labels, example="初级", width=12),
)

INSTRUCTIONS = (
    f"在“{SHEET_NAME}”工作表中从第 2 行起填写，一行一人，一个文件最多 {MAX_ROWS:,} 行。",
    "不要改动表头文字；列的顺序可以调整，标 * 的列必须填写。",
    "证件号码和移动电话以文本保存。从别处复制时请选择“粘贴为数值”，以免号码被改成数字而丢失末尾几位。",
    "同一人（证件类型和证件号码相同）只能登记在一个工会。已在其他工会的会员请办理转入，不要在这里填写。",
    "上传后系统检查全部行，逐行列出错误；可以下载标注了错误的文件，改正后重新上传。",
)


class Joining(NamedTuple):
    """A good row: the person, the key that makes him or her one, and the register's row of who comes back."""

    row: int
    values: MemberValues
    key: bytes
    member_id: int | None = None


def template() -> bytes:
    """「会员导入模板.xlsx」: drop-downs, text format, a sheet of instructions. Its examples stand on that sheet only,
    so that none can be imported by mistake."""
    return write_template(COLUMNS, instructions=INSTRUCTIONS, title=SHEET_NAME)


def check(union: Union, sheet: Sheet) -> Plan:
    """Every problem of every row, and who would join; the register is asked once for all rows."""
    problems = list(sheet.troubles(COLUMNS))
    rows = []
    troubled: dict[int, set[str]] = defaultdict(set)
    for problem in problems:
        troubled[problem.row].add(problem.column)
    for row in sheet.rows:
        values, wrong = clean_values(row.cells.texts())
        known = troubled.get(row.number, ())
        problems += (_problem(row, field, what, remedy) for field, what, remedy in wrong if field not in known)
        if values is not None and not known:
            rows.append(Joining(row.number, values, document_key(values.document_type, values.document_number)))
    good = list(_joining(union, rows, problems))
    places = {field: place for place, field in enumerate(FIELDS)}
    problems.sort(key=lambda problem: (problem.row, places[problem.column]))
    return Plan(problems, good, len(sheet.rows))


def _problem(row: Row, field: str, wrong: str, right: str) -> Problem:
    return Problem(row.number, field, LABELS[field], row.cells.text(field), wrong, right)


def _joining(union: Union, rows: Sequence[Joining], problems: list[Problem]) -> Iterator[Joining]:
    """The rows whose person may join, in the file's order; a problem for each of the others.

    The number of these problems is right as it stands and names a real person: it is told masked.
    """
    same: Mapping[bytes, list[int]] = defaultdict(list)
    for joining in rows:
        same[joining.key].append(joining.row)
    known = intake.find_people(list(same))
    for joining in rows:
        found = known.get(joining.key)
        if len(same[joining.key]) > 1:
            wrong, right = _repeated(joining.row, same[joining.key])
        elif found is None:
            yield joining
            continue
        elif refusal := intake.refuse(found, union, joining.values.name):
            wrong, right = refusal
        else:
            yield Joining(joining.row, joining.values, joining.key, found.id)
            continue
        number = mask_number(joining.values.document_number)
        problems.append(Problem(joining.row, "document_number", LABELS["document_number"], number, wrong, right))


def _repeated(row: int, rows: Sequence[int]) -> tuple[str, str]:
    others = [str(other) for other in rows if other != row]
    named = "、".join(others[:ROWS_NAMED]) + (" 等" if len(others) > ROWS_NAMED else "")
    return f"与第 {named} 行的证件类型和证件号码相同", "同一人只保留一行，删除其余的行"


MEMBERS = register(
    ImportKind(
        key="members",
        title="模板导入会员",
        template_name="会员导入模板.xlsx",
        columns=COLUMNS,
        max_rows=MAX_ROWS,
        template=template,
        check=check,
        stage=intake.stage,
        commit=intake.commit,
        clear=intake.clear,
        back="members:list",
        notes=INSTRUCTIONS,
    )
)

"""Members named by the rows of a workbook: by 会员编号 or document number, with the name to compare (SPEC 6.2, 6.4)."""

from collections.abc import Mapping, Sequence

from gonghui.kit.documents import mask_number
from gonghui.kit.excel import CellKind, Column, Problem, Row
from gonghui.kit.names import name_key
from gonghui.members.models import Member
from gonghui.members.queries import document_keys
from gonghui.unions.models import Union

NAMING = (
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
)
"""The first columns of a workbook about members."""
_HEADINGS = {column.key: column.heading for column in NAMING}


def members_named(union: Union, rows: Sequence[Row]) -> dict[int, Member]:
    """Returns the union's member of each row that names one; two statements for all of them.

    Who is of another union is as unknown as who is nowhere.
    """
    numbers = {row.number: row.cells.text("number").strip() for row in rows}
    keys = {row.number: document_keys(row.cells.text("document_number")) for row in rows if not numbers[row.number]}
    ours = Member.objects.filter(union=union)
    by_number = {one.number: one for one in ours.filter(number__in={text for text in numbers.values() if text})}
    wanted = {key for some in keys.values() for key in some}
    by_key = {bytes(one.document_hash): one for one in ours.filter(document_hash__in=wanted)}
    found: dict[int, Member] = {}
    for row in rows:
        known: Mapping[bytes, Member] = {key: by_key[key] for key in keys.get(row.number, ()) if key in by_key}
        if member := by_number.get(numbers[row.number]) or next(iter(known.values()), None):
            found[row.number] = member
    return found


def not_named(row: Row, member: Member | None) -> Problem | None:
    """Why a row names nobody, if it does not."""
    column, typed = naming(row)
    if not typed:
        return Problem(row.number, column, _HEADINGS[column], "", "没有填写会员编号或证件号码", "请填写其中一项")
    if member is None:
        wrong = f"本工会没有这个{_HEADINGS[column]}的会员"
        right = "请对照会员名单核对；其他工会的会员由他们的工会登记"
        return Problem(row.number, column, _HEADINGS[column], typed, wrong, right)
    name = row.cells.text("name").strip()
    if name_key(name) != name_key(member.name):
        wrong = f"姓名与{_HEADINGS[column]}不相符"
        return Problem(row.number, "name", _HEADINGS["name"], name, wrong, "请核对姓名和号码")
    return None


def naming(row: Row) -> tuple[str, str]:
    """The column by which a row names somebody, and its text; a document number masked."""
    number, document = row.cells.text("number").strip(), row.cells.text("document_number").strip()
    return ("number", number) if number or not document else ("document_number", mask_number(document))

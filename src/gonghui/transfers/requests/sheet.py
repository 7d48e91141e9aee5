"""The workbook of people to bring in: 姓名 and 证件号码 (SPEC 3.6; manual 4.2)."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from gonghui.kit.documents import Invalid, compact, parse_resident_id
from gonghui.kit.excel import CellKind, Column, Sheet, read, write_template
from gonghui.members.fields import FIELDS

MAX_ROWS = 1_000
SHEET_NAME = "转入会员"
TEMPLATE_NAME = "会员转入模板.xlsx"

_aliases = {name: field.headings.split() for name, field in FIELDS.items()}
COLUMNS: Sequence[Column] = (
    Column(
        "name",
        "姓名",
        required=True,
        aliases=_aliases["name"],
        kind=CellKind.NAME,
        hint="与证件上的姓名一致",
        example="王小明",
        width=16,
    ),
    Column(
        "document_number",
        "证件号码",
        required=True,
        aliases=_aliases["document_number"],
        kind=CellKind.CODE,
        hint="请保持单元格格式为“文本”",
        example="310110199001010019",
        width=26,
    ),
)

NOTICES = (
    "请从第二行开始填写会员信息；",
    "本功能为会员转入功能；",
    "会员信息必须存在于系统中方能导入；",
    "会员姓名和证件号码必须一致方能转入；",
    "当一次导入会员未处理结束时，需等待上次导入完成才能继续下次导入；最终导入结果需等待转出单位或者上级单位审核；",
    f"为保证资料上传完善，每次上传不得大于{MAX_ROWS}条，请知悉！",
)
"""The manual's six notices, which the page shows."""


def template() -> bytes:
    """The empty workbook, its columns as text."""
    return write_template(COLUMNS, instructions=NOTICES, title=SHEET_NAME)


def read_sheet(data: bytes) -> Sheet:
    """The rows of the officer's workbook. Raises Refused with the sentence to show (also past MAX_ROWS)."""
    return read(data, COLUMNS, max_rows=MAX_ROWS)


def wrong_rows(sheet: Sheet) -> Mapping[int, str]:
    """Returns, by row, why it is invalid, in the words of 「模板导入会员」: such a row is not looked up."""
    wrong: dict[int, list[str]] = defaultdict(list)
    troubled = set()
    for problem in sheet.troubles(COLUMNS):
        troubled.add((problem.row, problem.column))
        wrong[problem.row].append(f"{problem.heading}：{problem.wrong}，{problem.right}")
    for row in sheet.rows:
        for column in COLUMNS:
            if not row.cells.text(column.key) and (row.number, column.key) not in troubled:
                wrong[row.number].append(f"没有填写{column.heading}，请填写{column.heading}")
        if (row.number, "document_number") not in troubled and (flaw := _misprint(row.cells.text("document_number"))):
            wrong[row.number].append(flaw)
    return {row: "；".join(remarks) for row, remarks in wrong.items()}


_like_resident_id = re.compile(r"[1-8][0-9]{16}[0-9X]")


def _misprint(number: str) -> str:
    """Returns the error of a number that can only be a resident ID, or nothing."""
    if not _like_resident_id.fullmatch(compact(number)):
        return ""
    try:
        parse_resident_id(number)
    except Invalid as invalid:
        return invalid.sentence.removesuffix("。")
    return ""

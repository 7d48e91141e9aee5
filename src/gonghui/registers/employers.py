"""The statistical register (大统计库): employers by their code."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import TextChoices

from gonghui.codelists.queries import OfferedLabels, meaning
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.excel import CellKind, Column, Problem, write_template
from gonghui.kit.names import stored_key, unit_key
from gonghui.kit.normal import plain
from gonghui.registers.kinds import Changed, Good, Problems, Read, RegisterKind, Written
from gonghui.registers.models import Verdict
from gonghui.unions.codes import EconomicType, Industry
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import MAX_STAFF, RegisteredEmployer, Union

MAX_NAME, MAX_ADDRESS = 100, 200

COLUMNS = (
    Column(
        "name", "单位名称", required=True, aliases=("企业名称", "名称", "单位全称", "机构名称"),
        hint="与营业执照一致", example="上海示例有限公司", width=36,
    ),
    Column(
        "code", "统一社会信用代码", required=True, kind=CellKind.CODE,
        aliases=("组织机构代码", "社会信用代码", "信用代码", "单位代码", "代码"),
        hint="18 位统一社会信用代码，或 9 位组织机构代码", example="91310110MA1FL0001X", width=24,
    ),
    Column(
        "economic_type", "经济类型", aliases=("登记注册类型", "注册类型", "企业类型"),
        choices=OfferedLabels(EconomicType), example="私营企业", width=18,
    ),
    Column(
        "industry", "单位所属行业", aliases=("行业", "所属行业", "行业门类", "国民经济行业"),
        choices=OfferedLabels(Industry), example="制造业", width=24,
    ),
    Column("address", "单位地址", aliases=("地址", "注册地址", "经营地址", "详细地址"), example="某路 1 号", width=36),
    Column(
        "staff_count", "职工人数", kind=CellKind.CODE, aliases=("从业人数", "从业人员数", "人数", "员工人数"),
        example="30", width=10,
    ),
    Column(
        "street", "街镇代码", kind=CellKind.CODE, aliases=("街道代码", "上级工会代码", "所属街镇代码"),
        hint="所在街镇或公司工会的 6 位代码", example="010019", width=12,
    ),
)  # fmt: skip
_HEADINGS = {column.key: column.heading for column in COLUMNS}

INSTRUCTIONS = (
    "一行一家单位，单位名称和统一社会信用代码必须填写；列的顺序可以调整，其他列不会读取。",
    "库中已有的代码按文件修改；文件中空着的单元格不会清除原来的内容，文件中没有的单位不受影响。",
    "同一个代码在文件中只能有一行。",
)


class Values(NamedTuple):
    """A line's values; None: the file says nothing."""

    name: str
    name_key: str | None
    code: str
    economic_type: str | None
    industry: str | None
    address: str | None
    staff_count: int | None
    street_id: int | None


_STATED = ("economic_type", "industry", "address", "staff_count", "street_id")
"""What a file may leave out."""
_TABLE = RegisteredEmployer._meta.db_table
_READ = f"SELECT code, name, {', '.join(_STATED)} FROM {_TABLE} WHERE code = ANY(%s)"  # noqa: S608 (a table's name)
_COPY = f"COPY {_TABLE} ({', '.join(Values._fields)}) FROM STDIN (FORMAT BINARY)"
_TYPES = ("text", "text", "text", "text", "text", "text", "int4", "int8")
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in _TYPES)
_SET = ", ".join(f"{name} = coalesce(given.{name}, register.{name})" for name in _STATED)
_CHANGE = f"""
UPDATE {_TABLE} AS register
SET name = given.name, name_key = given.name_key, {_SET}, loaded_at = statement_timestamp()
FROM unnest({_ARRAYS}) AS given ({", ".join(Values._fields)})
WHERE register.code = given.code
"""  # noqa: S608


def _name(text: str) -> str:
    if not text:
        raise Invalid("没有填写单位名称，请填写单位名称。")
    return _short(text, MAX_NAME)


def _short(text: str, most: int = MAX_ADDRESS) -> str:
    if len(text) > most:
        raise Invalid(f"内容有 {len(text)} 个字符，请缩短到 {most} 个字符以内。")
    return text


def _code(text: str) -> str:
    if not text:
        raise Invalid("没有填写统一社会信用代码，请填写 18 位统一社会信用代码。")
    return check_unit_code(text)


def _coded(codes: type[TextChoices], text: str) -> str:
    """The value of a code list, also of a retired one: the register tells what was so, and a filing asks anew."""
    value = meaning(codes, plain(text))
    if value is None:
        raise Invalid(f"代码表中没有“{text[:30]}”，请填写代码表中的名称，见下载的模板。")
    return value


def _staff(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
    if not 0 <= count <= MAX_STAFF:
        raise Invalid(f"职工人数不是合理的数字，请填写 0 到 {MAX_STAFF:,} 的整数。")
    return count


_RULES: dict[str, Callable[[str], Any]] = {
    "name": _name,
    "code": _code,
    "economic_type": partial(_coded, EconomicType),
    "industry": partial(_coded, Industry),
    "address": _short,
    "staff_count": _staff,
}


class Session:
    """One pass over a file."""

    def __init__(self, keys: Collection[str]) -> None:
        streets = Union.objects.filter(kind__in=(UnionKind.STREET, UnionKind.COMPANY))
        self.streets: dict[str | None, int] = dict(streets.values_list("code", "pk"))
        self.rules = _RULES | {"street": self._street}

    def _street(self, text: str) -> int:
        if text not in self.streets:
            raise Invalid(f"没有代码为“{text[:20]}”的街镇或公司工会，请填写组织树中的代码，不知道的留空。")
        return self.streets[text]

    def check(self, rows: Sequence[Read], problems: Problems) -> list[Good]:
        """Checks names, codes (GB 32100, GB 11714), head counts, code lists and streets."""
        good = []
        for row in rows:
            wrong = list(row.troubles)
            values = self._checked(row, wrong) if row.texts else {}
            if wrong:
                problems += wrong
            else:
                good.append(Good(row.line, values["code"], _values(values)))
        return good

    def _checked(self, row: Read, wrong: Problems) -> dict[str, Any]:
        """The value of each column; None where an optional one is empty. Adds to ``wrong``."""
        told = {problem.column for problem in wrong}
        values: dict[str, Any] = {}
        for column in COLUMNS:
            text = row.texts.get(column.key, "")
            if column.key in told or not (text or column.required):
                values[column.key] = None
                continue
            try:
                values[column.key] = self.rules[column.key](text)
            except Invalid as invalid:
                wrong.append(Problem(row.line, column.key, column.heading, text[:100], *invalid.halves))
        return values

    def sort(self, rows: Sequence[Good], problems: Problems) -> list[Good]:
        """Compares with the register by code."""
        with connection.cursor() as cursor:
            cursor.execute(_READ, [[row.key for row in rows]])
            known = {code: (name, *stated) for code, name, *stated in cursor.fetchall()}
        return [row._replace(verdict=_verdict(row.values, known.get(row.key))) for row in rows]

    def write(self, rows: Sequence[Good]) -> Written:
        """New ones by COPY, changed ones by one UPDATE."""
        new = [row.values for row in rows if row.verdict == Verdict.NEW]
        changed = [row.values for row in rows if row.verdict == Verdict.CHANGED]
        with connection.cursor() as cursor:
            if new:
                with cursor.copy(_COPY) as copy:
                    copy.set_types(_TYPES)
                    for values in new:
                        copy.write_row(_filled(values))
            if changed:
                cursor.execute(_CHANGE, [list(column) for column in zip(*changed, strict=True)])
                if cursor.rowcount != len(changed):
                    raise Changed
        return Written(len(new), len(changed))


def _values(checked: dict[str, Any]) -> Values:
    street = checked.pop("street")
    name = checked["name"]
    return Values(**checked, name_key=stored_key(name, unit_key(name)), street_id=street)


def _filled(values: Values) -> Values:
    """A new employer's values: texts are empty where the file says nothing."""
    texts: dict[str, Any] = {name: getattr(values, name) or "" for name in ("economic_type", "industry", "address")}
    return values._replace(**texts)


def _verdict(values: Values, known: Sequence[Any] | None) -> Verdict:
    if known is None:
        return Verdict.NEW
    stated = [getattr(values, name) for name in _STATED]
    differs = any(new is not None and new != old for new, old in zip(stated, known[1:], strict=True))
    return Verdict.CHANGED if differs or values.name != known[0] else Verdict.SAME


def _repeated(line: int, key: str, twin: int) -> Problem:
    return Problem(
        line, "code", _HEADINGS["code"], key, f"与第 {twin} 行的代码相同", "同一家单位只保留一行，删除其余的行"
    )


def _template() -> bytes:
    return write_template(COLUMNS, instructions=INSTRUCTIONS, title="大统计库")


EMPLOYERS = RegisterKind(
    title="大统计库",
    home="registers:employers",
    noun="单位",
    unit="家",
    columns=lambda: COLUMNS,
    template=_template,
    template_name="大统计库模板.xlsx",
    repeated=_repeated,
    begin=Session,
    notes=INSTRUCTIONS,
)

"""The member register (会员库): people by their document, bound to an employer's code, in no union.

Whoever is in a union already is the union's: such a line changes nothing. The rules of a line are the member import's.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection
from django.utils.timezone import localdate

from gonghui.kit.bulk import checks_at_once
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.errors import Refused
from gonghui.kit.excel import CellKind, Column, Problem, write_template
from gonghui.kit.names import name_key
from gonghui.members.collected import collected, missing
from gonghui.members.encryption import to_columns
from gonghui.members.field import Field
from gonghui.members.fields import FIELDS, LABELS, MemberValues
from gonghui.members.models import Member, Membership
from gonghui.members.numbers import member_number, number_prefix, take_numbers
from gonghui.members.roster.sheet import columns_of
from gonghui.members.states import Status
from gonghui.members.validation import differs, document_key, retired, type_question, validate_member
from gonghui.members.words import confirmation, is_confirmed
from gonghui.registers.kinds import Changed, Good, Problems, Read, RegisterKind, Written
from gonghui.registers.models import Verdict
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, RegisteredEmployer, Union

UNIT_CODE = Column(
    "unit_code",
    "组织机构代码",
    required=True,
    kind=CellKind.CODE,
    aliases=("统一社会信用代码", "单位代码", "信用代码", "社会信用代码", "单位统一社会信用代码"),
    hint="所在单位的 18 位统一社会信用代码，或 9 位组织机构代码",
    example="91310110MA1FL0001X",
    width=24,
)

INSTRUCTIONS = (
    "一行一人，姓名、证件号码、移动电话和组织机构代码必须填写；列的顺序可以调整，其他列不会读取。",
    "载入的人员不属于任何工会，与所填的组织机构代码绑定，由单位的工会用“组织机构代码导入会员”接收。",
    "库中已有的人员按文件修改联系方式等资料，姓名、证件、性别和出生日期不改；文件中空着的单元格不会清除原来的内容。",
    "已在工会中的会员由所在工会管理，文件不修改他们的资料。",
)


class Person(NamedTuple):
    """A line's values, and what the check of a new person needs to know."""

    values: MemberValues
    unit_code: str
    given: frozenset[str]
    type_confirmed: bool


class Known(NamedTuple):
    """Details of a line whose person is registered, in no union: id, seal, and the fields that differ."""

    id: int
    seal_id: UUID | None
    changes: frozenset[str]


def _fields() -> list[Field]:
    """What a person without a union may have."""
    return [field for field in collected().fields if not field.of_union]


def columns() -> list[Column]:
    """The member import's, without what belongs to a union, and the employer's code."""
    return [*columns_of([field for field in _fields() if field.name != "position"]), UNIT_CODE]


_MEMBERS, _MEMBERSHIPS = Member._meta.db_table, Membership._meta.db_table
_JOIN = f"""
INSERT INTO {_MEMBERSHIPS} (member_id, union_id, began_on, began_by, began_act)
SELECT id, NULL, %s, %s, %s FROM {_MEMBERS} WHERE number = ANY(%s)
"""  # noqa: S608 (tables' names; so below)


class Session:
    """One pass over a file."""

    def __init__(self, keys: Collection[str]) -> None:
        self.asked, self.fields = collected(), _fields()
        self.names = [field.name for field in self.fields]
        self.kept = [
            field for field in self.fields if field.returns and not field.identifies and field.name != "position"
        ]
        self.act = uuid4()

    def check(self, rows: Sequence[Read], problems: Problems) -> list[Good]:
        """Checks each person as the member import does, and the employer's code."""
        good = []
        for row in rows:
            wrong = list(row.troubles)
            texts = row.texts
            if not texts:
                problems += wrong
                continue
            told = {problem.column for problem in wrong}
            values, found = validate_member(texts, told - {UNIT_CODE.key}, self.fields)
            wrong += (self._problem(row, *one) for one in found)
            code = ""
            try:
                code = check_unit_code(texts.get("unit_code", "")) if texts.get("unit_code") else ""
                if not code and UNIT_CODE.key not in told:
                    wrong.append(_of_code(row, "没有填写组织机构代码", "请填写所在单位的统一社会信用代码"))
            except Invalid as invalid:
                if UNIT_CODE.key not in told:
                    wrong.append(_of_code(row, *invalid.halves))
            if wrong or values is None:
                problems += wrong
                continue
            key = document_key(values.document_type, values.document_number).hex()
            given = frozenset(name for name in self.names if texts.get(name))
            good.append(Good(row.line, key, Person(values, code, given, is_confirmed(texts.get("document_type", "")))))
        return good

    @staticmethod
    def _problem(row: Read, field: str, wrong: str, right: str) -> Problem:
        return Problem(row.line, field, LABELS[field], row.texts.get(field, "")[:100], wrong, right)

    def sort(self, rows: Sequence[Good], problems: Problems) -> list[Good]:
        """Compares with the register by document; who is registered under another name is refused."""
        known = {
            bytes(member.document_hash).hex(): member
            for member in Member.objects.filter(
                document_hash__in=[bytes.fromhex(row.key) for row in rows]
            ).select_related("alias_of")
        }
        sorted_ = (self._sorted(row, known.get(row.key), problems) for row in rows)
        return [row for row in sorted_ if row]

    def _sorted(self, row: Good, member: Member | None, problems: Problems) -> Good | None:
        person: Person = row.values
        if member is None:
            wrong = list(self._wrong_new(person))
        elif name_key(member.name) != name_key(person.values.name):
            right = "请对照证件核对姓名和证件号码"
            wrong = [("document_number", "这个证件号码在会员库中登记在另一个姓名下", right)]
        elif member.union_id is not None or hasattr(member, "alias_of"):  # or merged into another record
            return row._replace(verdict=Verdict.ELSEWHERE)
        else:
            changes = frozenset(self._changes(person, member))
            wrong = list(retired(person.values, changes - {UNIT_CODE.key}))
            if not wrong:
                verdict = Verdict.CHANGED if changes else Verdict.SAME
                return row._replace(verdict=verdict, details=Known(member.pk, member.seal_id, changes))
        for field, what, right in wrong:
            text = FIELDS[field].text(getattr(person.values, field), full=False)
            problems.append(Problem(row.line, field, LABELS[field], text, what, right))
        return None if wrong else row._replace(verdict=Verdict.NEW)

    def _wrong_new(self, person: Person) -> Sequence[tuple[str, str, str]]:
        values = person.values
        gaps = [
            (field.name, f"没有填写{field.label}", f"请填写{field.label}")
            for field in missing(values, [field for field in self.asked.required if not field.of_union])
        ]
        question = None if person.type_confirmed else type_question(values.document_type, values.document_number)
        if question:
            right = f"{question[1]}；没有选错的，请改为“{confirmation(values.document_type)}”"
            gaps.append(("document_type", question[0], right))
        return gaps or list(retired(values, person.given))

    def _changes(self, person: Person, member: Member) -> Sequence[str]:
        changes = [
            field.name
            for field in self.kept
            if field.name in person.given
            and differs(field.name, getattr(member, field.name), getattr(person.values, field.name))
        ]
        return [*changes, UNIT_CODE.key] if person.unit_code != member.unit_code else changes

    def write(self, rows: Sequence[Good]) -> Written:
        """New ones by COPY with a number each and their place in the register, changed ones by one UPDATE."""
        new = [row for row in rows if row.verdict == Verdict.NEW]
        changed = [row for row in rows if row.verdict == Verdict.CHANGED]
        with checks_at_once():
            if new:
                self._add(new)
            if changed:
                self._change(changed)
        return Written(len(new), len(changed))

    def _add(self, rows: Sequence[Good]) -> None:
        numbers = _numbers([row.values.unit_code for row in rows])
        types = {
            "number": "text", "document_hash": "bytea", "unit_code": "text", "status": "text", "has_card": "bool",
            "seal_id": "uuid", **{column: field.sql_type for field in self.fields for column in field.columns},
        }  # fmt: skip
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY {_MEMBERS} ({', '.join(types)}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(tuple(types.values()))
                for row, number in zip(rows, numbers, strict=True):
                    values = to_columns({name: getattr(row.values.values, name) for name in self.names}, uuid4())
                    values |= {
                        "number": number, "document_hash": bytes.fromhex(row.key), "unit_code": row.values.unit_code,
                        "status": Status.UNATTACHED.value, "has_card": False,
                    }  # fmt: skip
                    copy.write_row([values[column] for column in types])
            cursor.execute(_JOIN, [localdate(), Membership.Reason.REGISTERED.value, self.act, numbers])

    def _change(self, rows: Sequence[Good]) -> None:
        """Null in a column: that one stays. Raises Changed when one of them has joined a union meanwhile."""
        types = {"id": "int8", "seal_id": "uuid", "unit_code": "text"}
        types |= {column: field.sql_type for field in self.kept for column in field.columns}
        given: dict[str, list[Any]] = {name: [] for name in types}
        for row in rows:
            known: Known = row.details
            person: Person = row.values
            owner = known.seal_id or uuid4()
            new = {field.name: getattr(person.values, field.name) for field in self.kept if field.name in known.changes}
            columns: Mapping[str, Any] = {
                **to_columns(new, owner), "id": known.id, "seal_id": owner, "unit_code": person.unit_code,
            }  # fmt: skip
            for name, values in given.items():
                values.append(columns.get(name))
        sets = ", ".join(f"{name} = coalesce(given.{name}, member.{name})" for name in types if name != "id")
        arrays = ", ".join(f"%s::{kind}[]" for kind in types.values())
        statement = f"""
            UPDATE {_MEMBERS} AS member SET {sets}
            FROM unnest({arrays}) AS given ({", ".join(types)})
            WHERE member.id = given.id AND member.union_id IS NULL
                AND coalesce(member.seal_id, given.seal_id) = given.seal_id
        """  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, list(given.values()))
            if cursor.rowcount != len(rows):
                raise Changed


def _numbers(codes: Sequence[str]) -> list[str]:
    """A 会员编号 for each code: of the level-2 superior of its employer, or of the city where there is none yet."""
    city = Union.objects.get(kind=UnionKind.CITY)
    level2 = _superiors(set(codes))
    wanted = Counter(level2.get(code, city) for code in codes)
    taken = {
        union: iter(take_numbers(union, count)) for union, count in sorted(wanted.items(), key=lambda one: one[0].pk)
    }
    prefixes = {union: number_prefix(union) for union in taken}
    of_codes = (level2.get(code, city) for code in codes)
    return [member_number(prefixes[union], next(taken[union])) for union in of_codes]


def _superiors(codes: Collection[str]) -> dict[str, Union]:
    """The level-2 unions of employers: by their union, else by where the statistical register has them."""
    by_register = RegisteredEmployer.objects.filter(code__in=codes, street__isnull=False)
    by_union = Employer.objects.filter(code__in=codes, union__level2__isnull=False)
    ids = dict(by_register.values_list("code", "street__level2")) | dict(by_union.values_list("code", "union__level2"))
    unions = {union.pk: union for union in Union.objects.filter(pk__in=[pk for pk in ids.values() if pk])}
    found = {code: unions[pk] for code, pk in ids.items() if code and pk in unions}
    return {code: union for code, union in found.items() if _has_numbers(union)}


def _has_numbers(union: Union) -> bool:
    """Whether the city has given it the three digits of its numbers."""
    try:
        return bool(number_prefix(union))
    except Refused:
        return False


def _of_code(row: Read, wrong: str, right: str) -> Problem:
    return Problem(row.line, UNIT_CODE.key, UNIT_CODE.heading, row.texts.get("unit_code", "")[:100], wrong, right)


def _repeated(line: int, key: str, twin: int) -> Problem:
    wrong = f"与第 {twin} 行的证件类型和证件号码相同"
    return Problem(line, "document_number", LABELS["document_number"], "", wrong, "同一人只保留一行，删除其余的行")


def _template() -> bytes:
    return write_template(columns(), instructions=INSTRUCTIONS, title="会员库")


PEOPLE = RegisterKind(
    title="会员库",
    home="registers:members",
    noun="人员",
    unit="人",
    columns=columns,
    template=_template,
    template_name="会员库模板.xlsx",
    repeated=_repeated,
    begin=Session,
    notes=INSTRUCTIONS,
    masks={name: field.mask for name, field in FIELDS.items() if field.mask},
)

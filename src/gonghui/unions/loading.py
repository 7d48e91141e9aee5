"""What a city brings with it: the tree of superior unions, and the statistical register (SPEC 2.1, 5.4)."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from django.db import connection, transaction

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.names import stored_key, unit_columns, unit_key
from gonghui.unions.codes import EconomicType, Industry
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import RegisteredEmployer, Union, UnionState

verbs.register(tree__loaded="载入工会组织树", register__loaded="载入大统计库")
verbs.facts("tree", unions="工会数")
verbs.facts("register", employers="单位数")

DATA = Path(__file__).parent / "data"
CITY_CODE = "000"
BATCH = 10_000


class BadFile(Exception):
    """A file that cannot be loaded; the text names the places and what would be right. Nothing was loaded."""


# The tree


@dataclass(frozen=True)
class _Node:
    kind: UnionKind
    code: str
    name: str
    area: str


def load_tree(city: str, folder: Path = DATA) -> int:
    """Make the unions of levels 1 to 3 that are missing; returns how many. What exists (by code) stays as it is.

    ``city`` is the city's name as in 上海市. ``folder`` holds ``regions.csv`` and ``bureaus.csv``, which
    unions/data/README.md describes. Raises BadFile.
    """
    nodes = [*_regions(folder / "regions.csv"), *_bureaus(folder / "bureaus.csv")]
    with transaction.atomic():
        top, made = Union.objects.get_or_create(
            kind=UnionKind.CITY, defaults=_values(_Node(UnionKind.CITY, CITY_CODE, f"{city}总工会", city))
        )
        count = int(made)
        for level in (3, 6):  # the length of a code: the superiors first
            known = dict(Union.objects.filter(code__isnull=False).values_list("code", "pk"))
            rows = [
                Union(superior_id=known[node.code[:3]] if level == 6 else top.pk, kind=node.kind, **_values(node))
                for node in nodes
                if len(node.code) == level and node.code not in known
            ]
            count += len(Union.objects.bulk_create(rows))
        if count:
            record("tree.loaded", top, by=None, union=top, unions=count)
    return count


def _values(node: _Node) -> dict[str, str | None]:
    return {
        **unit_columns(node.name),
        "area": node.area,
        "code": node.code,
        "state": UnionState.APPROVED,
    }


def _regions(path: Path) -> Iterator[_Node]:
    for row in _read(path, "name", "kind", "union_code"):
        district = row["kind"] == "district"
        kind, suffix = (UnionKind.DISTRICT, "总工会") if district else (UnionKind.STREET, "工会")
        yield _Node(kind, row["union_code"], row["name"] + suffix, row["name"])


def _bureaus(path: Path) -> Iterator[_Node]:
    for row in _read(path, "union_code", "name", "area", "kind"):
        yield _Node(
            UnionKind.BUREAU if row["kind"] == "bureau" else UnionKind.COMPANY,
            row["union_code"],
            row["name"],
            row["area"],
        )


_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def _read(path: Path, *wanted: str) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8, with the columns that are wanted."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(wanted) - set(reader.fieldnames or ())
            if missing:
                raise BadFile(f"{path}: the first line lacks the columns {', '.join(sorted(missing))}")
            rows = list(reader)
            for line, row in enumerate(rows, start=2):
                if any(_control.search(text) for text in row.values() if isinstance(text, str)):
                    raise BadFile(f"{path}: row {line} has a control character; save the file again as 「CSV UTF-8」")
            return rows
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not UTF-8; in Excel save it as 「CSV UTF-8」") from error


# The statistical register


@dataclass(frozen=True)
class RegisterRow:
    """One employer as the register knows it, checked; ``street``: code of the level-3 union where it lies, or empty."""

    name: str
    code: str
    economic_type: str = ""
    industry: str = ""
    address: str = ""
    staff_count: int | None = None
    street: str = ""


# The application's role may make no temporary table to COPY into; arrays are as fast, and one statement also updates.
_upsert = f"""
INSERT INTO {RegisteredEmployer._meta.db_table}
    (name, name_key, code, economic_type, industry, address, staff_count, street_id)
SELECT given.name, given.name_key, given.code, economic_type, industry, address, given.staff_count, street.id
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[])
    AS given (name_key, name, code, economic_type, industry, address, staff_count, street)
LEFT JOIN {Union._meta.db_table} street ON street.code = given.street AND street.kind IN ('street', 'company')
ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, economic_type = excluded.economic_type,
    industry = excluded.industry, address = excluded.address, staff_count = excluded.staff_count,
    street_id = excluded.street_id, loaded_at = statement_timestamp()
"""  # noqa: S608 (names of tables)


def load_register(rows: Iterable[RegisterRow]) -> int:
    """Add employers to the statistical register, or bring those of the same code up to date; returns how many.

    Of several rows with one code the last counts.
    """
    newest = list({row.code: row for row in rows}.values())
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(newest), BATCH):
            batch = newest[start : start + BATCH]
            keys = [stored_key(row.name, unit_key(row.name)) for row in batch]
            cursor.execute(_upsert, [keys, *(list(column) for column in zip(*map(astuple, batch), strict=True))])
        if newest:
            record("register.loaded", by=None, employers=len(newest))
    return len(newest)


HEADINGS = {
    "name": "单位名称",
    "code": "统一社会信用代码",
    "economic_type": "经济类型",
    "industry": "单位所属行业",
    "address": "单位地址",
    "staff_count": "职工人数",
    "street": "街镇代码",
}
"""The columns of the register's CSV file; the first two must be there and filled."""

_codes: dict[str, dict[str, str]] = {
    field: {"": ""} | {text: value for value, label in choices.choices for text in (value, str(label))}
    for field, choices in (("economic_type", EconomicType), ("industry", Industry))
}
_PROBLEMS_SHOWN = 20


def read_register(path: Path) -> list[RegisterRow]:
    """The rows of a CSV file with the columns of HEADINGS, all checked. Raises BadFile naming up to 20 wrong lines."""
    rows, problems = [], []
    streets = set(Union.objects.filter(kind__in=(UnionKind.STREET, UnionKind.COMPANY)).values_list("code", flat=True))
    for line, given in enumerate(_read(path, HEADINGS["name"], HEADINGS["code"]), start=2):
        try:
            row = _register_row(given)
            if row.street and row.street not in streets:
                raise Invalid(f"没有代码为「{row.street}」的街镇或公司工会。")
            rows.append(row)
        except Invalid as invalid:
            problems.append(f"第 {line} 行：{invalid.sentence}")
    if problems:
        more = f"\n…… 共 {len(problems)} 行有错" if len(problems) > _PROBLEMS_SHOWN else ""
        raise BadFile(f"{path} 没有载入，请改正后重试：\n" + "\n".join(problems[:_PROBLEMS_SHOWN]) + more)
    return rows


def _register_row(given: Mapping[str, str | None]) -> RegisterRow:
    values = {field: (given.get(heading) or "").strip() for field, heading in HEADINGS.items()}
    if not values["name"]:
        raise Invalid("请填写单位名称。")
    for field, known in _codes.items():
        if values[field] not in known:
            raise Invalid(f"{HEADINGS[field]}中没有“{values[field]}”。")
    staff = values["staff_count"]
    if staff and not (staff.isascii() and staff.isdigit() and len(staff) < 8):
        raise Invalid(f"职工人数应为数字，现在是“{staff}”。")
    return RegisterRow(
        name=" ".join(values["name"].split()),
        code=check_unit_code(values["code"]),
        economic_type=_codes["economic_type"][values["economic_type"]],
        industry=_codes["industry"][values["industry"]],
        address=values["address"],
        staff_count=int(staff) if staff else None,
        street=values["street"],
    )

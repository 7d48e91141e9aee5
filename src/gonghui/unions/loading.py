"""Loads a city's data: the tree of superior unions, and the statistical register (SPEC 2.1, 5.4)."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import TextChoices

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.codelists.queries import meaning
from gonghui.kit.documents import Invalid, check_unit_code
from gonghui.kit.names import stored_key, unit_columns, unit_key
from gonghui.kit.normal import plain
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
    """A file that cannot be loaded; the text names the places and the right values. Nothing is loaded."""


# The tree


def load_tree(city: str, folder: Path = DATA) -> int:
    """Creates the missing unions of levels 1 to 3; returns how many. Does not change existing ones (by code).

    ``city`` is the city's name, such as 上海市. ``folder`` has ``regions.csv`` and ``bureaus.csv``, which
    unions/data/README.md describes. Raises BadFile.
    """
    nodes = [*_regions(folder / "regions.csv"), *_bureaus(folder / "bureaus.csv")]
    with transaction.atomic():
        top, created = Union.objects.get_or_create(
            kind=UnionKind.CITY, defaults=_values(CITY_CODE, f"{city}总工会", city)
        )
        count = int(created)
        for level in (3, 6):  # the length of a code: the superiors first
            ids_by_code = dict(Union.objects.filter(code__isnull=False).values_list("code", "pk"))
            missing = [values for values in nodes if len(values["code"]) == level and values["code"] not in ids_by_code]
            for values in missing:
                values["superior_id"] = ids_by_code[values["code"][:3]] if level == 6 else top.pk
            count += len(Union.objects.bulk_create(Union(**values) for values in missing))
        if count:
            record("tree.loaded", top, by=None, union=top, unions=count)
    return count


def _values(code: str, name: str, area: str) -> dict[str, Any]:
    return {**unit_columns(name), "area": area, "code": code, "state": UnionState.APPROVED}


def _regions(path: Path) -> Iterator[dict[str, Any]]:
    for row in _read(path, "name", "kind", "union_code"):
        district = row["kind"] == "district"
        kind, suffix = (UnionKind.DISTRICT, "总工会") if district else (UnionKind.STREET, "工会")
        yield {"kind": kind, **_values(row["union_code"], row["name"] + suffix, row["name"])}


def _bureaus(path: Path) -> Iterator[dict[str, Any]]:
    for row in _read(path, "union_code", "name", "area", "kind"):
        kind = UnionKind.BUREAU if row["kind"] == "bureau" else UnionKind.COMPANY
        yield {"kind": kind, **_values(row["union_code"], row["name"], row["area"])}


_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


def _read(path: Path, *columns: str) -> list[dict[str, str]]:
    """Returns the rows of a CSV file in UTF-8. Raises BadFile when it cannot be read or lacks one of the columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(columns) - set(reader.fieldnames or ())
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
    """One checked employer of the register; ``street``: code of the level-3 union of its location, or empty."""

    name: str
    code: str
    economic_type: str = ""
    industry: str = ""
    address: str = ""
    staff_count: int | None = None
    street: str = ""


# The application's role may not create a temporary table for COPY; arrays are as fast, and one statement also updates.
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
    """Adds employers to the statistical register, or updates those with the same code; returns how many.

    Of several rows with one code the last is loaded.
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
"""The columns of the register's CSV file; the first two are required."""

_CODES: dict[str, type[TextChoices]] = {"economic_type": EconomicType, "industry": Industry}
_PROBLEMS_SHOWN = 20


def read_register(path: Path) -> list[RegisterRow]:
    """Returns the checked rows of a CSV file with these HEADINGS. Raises BadFile, which names up to 20 wrong lines."""
    rows, problems = [], []
    streets = set(Union.objects.filter(kind__in=(UnionKind.STREET, UnionKind.COMPANY)).values_list("code", flat=True))
    for line, cells in enumerate(_read(path, HEADINGS["name"], HEADINGS["code"]), start=2):
        try:
            row = _register_row(cells)
            if row.street and row.street not in streets:
                raise Invalid(f"没有代码为「{row.street}」的街镇或公司工会。")
            rows.append(row)
        except Invalid as invalid:
            problems.append(f"第 {line} 行：{invalid.sentence}")
    if problems:
        suffix = f"\n…… 共 {len(problems)} 行有错" if len(problems) > _PROBLEMS_SHOWN else ""
        raise BadFile(f"{path} 没有载入，请改正后重试：\n" + "\n".join(problems[:_PROBLEMS_SHOWN]) + suffix)
    return rows


def _code(field: str, text: str) -> str:
    """The value of a code list, also of a retired one: the register tells what was so, and a filing asks anew."""
    value = meaning(_CODES[field], plain(text)) if text else ""
    if value is None:
        raise Invalid(f"{HEADINGS[field]}中没有“{text}”。")
    return value


def _register_row(cells: Mapping[str, str | None]) -> RegisterRow:
    values = {field: (cells.get(heading) or "").strip() for field, heading in HEADINGS.items()}
    if not values["name"]:
        raise Invalid("请填写单位名称。")
    codes = {field: _code(field, values[field]) for field in _CODES}
    staff = values["staff_count"]
    if staff and not (staff.isascii() and staff.isdigit() and len(staff) < 8):
        raise Invalid(f"职工人数应为数字，现在是“{staff}”。")
    return RegisterRow(
        name=" ".join(values["name"].split()),
        code=check_unit_code(values["code"]),
        **codes,
        address=values["address"],
        staff_count=int(staff) if staff else None,
        street=values["street"],
    )

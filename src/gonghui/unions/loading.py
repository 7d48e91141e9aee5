"""Loads a city's tree of superior unions (SPEC 2.1)."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.names import unit_columns
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union, UnionState

verbs.register(tree__loaded="载入工会组织树")
verbs.facts("tree", unions="工会数")

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

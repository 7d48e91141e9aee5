"""docs/security.md names only what is there, and answers every requirement of ASVS 5.0.0, levels 1 and 2, once.

``asvs-5.0.csv`` holds their ids and levels, in the order of https://github.com/OWASP/ASVS/tree/v5.0.0_release/5.0.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, SOURCES, exists, is_test

TEXT = (ROOT / "docs" / "security.md").read_text()
ANSWERS = {"yes", "no", "n/a"}
SETTING = re.compile(r"GONGHUI_[A-Z_]+|(DATABASE|EMAIL)_URL|mlps3|cache|secrets|cryptography|make lock|X_Forwarded_For")
ROW = re.compile(r"\| (V[\d.]+)(?: – (V[\d.]+))? \| ([12]|1–2) \|")

with (Path(__file__).parent / "asvs-5.0.csv").open() as file:
    LEVELS = {row["id"]: row["level"] for row in csv.DictReader(file)}
IDS = list(LEVELS)


def rows() -> Iterator[tuple[list[str], list[str]]]:
    """The ids that a row speaks of, and its cells: id, level, about, answer, where and proven by."""
    for line in TEXT.splitlines():
        if line.startswith("| V"):
            found = ROW.match(line)
            assert found, line
            first, last = found[1], found[2] or found[1]
            yield IDS[IDS.index(first) : IDS.index(last) + 1], [cell.strip() for cell in line.strip("|").split("|")]


def test_every_requirement_has_one_row_in_order():
    assert [pk for ids, _ in rows() for pk in ids] == IDS


@pytest.mark.parametrize(("ids", "cells"), list(rows()), ids=lambda part: part[0])
def test_a_row_has_its_level_an_answer_and_a_reason(ids: list[str], cells: list[str]):
    assert len(cells) == 5
    _, level, about, answer, where = cells
    assert "–".join(sorted({LEVELS[one] for one in ids})) == level
    assert len({pk.rsplit(".", 2)[0] for pk in ids}) == 1, "a range stays within its chapter"
    assert answer in ANSWERS
    assert 1 <= len(about.split()) <= 8
    assert where, "a reason, or what holds it"


def test_every_name_points_at_what_is_there():
    names = set(re.findall(r"`([^`]+)`", TEXT))
    assert len(names) > 150
    assert sorted(name for name in names if not points_at_something(name)) == []


def points_at_something(name: str) -> bool:
    """A test or a file of tests, a file of ours, something in a module, or a setting."""
    if SETTING.fullmatch(name) or name in {"visible_to", "rules.py", "tests", "src/gonghui", *ANSWERS}:
        return True
    if "::" in name or Path(name).name.startswith("test_"):
        return is_test(f"tests/{name}")
    return (ROOT / name).exists() or (SOURCES / name).exists() or exists(f"gonghui.{name}")

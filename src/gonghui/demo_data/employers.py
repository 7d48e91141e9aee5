"""Invented employers: those of the stories, and the rest of the statistical register."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from gonghui.demo_data.cast import REGISTERED, STORIES, Story
from gonghui.kit.invent import DISTRICTS, REGIONS, STREETS, TRADES, WORDS, invent_employer_name, invent_uscc
from gonghui.registers import actions, job
from gonghui.registers.models import Register
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union

INDUSTRY = dict(zip(TRADES, "CICGFEFLNRCH", strict=True))
ECONOMIC_TYPES = ("limited", "private", "limited", "private", "foreign_invested", "state", "private")
HEADINGS = ("单位名称", "统一社会信用代码", "经济类型", "单位所属行业", "单位地址", "职工人数", "街镇代码")
NAMES = len(WORDS) ** 2 * len(TRADES)  # then invent_employer_name starts again


class RegisteredRow(NamedTuple):
    """An employer, as the statistical register's file has it under HEADINGS."""

    name: str
    code: str
    economic_type: str
    industry: str
    address: str
    staff_count: int
    street: str


def load_employers() -> None:
    """Loads the whole statistical register as the city does: from a file, by the platform's own actions."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(_rows())
    data = text.getvalue().encode("utf-8-sig")
    load = actions.begin(Register.EMPLOYERS, "大统计库.csv", len(data), by=None)
    actions.add_pieces(load, [data], by=None)
    job.run(actions.check(load, by=None, by_job=False).pk)
    job.run(actions.confirm(load, by=None, by_job=False).pk)


def _rows() -> Iterator[RegisteredRow]:
    streets: dict[str, list[str]] = {}
    for street in Union.objects.filter(kind=UnionKind.STREET).select_related("superior").order_by("code"):
        if street.superior and street.code:
            streets.setdefault(street.superior.area, []).append(street.code)
    for number, story in enumerate(STORIES):
        if story.in_register:
            yield employer_of(number, story)
    for number in range(len(STORIES), REGISTERED):
        of_district = streets[_district(number)]
        yield _employer(number, of_district[number // len(REGIONS) % len(of_district)])


def employer_of(number: int, story: Story) -> RegisteredRow:
    """The employer of the story at ``number`` of STORIES."""
    # Not all of the staff are members yet: there are some to be imported.
    staff = story.members * 5 // 3 + 12 + number % 9
    return _employer(number, story.superior, name=story.employer, staff=staff)


def _employer(number: int, street: str, *, name: str = "", staff: int | None = None) -> RegisteredRow:
    name = name or _name(number)
    industry = next((INDUSTRY[trade] for trade in TRADES if trade in name), "M")
    kind = "stock_limited" if name.endswith("股份有限公司") else ECONOMIC_TYPES[number % len(ECONOMIC_TYPES)]
    address = f"上海市{_district(number)}{STREETS[number % len(STREETS)]}{number * 37 % 900 + 1}号"
    return RegisteredRow(name, invent_uscc(number), kind, industry, address, staff or number * 53 % 700 + 5, street)


def _name(number: int) -> str:
    lap, seed = divmod(number, NAMES)
    return invent_employer_name(seed).replace("上海", ("上海", "上海新")[lap], 1)


def _district(number: int) -> str:
    return DISTRICTS[REGIONS[number % len(REGIONS)]]

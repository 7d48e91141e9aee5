"""Invented employers: those of the stories, and the rest of the statistical register."""

from collections.abc import Iterator

from gonghui.demo_data.cast import REGISTERED, STORIES, Story
from gonghui.kit.invent import DISTRICTS, REGIONS, STREETS, TRADES, WORDS, invent_employer_name, invent_uscc
from gonghui.unions.levels import UnionKind
from gonghui.unions.loading import RegisterRow
from gonghui.unions.models import Union

INDUSTRY = dict(zip(TRADES, "CICGFEFLNRCH", strict=True))
ECONOMIC_TYPES = ("limited", "private", "limited", "private", "foreign_invested", "state", "private")
NAMES = len(WORDS) ** 2 * len(TRADES)  # then invent_employer_name starts again


def register_rows() -> Iterator[RegisterRow]:
    """Loads the whole statistical register; the tree must exist."""
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


def employer_of(number: int, story: Story) -> RegisterRow:
    """The employer of the story at ``number`` of STORIES."""
    # Not all of the staff are members yet: there are some to be imported.
    staff = story.members * 5 // 3 + 12 + number % 9
    return _employer(number, story.superior, name=story.employer, staff=staff)


def _employer(number: int, street: str, *, name: str = "", staff: int | None = None) -> RegisterRow:
    name = name or _name(number)
    industry = next((INDUSTRY[trade] for trade in TRADES if trade in name), "M")
    kind = "stock_limited" if name.endswith("股份有限公司") else ECONOMIC_TYPES[number % len(ECONOMIC_TYPES)]
    address = f"上海市{_district(number)}{STREETS[number % len(STREETS)]}{number * 37 % 900 + 1}号"
    return RegisterRow(name, invent_uscc(number), kind, industry, address, staff or number * 53 % 700 + 5, street)


def _name(number: int) -> str:
    lap, seed = divmod(number, NAMES)
    return invent_employer_name(seed).replace("上海", ("上海", "上海新")[lap], 1)


def _district(number: int) -> str:
    return DISTRICTS[REGIONS[number % len(REGIONS)]]

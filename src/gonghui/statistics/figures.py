"""Reads of the closed figures: what 「统计分析」 shows of one node, in a few statements at any size (SPEC 5.3)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.timezone import localdate

from gonghui.statistics import duties, employers
from gonghui.statistics.closing import month_ends
from gonghui.statistics.dimensions import DIMENSIONS, REASON, labels_of
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from gonghui.unions.models import Union

MONTHS_SHOWN = 13
_SUMS = {f"sum_{name}": Sum(name) for name in COUNTS}


@dataclass(frozen=True)
class Numbers:
    """The numbers of a figure, or of several together: of all, or of a value of a dimension."""

    label: str
    dimension: str = ""
    value: str = ""
    opening: int = 0
    joined: int = 0
    moved_in: int = 0
    departed: int = 0
    moved_out: int = 0
    reclassified: int = 0
    corrected: int = 0
    closing_members: int = 0
    women: int = 0
    migrants: int = 0
    new_employment: int = 0
    retained: int = 0
    cards: int = 0
    unions: int = 0
    staff: int = 0

    @property
    def rates(self) -> list["Rate"]:
        return [
            Rate("入会率", "在职会员", self.closing_members - self.retained, "职工", self.staff),
            Rate("办卡率", "已办卡会员", self.cards, "会员", self.closing_members),
            Rate("女会员占比", "女会员", self.women, "会员", self.closing_members),
        ]


@dataclass(frozen=True)
class Rate:
    """A rate with both of its numbers."""

    label: str
    part_label: str
    part: int
    whole_label: str
    whole: int
    list_of: str = ""
    """What narrows the list of unions to those that it is about; "" for none."""

    @property
    def text(self) -> str:
        """The percentage with one decimal, rounded down; 「-」 of nothing."""
        return f"{self.part * 1000 // self.whole / 10:.1f}%" if self.whole else "-"

    @property
    def shown(self) -> int:
        """As much of the bar as is filled, which is never more than all of it."""
        return min(self.part, self.whole)


@dataclass(frozen=True)
class Month:
    """A node's members at the end of a month; None where the month was not closed."""

    day: date
    members: int | None
    change: int | None


def newest() -> Closing | None:
    """What is shown unless somebody chooses: the last end of a month, or while there is none the last closed day."""
    closed = Closing.objects.filter(basis=Basis.THEN)
    last_month = next(month_ends(localdate() - timedelta(days=1), 1))
    return closed.filter(day=last_month).first() or closed.order_by("-day").first()


def closing_of(day: date, basis: str) -> Closing | None:
    return Closing.objects.filter(day=day, basis=basis).first()


def presets() -> list[tuple[str, date]]:
    """The days that are asked for most, those of them that are closed; by one statement."""
    today = localdate()
    yesterday = today - timedelta(days=1)
    year = today.year if today > date(today.year, 9, 30) else today.year - 1
    named = [
        ("上月末", next(month_ends(yesterday, 1))),
        ("9月30日", date(year, 9, 30)),
        ("去年末", date(today.year - 1, 12, 31)),
        ("昨天", yesterday),
    ]
    days = [day for _, day in named]
    closed = set(Closing.objects.filter(basis=Basis.THEN, day__in=days).values_list("day", flat=True))
    found: dict[date, str] = {}
    for label, day in named:
        if day in closed:
            found.setdefault(day, label)
    return [(label, day) for day, label in found.items()]


def why_not(day: date) -> str:
    """Why a day has no figures, as a sentence with the way out; "" for one that has."""
    if day >= localdate():
        return "这一天还没有结束，请选择今天以前的日期。"
    closed = Closing.objects.filter(basis=Basis.THEN)
    if closed.filter(day=day).exists():
        return ""
    first = closed.order_by("day").first()
    if first is None:
        return "还没有结账的数，结账每小时进行一次，请稍后再看。"
    if day < first.day:
        return f"最早的统计截至 {first.day:%Y-%m-%d}，请选择这一天或以后的日期。"
    before = closed.filter(day__lt=day).order_by("-day").first()
    after = closed.filter(day__gt=day).order_by("day").first()
    near = " 或 ".join(f"{one.day:%Y-%m-%d}" for one in (before, after) if one)
    return f"这一天没有结账：每月末的数长期保留，其他日子只保留最近一周。请选择 {near}。"


def of_node(closing: Closing, node: Union) -> Numbers | None:
    """A node's own numbers; None where there was nothing of it, not even an empty union."""
    rows = Figure.objects.filter(closing=closing, node=node, dimension="").aggregate(**_SUMS)
    if rows["sum_closing_members"] is None:
        return None
    return _numbers(node.short_name, rows)


def organised(closing: Closing, node: Union) -> list[Rate]:
    """建会率 of a node; none where the employers were not counted."""
    counted = employers.kept(closing)
    if counted is None:
        return []
    known, with_union = employers.of_nodes(counted, node)[node.pk]
    return [Rate("建会率", "已建会单位", with_union, f"{counted.organised_from} 人以上单位", known)]


def duties_of(closing: Closing, node: Union) -> list[Rate]:
    """What the unions of a node had to do by the day; none where they were not counted."""
    found = duties.of_nodes(closing, node)[node.pk]
    return [
        Rate(duty.label, duty.counted, found[key][0], duty.of, found[key][1], duty.list_of)
        for key, duty in duties.DUTIES.items()
        if key in found
    ]


def organised_by_value(closing: Closing, node: Union, dimension: str) -> list[tuple[str, Rate]]:
    """建会率 by the values of a dimension, each with its value; none where the employers were not counted by it."""
    counted = employers.kept(closing)
    found = employers.by_value(counted, node, dimension) if counted else {}
    return [
        (value, Rate(label, employers.LABELS[1], found[value][1], employers.LABELS[0], found[value][0]))
        for value, label in _in_order(dimension, found)
    ]


def _in_order(dimension: str, found: Collection[str]) -> list[tuple[str, str]]:
    """The values that were found with their labels, in the order of the dimension's list."""
    labels = labels_of(dimension)
    known = [(value, label) for value, label in labels.items() if value in found]
    return [*known, *((value, value) for value in found if value not in labels)]


def _numbers(label: str, row: Mapping[str, Any], dimension: str = "", value: str = "") -> Numbers:
    return Numbers(label, dimension, value, **{name: row[f"sum_{name}"] for name in COUNTS})


def below(closing: Closing, node: Union) -> QuerySet[Figure]:
    """What stood under a node at a closing: a row for each."""
    return Figure.objects.filter(closing=closing, superior=node, dimension="").select_related("node")


def by_value(closing: Closing, node: Union, dimension: str) -> list[Numbers]:
    """A node's numbers by the values of a dimension, in the order of its list; those that are nobody's are left out."""
    rows = Figure.objects.filter(closing=closing, node=node, dimension=dimension).values("value").annotate(**_SUMS)
    found = {row["value"]: row for row in rows.order_by()}
    return [_numbers(label, found[value], dimension, value) for value, label in _in_order(dimension, found)]


def by_reason(closing: Closing, node: Union) -> list[Numbers]:
    return by_value(closing, node, REASON)


def choices() -> list[tuple[str, str]]:
    return [(one.key, one.label) for one in DIMENSIONS.values()]


def months(closing: Closing, node: Union) -> list[Month]:
    """A node's members at the last ends of months until a closing, the oldest first; by one statement."""
    days = [*reversed(list(month_ends(closing.day, MONTHS_SHOWN)))]
    known = Q(closing__basis=closing.basis, closing__day__in=days)
    rows = Figure.objects.filter(known, node=node, dimension="").values("closing__day")
    members = dict(rows.annotate(Sum("closing_members")).order_by().values_list("closing__day", "closing_members__sum"))
    return [*_months(days, members)]


def _months(days: Sequence[date], members: Mapping[date, int]) -> Iterator[Month]:
    before: int | None = None
    for day in days:
        now = members.get(day)
        yield Month(day, now, None if now is None or before is None else now - before)
        before = now

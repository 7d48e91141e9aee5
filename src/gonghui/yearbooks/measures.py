"""What of a year is computed: measures of the closed figures, at its 31 December or over its twelve months."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from django.db.models import Q, Sum
from django.utils.timezone import localdate

from gonghui.statistics.closing import month_ends
from gonghui.statistics.models import Basis, Closing, Figure
from gonghui.unions.models import Union

STOCKS = ("unions", "staff", "closing_members", "women", "migrants", "new_employment", "retained", "cards")
FLOWS = ("opening", "joined", "moved_in", "departed", "moved_out", "corrected")
"""Over the year: they want all of its months to be closed."""

_CLEARER = {"closing_members": "会员", "opening": "年初会员"}
LABELS: Mapping[str, str] = MappingProxyType({
    name: _CLEARER.get(name) or str(Figure._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    for name in (*STOCKS, *FLOWS)
})  # fmt: skip

CHOICES: Sequence[tuple[str, object]] = (
    ("", "下级填报"),
    ("年末数", [(name, LABELS[name]) for name in STOCKS]),
    ("全年数", [(name, LABELS[name]) for name in FLOWS]),
)


def _closed(year: int) -> dict[date, int]:
    """The closed ends of months of a year."""
    days = [*month_ends(date(year, 12, 31), 12)]
    return dict(Closing.objects.filter(day__in=days, basis=Basis.THEN).values_list("day", "pk"))


def of_node(node: Union, year: int) -> Mapping[str, int]:
    """A node's numbers of a year by measure, by two statements: none where its last day is not closed, no flows where
    a month of it is not.
    """
    closed = _closed(year)
    last = closed.get(date(year, 12, 31))
    if last is None:
        return {}
    sums = {name: Sum(name, filter=Q(closing=last)) for name in STOCKS}
    if len(closed) == 12:
        sums |= {name: Sum(name) for name in FLOWS}
        sums["opening"] = Sum("opening", filter=Q(closing=closed[date(year, 1, 31)]))
    rows = Figure.objects.filter(closing__in=closed.values(), node=node, dimension="")
    found = rows.aggregate(**{f"sum_{name}": told for name, told in sums.items()})
    return {name: found[f"sum_{name}"] or 0 for name in sums}


def why_no_figures(year: int) -> str:
    """Why a year has no figures of its last day yet, or never will, as a sentence; "" for one that may have them."""
    if date(year, 12, 31) >= localdate():
        return f"{year} 年还没有结束，年末的数在次年 1 月 1 日结账以后才有。请届时再开启。"
    first = Closing.objects.filter(basis=Basis.THEN).order_by("day").first()
    if first is None:
        return "还没有结账的数。结账每小时进行一次，请稍后再试。"
    if date(year, 12, 31) < first.day:
        return f"最早的统计截至 {first.day:%Y-%m-%d}，没有 {year} 年末的数。请选择以后的年度。"
    return ""


def why_not_open(year: int, measures: Collection[str]) -> str:
    """Why a year with these measures cannot be opened, as a sentence with the way out; "" for one that can."""
    if problem := why_no_figures(year):
        return problem
    closed = _closed(year)
    if date(year, 12, 31) not in closed:
        return f"{year} 年末的数还没有结账。结账每小时进行一次，请稍后再开启。"
    flows = [LABELS[name] for name in FLOWS if name in measures]
    missing = sorted({*range(1, 13)} - {day.month for day in closed})
    if flows and missing:
        months = "、".join(map(str, missing))
        return f"{year} 年的 {months} 月没有结账，没有全年的“{flows[0]}”。请改取年末数，或改为下级填报。"
    return ""

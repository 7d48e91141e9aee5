"""Figures of the ledger: people, times and money of a year, by union, category and source; who has never been (SPEC 6.9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from gonghui.bookings.codes import Category, FundSource
from gonghui.bookings.models import LedgerEntry, LedgerFund
from gonghui.bookings.programmes.figures import money
from gonghui.members.models import Member, MemberQuerySet
from gonghui.members.standings import StandingState
from gonghui.unions.models import Union


@dataclass
class Line:
    """People and times of a union or category, and of a union the money by source."""

    label: str
    people: int = 0
    times: int = 0
    funds: dict[str, Decimal] = field(default_factory=dict)

    @property
    def by_source(self) -> list[tuple[str, str]]:
        """Each source with its amount."""
        return [(source.label, money(self.funds.get(source, Decimal(0)))) for source in FundSource]

    @property
    def sum(self) -> str:
        return money(sum(self.funds.values(), Decimal(0)))


def entries(node: Union, year: int, kind: str) -> QuerySet[LedgerEntry]:
    """Who came in a year, of the unions below one, as they belonged then."""
    rows = LedgerEntry.objects.filter(year=year, came=True)
    rows = rows.filter(kind=kind) if kind else rows
    return rows if node.level == 1 else rows.filter(**{f"union__level{node.level}": node})


def whole(node: Union, year: int, kind: str) -> Line:
    """All together."""
    rows = entries(node, year, kind)
    counts = rows.aggregate(people=Count("member", distinct=True), times=Count("pk"))
    paid = LedgerFund.objects.filter(entry__in=rows).order_by().values_list("source").annotate(total=Sum("amount"))
    return Line("合计", counts["people"], counts["times"], dict(paid))


def by_union(node: Union, unions: Sequence[Union], year: int, kind: str) -> list[Line]:
    """A line for each of these unions, which are directly below ``node``; in two statements."""
    path = "union" if node.level == 3 else f"union__level{node.level + 1}"
    lines = {union.pk: Line(union.name) for union in unions}
    rows = entries(node, year, kind).filter(**{f"{path}__in": lines})
    counts = rows.order_by().values_list(path).annotate(people=Count("member", distinct=True), times=Count("pk"))
    for pk, people, times in counts:
        lines[pk].people, lines[pk].times = people, times
    paid = LedgerFund.objects.filter(entry__in=rows).order_by().values_list(f"entry__{path}", "source")
    for pk, source, total in paid.annotate(total=Sum("amount")):
        lines[pk].funds[source] = total
    return list(lines.values())


def by_category(node: Union, year: int, kind: str) -> list[Line]:
    """A line for each category, of those who booked here; somebody may be in several."""
    rows = entries(node, year, kind).filter(place__isnull=False)
    counted: dict[str, Any] = {}
    for category in Category:
        met = Q(place__categories__contains=[category])
        counted[f"people_{category}"] = Count("member", distinct=True, filter=met)
        counted[f"times_{category}"] = Count("pk", filter=met)
    found = rows.aggregate(**counted)
    return [Line(one.label, found[f"people_{one}"], found[f"times_{one}"]) for one in Category]


def never_been(node: Union, kind: str) -> MemberQuerySet:
    """The members below a union who have never been, in any union, by what counts as having been."""
    members = Member.objects.filter(standing=StandingState.NORMAL, union__isnull=False)
    members = members if node.level == 1 else members.filter(**{f"union__level{node.level}": node})
    return members.filter(~Exists(LedgerEntry.objects.been().filter(member=OuterRef("pk"), kind=kind)))

"""Queries of the figures of a superior union."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum

from gonghui.statistics.actions import MONTHS, first_month
from gonghui.statistics.models import MonthFigure
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Trend:
    """The last MONTHS months of a union, the oldest first. ``members`` is the number at a month's end, or today's."""

    months: Sequence[date]
    joined: Sequence[int]
    departed: Sequence[int]
    members: Sequence[int]
    unions: int
    cards: int
    retained: int
    counted_at: datetime | None

    @property
    def added(self) -> int:
        """The increase of members since the end of last month."""
        return self.joined[-1] - self.departed[-1]

    @property
    def card_rate(self) -> str:
        """The percentage of members with a card, with one decimal, rounded down."""
        return f"{self.cards * 1000 // self.members[-1] / 10:.1f}%" if self.members[-1] else "-"


def below(node: Union) -> QuerySet[MonthFigure]:
    """Returns the figures of the level-3 unions at or below a superior union."""
    scope = {1: Q(), 2: Q(superior__superior=node), 3: Q(superior=node)}[node.level]
    return MonthFigure.objects.filter(scope)


def trend(node: Union) -> Trend:
    """Returns the trend, by one statement. Past numbers of members are computed from today's number and the flows."""
    months = [first_month(number) for number in range(MONTHS, 0, -1)]
    rows: dict[date, Mapping[str, Any]] = {
        row["month"]: row
        for row in below(node)
        .filter(month__gte=months[0])
        .values("month")
        .annotate(
            joined=Sum("joined"),
            departed=Sum("departed"),
            unions=Sum("unions"),
            members=Sum("members"),
            cards=Sum("cards"),
            retained=Sum("retained"),
            at=Max("counted_at"),
        )
        .order_by()
    }
    joined, departed = ([rows.get(month, {}).get(name) or 0 for month in months] for name in ("joined", "departed"))
    today = rows.get(months[-1], {})
    members = [today.get("members") or 0]
    for came, left in zip(reversed(joined[1:]), reversed(departed[1:]), strict=True):
        members.insert(0, max(0, members[0] - came + left))
    unions, cards, retained = (today.get(name) or 0 for name in ("unions", "cards", "retained"))
    return Trend(months, joined, departed, members, unions, cards, retained, today.get("at"))


def cards_by_branch(node: Union) -> dict[int, tuple[int, int]]:
    """Returns members and members with a card, by superior union directly below ``node`` (of level 1 or 2)."""
    key = "superior__superior" if node.level == 1 else "superior"
    rows = below(node).filter(month=first_month(1)).values(key)
    counted = rows.annotate(members=Sum("members"), cards=Sum("cards")).order_by()
    return {row[key]: (row["members"] or 0, row["cards"] or 0) for row in counted}

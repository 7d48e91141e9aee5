"""The figures of a node of the tree."""

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
    """The last MONTHS months of a node, the oldest first; ``members`` at the end of each, of the present one today."""

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
        """By how many the members are more than at the end of last month."""
        return self.joined[-1] - self.departed[-1]

    @property
    def card_rate(self) -> str:
        """会员 with a card, in per cent with one digit, rounded down."""
        return f"{self.cards * 1000 // self.members[-1] / 10:.1f}%" if self.members[-1] else "-"


def below(node: Union) -> QuerySet[MonthFigure]:
    """The figures of the streets and companies at or below a superior union."""
    scope = {1: Q(), 2: Q(superior__superior=node), 3: Q(superior=node)}[node.level]
    return MonthFigure.objects.filter(scope)


def trend(node: Union) -> Trend:
    """By one statement. Members of past months follow from today's and what joined and left since."""
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
    """Members and those with a card, by the superior union right below ``node`` (levels 1 and 2)."""
    key = "superior__superior" if node.level == 1 else "superior"
    rows = below(node).filter(month=first_month(1)).values(key)
    counted = rows.annotate(members=Sum("members"), cards=Sum("cards")).order_by()
    return {row[key]: (row["members"] or 0, row["cards"] or 0) for row in counted}

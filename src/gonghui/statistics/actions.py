"""Counts the monthly figures."""

from datetime import date

from django.db import connection, transaction
from django.utils.timezone import localdate, now

from gonghui.members.models import Member, Membership
from gonghui.statistics.models import MonthFigure
from gonghui.unions.models import Union

MONTHS = 13
"""Number of counted months: the present one, and a year to compare with."""

_figures, _members, _memberships, _unions = (model._meta.db_table for model in (MonthFigure, Member, Membership, Union))


def _flow(column: str, joined: str, departed: str) -> str:
    return f"""
        SELECT home.level3_id, date_trunc('month', membership.{column})::date AS month,
            {joined} AS joined, {departed} AS departed
        FROM {_memberships} AS membership JOIN {_unions} AS home ON home.id = membership.union_id
        WHERE membership.{column} >= %(first)s AND home.level3_id IS NOT NULL GROUP BY 1, 2"""  # noqa: S608 (our own)


_FLOWS = f"""
INSERT INTO {_figures} (superior_id, month, joined, departed, counted_at)
SELECT level3_id, month, sum(joined), sum(departed), %(at)s
FROM ({_flow("began_on", "count(*)", "0")} UNION ALL {_flow("ended_on", "0", "count(*)")}) AS flow
GROUP BY level3_id, month
ON CONFLICT (superior_id, month)
DO UPDATE SET joined = excluded.joined, departed = excluded.departed, counted_at = excluded.counted_at
"""  # noqa: S608 (names of our own tables)

_STOCKS = f"""
INSERT INTO {_figures} (superior_id, month, joined, departed, unions, members, retained, cards, counted_at)
SELECT home.level3_id, %(month)s, 0, 0, count(*), sum(home.member_count), sum(home.retained_count),
    coalesce(sum(held.cards), 0), %(at)s
FROM {_unions} AS home LEFT JOIN (
    SELECT union_id, count(*) AS cards FROM {_members} WHERE has_card AND union_id IS NOT NULL GROUP BY union_id
) AS held ON held.union_id = home.id
WHERE home.kind = 'grassroots' AND home.state = 'approved' AND home.level3_id IS NOT NULL
GROUP BY home.level3_id
ON CONFLICT (superior_id, month) DO UPDATE
SET unions = excluded.unions, members = excluded.members, retained = excluded.retained, cards = excluded.cards, counted_at = excluded.counted_at
"""  # noqa: S608


def first_month(months: int = MONTHS) -> date:
    """Returns the first day of the period of ``months`` months that ends with the present month."""
    today = localdate()
    place = today.year * 12 + today.month - months
    return date(place // 12, place % 12 + 1, 1)


def count_months() -> None:
    """Counts the flows of the last MONTHS months, and today's stocks.

    Past flows of a union count for its present superior. Each part is one statement over the register, both in one
    transaction: a page sees a whole run or nothing of it.
    """
    values = {"first": first_month(), "month": first_month(1), "at": now()}
    with transaction.atomic(), connection.cursor() as cursor:
        MonthFigure.objects.filter(month__gte=values["first"]).update(joined=0, departed=0, counted_at=values["at"])
        MonthFigure.objects.filter(month=values["month"]).update(unions=0, members=0, retained=0, cards=0)
        cursor.execute(_FLOWS, values)
        cursor.execute(_STOCKS, values)

"""Counts the figures of one day for the whole tree (SPEC 5.3, ADR 58): three statements.

One counts the `lines` by grassroots union and, by dimension, by what it stood under; two sum those up to the city.
"""

from datetime import date
from typing import Any

from django.db import connection
from django.utils.timezone import get_default_timezone_name

from gonghui.members.models import Membership
from gonghui.statistics.dimensions import REASON
from gonghui.statistics.lines import PEOPLE, VALUES, marked
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from gonghui.unions.models import Union

_figures, _memberships, _unions = (model._meta.db_table for model in (Figure, Membership, Union))

_COUNTED = {
    **{name: f"count(*) FILTER (WHERE {of})" for name, of in PEOPLE.items()},
    "unions": "count(*) FILTER (WHERE kind = 'union')",
    "staff": "coalesce(sum(staff_count) FILTER (WHERE kind = 'union'), 0)",
}


def _count(*, lasting: bool) -> str:
    """The statement that counts grassroots unions, and what they stand under by dimension."""
    keys = [f"by_{key}" for key in VALUES]
    sets = ", ".join(f"(level3_id, level2_id, {key})" for key in keys)
    dimension = " ".join(f"WHEN GROUPING(by_{key}) = 0 THEN '{key}'" for key in VALUES)
    value = " ".join(f"WHEN GROUPING({key}) = 0 THEN {key}" for key in keys)
    counted = ", ".join(f"{sql} AS {name}" for name, sql in _COUNTED.items())
    countable = " AND ".join(f"(GROUPING({key}) = 1 OR {key} IS NOT NULL)" for key in keys)
    whole = ", ".join(f"coalesce(live.{name}, 0) AS {name}" for name in _COUNTED if name != "opening")
    return f"""{marked(lasting=lasting)},
counted AS (
    SELECT CASE WHEN GROUPING(union_id) = 0 THEN union_id ELSE level3_id END AS node_id,
        CASE WHEN GROUPING(union_id) = 0 THEN level3_id ELSE level2_id END AS superior_id,
        CASE {dimension} ELSE '' END AS dimension, CASE {value} ELSE '' END AS value, {counted}
    FROM marked
    GROUP BY GROUPING SETS ((union_id, level3_id), (level3_id, level2_id), {sets})
    HAVING {countable}
),
former AS (
    SELECT node_id, figure.superior_id, dimension, value, closing_members FROM {_figures} AS figure
    JOIN {_unions} AS node ON node.id = node_id AND node.kind IN ('grassroots', 'street', 'company')
    WHERE closing_id = %(former)s AND dimension <> '{REASON}'
),
compared AS (
    SELECT node_id, superior_id, dimension, value, {whole}, coalesce(live.opening, 0) AS known,
        CASE WHEN %(former)s::bigint IS NULL THEN coalesce(live.opening, 0) ELSE coalesce(former.closing_members, 0)
        END AS opening
    FROM counted AS live FULL JOIN former USING (node_id, superior_id, dimension, value)
)
INSERT INTO {_figures} (closing_id, node_id, superior_id, dimension, value, {", ".join(COUNTS)})
SELECT %(closing)s::bigint, node_id, superior_id, dimension, value, opening, joined, moved_in, departed, moved_out,
    CASE WHEN dimension = '{REASON}' THEN 0
        ELSE closing_members - known - joined - moved_in + departed + moved_out END,
    CASE WHEN dimension = '{REASON}' THEN 0 ELSE known - opening END,
    closing_members, {", ".join(COUNTS[8:])}
FROM compared
WHERE opening + joined + moved_in + departed + moved_out + closing_members + unions + known > 0"""  # noqa: S608


# The level-3 unions' sums are those of the districts and bureaus, whose sums are those of the city.
_SUM_UP = f"""
INSERT INTO {_figures} (closing_id, node_id, superior_id, dimension, value, {", ".join(COUNTS)})
SELECT closing_id, figure.superior_id, above.superior_id, dimension, value,
    {", ".join(f"sum(figure.{name})" for name in COUNTS)}
FROM {_figures} AS figure JOIN {_unions} AS node ON node.id = figure.node_id AND node.kind = ANY(%(kinds)s)
JOIN {_unions} AS above ON above.id = figure.superior_id
WHERE closing_id = %(closing)s GROUP BY 1, 2, 3, 4, 5"""  # noqa: S608

_SUMMED = (["street", "company"], ["district", "bureau"])


def count(closing: Closing, former: Closing | None) -> None:
    """Writes the figures of a closing that has none, in the caller's transaction: three statements.

    ``former`` is the closing of its opening day, whose numbers stay what they were: what is known better by now is
    ``corrected``. Without one the opening is counted, too.
    """
    values: dict[str, Any] = {
        "day": closing.day,
        "opening": closing.opening_day,
        "closing": closing.pk,
        "former": former.pk if former else None,
        "zone": get_default_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_count(lasting=closing.basis == Basis.CORRECTED), values)
        for kinds in _SUMMED:
            cursor.execute(_SUM_UP, {"closing": closing.pk, "kinds": kinds})


def first_day() -> date | None:
    """The day on which the first member began; None while there is nobody."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(began_on) FROM {_memberships} WHERE union_id IS NOT NULL")  # noqa: S608
        (day,) = cursor.fetchone()
    return day


_DIGEST = f"""
SELECT sha256(convert_to(coalesce(string_agg(
    concat_ws(',', node_id, coalesce(superior_id, 0), dimension, value, {", ".join(COUNTS)}), ';'
    ORDER BY node_id, superior_id, dimension, value), ''), 'UTF8'))
FROM {_figures} WHERE closing_id = %s"""  # noqa: S608


def digest(closing: Closing) -> bytes:
    """Of all figures of a closing, as they stand in the database."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [closing.pk])
        return bytes(cursor.fetchone()[0])

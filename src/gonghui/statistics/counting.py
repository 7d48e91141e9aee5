"""Counts the figures of one day from what happened, for the whole tree (SPEC 5.3, ADR 58).

The truth are the members' chains of memberships, and members, unions and employers as they were at the end of a day,
by the versions that the histories have kept. Each member is a ``line`` of the opening and one of the closing; whatever
moved him or her between the two is a line as well, with the day as of which place and columns are read. One statement
counts the lines by grassroots union and, by dimension, by what it stood under; two sum those up to the city.
"""

import re
from datetime import date
from typing import Any

from django.db import connection
from django.utils.timezone import get_default_timezone_name

from gonghui.members.models import Member, Membership
from gonghui.statistics.dimensions import DIMENSIONS, REASON, RELOCATED
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from gonghui.unions.models import Employer, Union

_figures, _members, _memberships, _unions, _employers = (
    model._meta.db_table for model in (Figure, Member, Membership, Union, Employer)
)
_histories: tuple[Any, ...] = (Member, Union, Employer)
_member_events, _union_events, _employer_events = (
    model.events.rel.related_model._meta.db_table for model in _histories
)

_READ = re.compile(r"\b(person|home|employer)\.(\w+)")


def _columns(row: str, *counted: str) -> tuple[str, ...]:
    """The columns of a row that are counted, and those that dimensions read."""
    by_dimensions = _READ.findall(" ".join(one.value for one in DIMENSIONS.values()))
    return tuple(dict.fromkeys([*counted, *(column for name, column in by_dimensions if name == row)]))


_PERSON = _columns("person", "sex", "migrant_worker", "new_employment", "standing", "has_card")
_HOME = _columns("home", "level2_id", "level3_id", "state", "staff_count")
_EMPLOYER = _columns("employer")
_LASTING = ("sex", "born_on")
"""What does not change about a person: a later value corrects the earlier one."""
_PLACE = ("level2_id", "level3_id")
"""Whoever is in a union is counted in the tree, even if the union was placed there later than the day."""


def _end(day: str) -> str:
    """The moment at which a day is over in Shanghai."""
    return f"(({day} + 1)::timestamp AT TIME ZONE %(zone)s)"


def _versions(events: str, columns: tuple[str, ...], key: str = "pgh_obj_id") -> str:
    """The rows' earlier versions that were in force at the end of any counted day.

    A version ends when the history wrote it, and begins with the end of the one before. Of two transactions the later
    one may have begun earlier, so that a version may be in force never.
    """
    return f"""
        SELECT {key} AS id, {", ".join(columns)}, pgh_created_at AS until, coalesce(max(pgh_created_at) OVER (
            PARTITION BY pgh_obj_id ORDER BY pgh_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), '-infinity') AS since
        FROM {events} WHERE pgh_created_at >= {_end("%(opening)s::date")}"""  # noqa: S608 (our own; so below)


def _in_force(version: str, day: str) -> str:
    return f"{version}.since < {_end(day)} AND {version}.until >= {_end(day)}"


def _as_of(name: str, columns: tuple[str, ...], lasting: tuple[str, ...] = ()) -> str:
    """A row as it was: of ``name``_then where there is such a version, else of ``name``_now."""

    def chosen(column: str) -> str:
        if column in lasting:
            return f"{name}_now.{column}"
        if column in _PLACE:
            return f"coalesce({name}_then.{column}, {name}_now.{column})"
        return f"CASE WHEN {name}_then.id IS NULL THEN {name}_now.{column} ELSE {name}_then.{column} END"

    values = ", ".join(f"{chosen(column)} AS {column}" for column in columns)
    return f"CROSS JOIN LATERAL (SELECT {values}) AS {name}"


# Whoever leaves is counted where, and as what, he or she was the day before, but not before having come.
_LINES = f"""
    SELECT 'opening' AS kind, NULL AS reason, member_id, union_id, %(opening)s::date AS on_day FROM {_memberships}
    WHERE union_id IS NOT NULL AND began_on <= %(opening)s AND (ended_on IS NULL OR ended_on > %(opening)s)
    UNION ALL
    SELECT 'closing', NULL, member_id, union_id, %(day)s::date FROM {_memberships}
    WHERE union_id IS NOT NULL AND began_on <= %(day)s AND (ended_on IS NULL OR ended_on > %(day)s)
    UNION ALL
    SELECT CASE WHEN before.union_id IS NULL THEN 'joined' ELSE 'moved_in' END, stay.began_by,
        stay.member_id, stay.union_id, stay.began_on
    FROM {_memberships} AS stay LEFT JOIN {_memberships} AS before ON before.id = stay.previous_id
    WHERE stay.union_id IS NOT NULL AND stay.began_on > %(opening)s AND stay.began_on <= %(day)s
    UNION ALL
    SELECT CASE WHEN after.union_id IS NULL THEN 'departed' ELSE 'moved_out' END, stay.ended_by,
        stay.member_id, stay.union_id, greatest(stay.began_on, stay.ended_on - 1)
    FROM {_memberships} AS stay LEFT JOIN {_memberships} AS after ON after.previous_id = stay.id
    WHERE stay.union_id IS NOT NULL AND stay.ended_on > %(opening)s AND stay.ended_on <= %(day)s
    UNION ALL
    SELECT side.kind, '{RELOCATED}', stay.member_id, stay.union_id, replaced.day + side.days
    FROM replaced JOIN {_memberships} AS stay ON stay.union_id = replaced.id
        AND stay.began_on < replaced.day AND (stay.ended_on IS NULL OR stay.ended_on > replaced.day)
    CROSS JOIN (VALUES ('moved_out', -1), ('moved_in', 0)) AS side (kind, days)
    UNION ALL
    SELECT 'union', NULL, NULL, id, %(day)s::date FROM {_unions}
    WHERE kind = 'grassroots' AND created_at < {_end("%(day)s::date")}"""  # noqa: S608

# The days on which a union came under another superior, and its members along with it.
_REPLACED = f"""
    SELECT changed.id, changed.day
    FROM (SELECT DISTINCT id, (until AT TIME ZONE %(zone)s)::date AS day FROM home_versions) AS changed
    JOIN {_unions} AS now ON now.id = changed.id AND now.kind = 'grassroots'
    LEFT JOIN home_versions AS old ON old.id = changed.id AND {_in_force("old", "(changed.day - 1)")}
    LEFT JOIN home_versions AS new ON new.id = changed.id AND {_in_force("new", "changed.day")}
    WHERE changed.day > %(opening)s AND changed.day <= %(day)s
        AND (coalesce(old.level3_id, now.level3_id), coalesce(old.level2_id, now.level2_id)) IS DISTINCT FROM
            (coalesce(new.level3_id, now.level3_id), coalesce(new.level2_id, now.level2_id))"""  # noqa: S608

_FLOWS = ("joined", "moved_in", "departed", "moved_out")
_COUNTED = {
    **{kind: f"count(*) FILTER (WHERE kind = '{kind}')" for kind in ("opening", *_FLOWS)},
    "closing_members": "count(*) FILTER (WHERE kind = 'closing')",
    "women": "count(*) FILTER (WHERE kind = 'closing' AND sex = 'female')",
    "migrants": "count(*) FILTER (WHERE kind = 'closing' AND migrant_worker = 'yes')",
    "new_employment": "count(*) FILTER (WHERE kind = 'closing' AND new_employment NOT IN ('', 'none'))",
    "retained": "count(*) FILTER (WHERE kind = 'closing' AND standing = 'retained')",
    "cards": "count(*) FILTER (WHERE kind = 'closing' AND has_card)",
    "unions": "count(*) FILTER (WHERE kind = 'union')",
    "staff": "coalesce(sum(staff_count) FILTER (WHERE kind = 'union'), 0)",
}  # fmt: skip

_VALUES = {
    REASON: "line.reason",
    **{
        key: one.value if one.of_union else f"CASE WHEN line.member_id IS NOT NULL THEN {one.value} END"
        for key, one in DIMENSIONS.items()
    },
}
"""NULL where a line does not count by the dimension."""


def _count(lasting: tuple[str, ...]) -> str:
    """The statement that counts grassroots unions, and what they stand under by dimension."""
    by_key = {f"by_{key}": value for key, value in _VALUES.items()}
    keys = ", ".join(f"{value} AS {key}" for key, value in by_key.items())
    sets = ", ".join(f"(level3_id, level2_id, {key})" for key in by_key)
    dimension = " ".join(f"WHEN GROUPING(by_{key}) = 0 THEN '{key}'" for key in _VALUES)
    value = " ".join(f"WHEN GROUPING({key}) = 0 THEN {key}" for key in by_key)
    counted = ", ".join(f"{sql} AS {name}" for name, sql in _COUNTED.items())
    countable = " AND ".join(f"(GROUPING({key}) = 1 OR {key} IS NOT NULL)" for key in by_key)
    whole = ", ".join(f"coalesce(live.{name}, 0) AS {name}" for name in _COUNTED if name != "opening")
    return f"""
WITH person_versions AS MATERIALIZED ({_versions(_member_events, _PERSON)}),
home_versions AS MATERIALIZED ({_versions(_union_events, _HOME)}),
employer_versions AS MATERIALIZED ({_versions(_employer_events, _EMPLOYER, "union_id")}),
replaced AS MATERIALIZED ({_REPLACED}),
line AS ({_LINES}),
marked AS (
    SELECT line.kind, line.union_id, home.level3_id, home.level2_id, home.staff_count, {keys},
        person.sex, person.migrant_worker, person.new_employment, person.standing, person.has_card
    FROM line
    JOIN {_unions} AS home_now ON home_now.id = line.union_id
    LEFT JOIN home_versions AS home_then
        ON home_then.id = line.union_id AND {_in_force("home_then", "line.on_day")}
    {_as_of("home", _HOME)}
    LEFT JOIN {_employers} AS employer_now ON employer_now.union_id = line.union_id
    LEFT JOIN employer_versions AS employer_then
        ON employer_then.id = line.union_id AND {_in_force("employer_then", "line.on_day")}
    {_as_of("employer", _EMPLOYER)}
    LEFT JOIN {_members} AS person_now ON person_now.id = line.member_id
    LEFT JOIN person_versions AS person_then
        ON person_then.id = line.member_id AND {_in_force("person_then", "line.on_day")}
    {_as_of("person", _PERSON, lasting)}
    WHERE home.level3_id IS NOT NULL AND (line.kind <> 'union' OR home.state = 'approved')
),
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
    lasting = _LASTING if closing.basis == Basis.CORRECTED else ()
    with connection.cursor() as cursor:
        cursor.execute(_count(lasting), values)
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

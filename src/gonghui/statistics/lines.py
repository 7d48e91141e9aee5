"""The lines that figures count: what each member and union was, and what happened to it, between two days (SPEC 5.3).

The truth are the members' chains of memberships, and members, unions and employers as they were at the end of a day,
by the versions that the histories have kept (ADR 58). Each member is a ``line`` of the opening and one of the closing;
whatever moved him or her between the two is a line as well, with the day as of which place and columns are read.
`counting` counts all lines of the city, `cells` lists those behind one number of a street.
"""

import re
from collections.abc import Mapping
from typing import Any

from gonghui.members.models import Member, Membership
from gonghui.statistics.dimensions import DIMENSIONS, REASON, RELOCATED
from gonghui.unions.models import Employer, Union

_members, _memberships, _unions, _employers = (model._meta.db_table for model in (Member, Membership, Union, Employer))
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


def end_of(day: str) -> str:
    """The moment at which a day is over in Shanghai."""
    return f"(({day} + 1)::timestamp AT TIME ZONE %(zone)s)"


def _versions(events: str, columns: tuple[str, ...], key: str = "pgh_obj_id", within: str = "") -> str:
    """The rows' earlier versions that were in force at the end of any counted day.

    A version ends when the history wrote it, and begins with the end of the one before. Of two transactions the later
    one may have begun earlier, so that a version may be in force never.
    """
    return f"""
        SELECT {key} AS id, {", ".join(columns)}, pgh_created_at AS until, coalesce(max(pgh_created_at) OVER (
            PARTITION BY pgh_obj_id ORDER BY pgh_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), '-infinity') AS since
        FROM {events} WHERE pgh_created_at >= {end_of("%(opening)s::date")}{within}"""  # noqa: S608 (our own; so below)


def _in_force(version: str, day: str) -> str:
    return f"{version}.since < {end_of(day)} AND {version}.until >= {end_of(day)}"


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


def _lines(memberships: str) -> str:
    """Whoever leaves is counted where, and as what, he or she was the day before, but not before having come."""
    return f"""
    SELECT 'opening' AS kind, NULL AS reason, member_id, union_id, %(opening)s::date AS on_day, id FROM {memberships}
    WHERE union_id IS NOT NULL AND began_on <= %(opening)s AND (ended_on IS NULL OR ended_on > %(opening)s)
    UNION ALL
    SELECT 'closing', NULL, member_id, union_id, %(day)s::date, id FROM {memberships}
    WHERE union_id IS NOT NULL AND began_on <= %(day)s AND (ended_on IS NULL OR ended_on > %(day)s)
    UNION ALL
    SELECT CASE WHEN before.union_id IS NULL THEN 'joined' ELSE 'moved_in' END, stay.began_by,
        stay.member_id, stay.union_id, stay.began_on, stay.id
    FROM {memberships} AS stay LEFT JOIN {_memberships} AS before ON before.id = stay.previous_id
    WHERE stay.union_id IS NOT NULL AND stay.began_on > %(opening)s AND stay.began_on <= %(day)s
    UNION ALL
    SELECT CASE WHEN after.union_id IS NULL THEN 'departed' ELSE 'moved_out' END, stay.ended_by,
        stay.member_id, stay.union_id, greatest(stay.began_on, stay.ended_on - 1), stay.id
    FROM {memberships} AS stay LEFT JOIN {_memberships} AS after ON after.previous_id = stay.id
    WHERE stay.union_id IS NOT NULL AND stay.ended_on > %(opening)s AND stay.ended_on <= %(day)s
    UNION ALL
    SELECT side.kind, '{RELOCATED}', stay.member_id, stay.union_id, replaced.day + side.days, stay.id
    FROM replaced JOIN {memberships} AS stay ON stay.union_id = replaced.id
        AND stay.began_on < replaced.day AND (stay.ended_on IS NULL OR stay.ended_on > replaced.day)
    CROSS JOIN (VALUES ('moved_out', -1), ('moved_in', 0)) AS side (kind, days)"""  # noqa: S608


_UNION_LINES = f"""
    SELECT 'union', NULL, NULL, id, %(day)s::date, NULL FROM {_unions}
    WHERE kind = 'grassroots' AND created_at < {end_of("%(day)s::date")}"""  # noqa: S608

_OF_UNIONS = f"""
    SELECT * FROM {_memberships} WHERE ended_on > %(opening)s AND union_id = ANY(%(unions)s)
    UNION ALL
    SELECT * FROM {_memberships} WHERE ended_on IS NULL
        AND member_id = ANY(ARRAY(SELECT id FROM {_members} WHERE union_id = ANY(%(unions)s)))"""  # noqa: S608
"""The memberships of some unions: those that ended are found by their union, the open ones by their members."""

VALUES: Mapping[str, str] = {
    REASON: "line.reason",
    **{
        key: one.value if one.of_union else f"CASE WHEN line.member_id IS NOT NULL THEN {one.value} END"
        for key, one in DIMENSIONS.items()
    },
}
"""By dimension; NULL where a line does not count by it."""


PEOPLE: Mapping[str, str] = {
    "opening": "kind = 'opening'",
    "joined": "kind = 'joined'",
    "moved_in": "kind = 'moved_in'",
    "departed": "kind = 'departed'",
    "moved_out": "kind = 'moved_out'",
    "closing_members": "kind = 'closing'",
    "women": "kind = 'closing' AND sex = 'female'",
    "migrants": "kind = 'closing' AND migrant_worker = 'yes'",
    "new_employment": "kind = 'closing' AND new_employment NOT IN ('', 'none')",
    "retained": "kind = 'closing' AND standing = 'retained'",
    "cards": "kind = 'closing' AND has_card",
}
"""Which lines each number of a figure counts, of those that count people."""


def marked(*, lasting: bool = False, of_unions: bool = False) -> str:
    """The beginning of a statement, with ``marked``: each line with place, columns and a ``by_…`` for each dimension.

    Its parameters are ``opening`` and ``day`` (dates), ``zone``, and of the members of some unions only ``unions`` (ids).
    ``lasting``: what does not change about a person is as it is now.
    """
    keys = ", ".join(f"{value} AS by_{key}" for key, value in VALUES.items())
    among = {"unions": " AND pgh_obj_id = ANY(%(unions)s)", "people": " AND pgh_obj_id IN (SELECT member_id FROM line)",
             "employers": " AND union_id = ANY(%(unions)s)"} if of_unions else {}  # fmt: skip
    some = f"stays AS MATERIALIZED ({_OF_UNIONS})," if of_unions else ""
    lines = _lines("stays") if of_unions else f"{_lines(_memberships)} UNION ALL {_UNION_LINES}"
    return f"""
WITH {some}
home_versions AS MATERIALIZED ({_versions(_union_events, _HOME, within=among.get("unions", ""))}),
employer_versions AS MATERIALIZED (
    {_versions(_employer_events, _EMPLOYER, "union_id", among.get("employers", ""))}
),
replaced AS MATERIALIZED ({_REPLACED}),
line AS ({lines}),
person_versions AS MATERIALIZED ({_versions(_member_events, _PERSON, within=among.get("people", ""))}),
marked AS (
    SELECT line.kind, line.id, line.member_id, line.union_id, line.on_day, line.reason,
        home.level3_id, home.level2_id, home.staff_count, {keys},
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
    {_as_of("person", _PERSON, _LASTING if lasting else ())}
    WHERE home.level3_id IS NOT NULL AND (line.kind <> 'union' OR home.state = 'approved')
)"""  # noqa: S608

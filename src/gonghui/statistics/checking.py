"""Are the closed figures those that were closed, and do they agree? `gonghui check --statistics` asks and mends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from gonghui.audit.actions import record
from gonghui.statistics.closing import alone, former_of
from gonghui.statistics.counting import count, digest
from gonghui.statistics.dimensions import DIMENSIONS, REASON, REASONS, labels_of
from gonghui.statistics.models import COUNTS, Basis, Closing, Figure
from gonghui.unions.models import Union

_LABELS = {field.name: str(field.verbose_name) for field in Figure._meta.concrete_fields}

_figures, _unions = Figure._meta.db_table, Union._meta.db_table

_ADDED = ", ".join(f"sum({name})" for name in COUNTS)
_OWN = ", ".join(COUNTS)

# A node and what stands under it: the sums of all, and those of each value of a dimension, are the node's own.
_NOT_THE_SUM = f"""
SELECT node_id FROM (
    SELECT figure.superior_id AS node_id, dimension, value, {_ADDED} FROM {_figures} AS figure
    JOIN {_unions} AS below ON below.id = figure.node_id
    WHERE closing_id = %(closing)s AND figure.superior_id IS NOT NULL AND (dimension = '' OR below.kind <> 'grassroots')
    GROUP BY 1, 2, 3
    EXCEPT
    SELECT node_id, dimension, value, {_ADDED} FROM {_figures} WHERE closing_id = %(closing)s GROUP BY 1, 2, 3
) AS wrong ORDER BY node_id LIMIT 1"""  # noqa: S608 (our own; so below)

_NOT_CONTINUED = f"""
SELECT node_id FROM (
    SELECT node_id, sum(opening) AS members FROM {_figures}
    WHERE closing_id = %(closing)s AND dimension = '' GROUP BY 1 HAVING sum(opening) > 0
    EXCEPT
    SELECT node_id, sum(closing_members) FROM {_figures} WHERE closing_id = %(former)s AND dimension = '' GROUP BY 1
) AS wrong ORDER BY node_id LIMIT 1"""  # noqa: S608


@dataclass(frozen=True)
class Wrong:
    day: date
    what: str


@dataclass(frozen=True)
class Mended:
    """One number that the repair has changed."""

    day: date
    node: str
    of: str
    column: str
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.day} {self.node} {self.of}{self.column}: {self.old} -> {self.new}"


def find_wrong() -> list[Wrong]:
    """What is wrong with the closed figures, the oldest first: a few statements for each closing."""
    return [
        Wrong(closing.day, what)
        for closing in Closing.objects.filter(basis=Basis.THEN).order_by("day")
        for what in _wrong_with(closing)
    ]


def _wrong_with(closing: Closing) -> Iterator[str]:
    if digest(closing) != bytes(closing.digest):
        yield "its figures are not those that were closed"
    if node := _first(_NOT_THE_SUM, {"closing": closing.pk}):
        yield f"{node} is not the sum of those below it"
    former = former_of(closing.day)
    if former and (node := _first(_NOT_CONTINUED, {"closing": closing.pk, "former": former.pk})):
        yield f"{node} does not begin with what it ended with on {former.day}"


def _first(statement: str, values: dict[str, int]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return Union.objects.get(pk=row[0]).name if row else ""


def mend() -> list[Mended]:
    """Counts again, from what happened, every closing from the first wrong one on; returns each number that changed.

    What was corrected since then is in the new numbers, too: the report shows it.
    """
    wrong = find_wrong()
    if not wrong:
        return []
    mended: list[Mended] = []
    with transaction.atomic():
        alone()
        for closing in Closing.objects.filter(basis=Basis.THEN, day__gte=wrong[0].day).order_by("day"):
            old = _numbers(closing)
            closing.figures.all().delete()
            count(closing, former_of(closing.day))
            closing.digest = digest(closing)
            closing.save(update_fields=["digest"])
            changed = list(_differences(closing.day, old, _numbers(closing)))
            if changed:
                record("closing.mended", closing, by=None, day=closing.day.isoformat(), numbers=len(changed))
            mended += changed
    return mended


Key = tuple[int, int | None, str, str]


def _numbers(closing: Closing) -> dict[Key, tuple[int, ...]]:
    """All numbers of a closing that is to be compared: in memory, for a command that somebody watches."""
    rows = Figure.objects.filter(closing=closing).values_list("node", "superior", "dimension", "value", *COUNTS)
    return {row[:4]: row[4:] for row in rows.iterator(chunk_size=10_000)}


def _differences(day: date, old: dict[Key, tuple[int, ...]], new: dict[Key, tuple[int, ...]]) -> Iterator[Mended]:
    none = (0,) * len(COUNTS)
    changed = [key for key in sorted(old.keys() | new.keys(), key=str) if old.get(key, none) != new.get(key, none)]
    names = dict(Union.objects.filter(pk__in={key[0] for key in changed}).values_list("pk", "name"))
    for key in changed:
        for column, before, after in zip(COUNTS, old.get(key, none), new.get(key, none), strict=True):
            if before != after:
                yield Mended(day, names[key[0]], _of(key), _LABELS[column], before, after)


def _of(key: Key) -> str:
    _, _, dimension, value = key
    if not dimension:
        return ""
    if dimension == REASON:
        return f"{REASONS[value]} "
    return f"{DIMENSIONS[dimension].label} {labels_of(dimension).get(value, value)} "

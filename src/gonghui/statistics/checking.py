"""Are the closed figures those that were closed, and do they agree? `gonghui check --statistics` asks and mends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from gonghui.audit.actions import record
from gonghui.statistics import duties, employers
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
    closing: Closing
    what: str


@dataclass(frozen=True)
class Mended:
    """One number that the repair has changed."""

    closing: Closing
    node: str
    of: str
    column: str
    old: int
    new: int

    def __str__(self) -> str:
        return f"{self.closing} {self.node} {self.of}{self.column}: {self.old} -> {self.new}"


def find_wrong() -> list[Wrong]:
    """What is wrong with the closed figures, the oldest first: a few statements for each closing."""
    return [
        Wrong(closing, what)
        for closing in Closing.objects.order_by("day", "basis")
        for what in (*_wrong_with(closing), *employers.wrong_with(closing), *duties.wrong_with(closing))
    ]


def _wrong_with(closing: Closing) -> Iterator[str]:
    if digest(closing) != bytes(closing.digest):
        yield "its figures are not those that were closed"
    if node := _first(_NOT_THE_SUM, {"closing": closing.pk}):
        yield f"{node} is not the sum of those below it"
    former = _former_of(closing)
    if former and (node := _first(_NOT_CONTINUED, {"closing": closing.pk, "former": former.pk})):
        yield f"{node} does not begin with what it ended with on {former.day}"


def _first(statement: str, values: dict[str, int]) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return Union.objects.get(pk=row[0]).name if row else ""


def mend() -> list[Mended]:
    """Counts wrong closings again, from what happened; returns each number that changed.

    A closing's numbers are the next one's opening: of 「当时口径」 every closing from the first wrong one on is counted. What
    was corrected since then is in the new numbers, too: the report shows it.
    """
    mended: list[Mended] = []
    with transaction.atomic():
        alone()
        for closing in _to_count_again():
            old = _numbers(closing)
            closing.figures.all().delete()
            count(closing, _former_of(closing))
            closing.digest = digest(closing)
            closing.save(update_fields=["digest"])
            mended += _differences(closing, old, _numbers(closing))
        for closing in Closing.objects.order_by("day"):
            mended += [*_mended_employers(closing), *_mended_duties(closing)]
        for closing in {one.closing: one for one in mended}:
            changed = sum(one.closing == closing for one in mended)
            record("closing.mended", closing, by=None, day=closing.day.isoformat(), numbers=changed)
    return mended


def _mended_employers(closing: Closing) -> list[Mended]:
    """Employers are counted again only while the day is near: the register of the past is not kept, and no number is
    better than a wrong one.
    """
    if not any(employers.wrong_with(closing)):
        return []
    old = employers.numbers(closing)
    employers.count_again(closing)
    new = employers.numbers(closing)
    keys = sorted(old.keys() | new.keys(), key=str)
    names = dict(Union.objects.filter(pk__in={street for street, _, _ in keys if street}).values_list("pk", "name"))
    return [
        Mended(closing, names.get(key[0] or 0, "街镇不明"), _of(*key[1:]), label, before, after)
        for key in keys
        for label, before, after in zip(employers.LABELS, old.get(key, (0, 0)), new.get(key, (0, 0)), strict=True)
        if before != after
    ]


def _mended_duties(closing: Closing) -> Iterator[Mended]:
    """The same of what unions had to do."""
    if not any(duties.wrong_with(closing)):
        return
    old = duties.numbers(closing)
    duties.count_again(closing)
    new = duties.numbers(closing)
    keys = sorted(old.keys() | new.keys())
    names = dict(Union.objects.filter(pk__in={street for street, _ in keys}).values_list("pk", "name"))
    for key in keys:
        duty = duties.DUTIES[key[1]]
        for label, before, after in zip(duty.labels, old.get(key, (0, 0)), new.get(key, (0, 0)), strict=True):
            if before != after:
                yield Mended(closing, names[key[0]], "", label, before, after)


def _to_count_again() -> list[Closing]:
    wrong = {closing for closing in Closing.objects.all() if any(_wrong_with(closing))}
    first = min((closing.day for closing in wrong if closing.basis == Basis.THEN), default=date.max)
    following = Closing.objects.filter(basis=Basis.THEN, day__gte=first)
    return sorted({*wrong, *following}, key=lambda closing: (closing.day, closing.basis))


def _former_of(closing: Closing) -> Closing | None:
    """The closing whose numbers it begins with; 「更正后」 counts its opening, too."""
    return former_of(closing.day) if closing.basis == Basis.THEN else None


Key = tuple[int, int | None, str, str]


def _numbers(closing: Closing) -> dict[Key, tuple[int, ...]]:
    """All numbers of a closing that is to be compared: in memory, for a command that somebody watches."""
    rows = Figure.objects.filter(closing=closing).values_list("node", "superior", "dimension", "value", *COUNTS)
    return {row[:4]: row[4:] for row in rows.iterator(chunk_size=10_000)}


def _differences(
    closing: Closing, old: dict[Key, tuple[int, ...]], new: dict[Key, tuple[int, ...]]
) -> Iterator[Mended]:
    none = (0,) * len(COUNTS)
    changed = [key for key in sorted(old.keys() | new.keys(), key=str) if old.get(key, none) != new.get(key, none)]
    names = dict(Union.objects.filter(pk__in={key[0] for key in changed}).values_list("pk", "name"))
    for key in changed:
        for column, before, after in zip(COUNTS, old.get(key, none), new.get(key, none), strict=True):
            if before != after:
                yield Mended(closing, names[key[0]], _of(*key[2:]), _LABELS[column], before, after)


def _of(dimension: str, value: str) -> str:
    if not dimension:
        return ""
    if dimension == REASON:
        return f"{REASONS[value]} "
    return f"{DIMENSIONS[dimension].label} {labels_of(dimension).get(value, value)} "

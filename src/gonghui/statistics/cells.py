"""What is behind one number of 「统计分析」: the people of a street, or above it the numbers of those below (SPEC 5.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, overload

from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.utils.timezone import get_default_timezone_name

from gonghui.members.models import Member, Membership
from gonghui.statistics.dimensions import REASONS, RELOCATED, labels_of
from gonghui.statistics.lines import PEOPLE, marked
from gonghui.statistics.models import Basis, Closing, Figure
from gonghui.unions.models import Union

MOVES: Mapping[str, tuple[str, str, str]] = {
    "joined": ("加入日期", "加入方式", ""),
    "moved_in": ("转入日期", "转入方式", "来自"),
    "departed": ("退出日期", "退出原因", ""),
    "moved_out": ("转出日期", "转出原因", "去向"),
}
"""The numbers of what happened between two days; the others count who was there on a day."""


@dataclass(frozen=True)
class Cell:
    """A number: of a superior union, or of one union of a street, all or a value of a dimension."""

    closing: Closing
    node: Union
    column: str
    dimension: str = ""
    value: str = ""
    union: Union | None = None

    @property
    def title(self) -> str:
        """What it counts: 「新增，女」."""
        column = str(Figure._meta.get_field(self.column).verbose_name)  # type: ignore[union-attr]
        if not self.dimension:
            return column
        return f"{column}，{labels_of(self.dimension).get(self.value, self.value)}"

    @property
    def is_stock(self) -> bool:
        return self.column not in MOVES

    @property
    def on(self) -> date:
        """The day of a stock."""
        return self.closing.opening_day if self.column == "opening" else self.closing.day

    @property
    def first(self) -> date:
        """The first day of what happened."""
        return self.closing.opening_day + timedelta(days=1)

    @property
    def labels(self) -> tuple[str, str, str]:
        """Of the list's day, reason and other union; the last is empty where there is none."""
        return MOVES.get(self.column, ("加入日期", "加入方式", ""))

    @cached_property
    def number(self) -> int:
        """The number as it was counted."""
        rows = Figure.objects.filter(closing=self.closing, node=self.union or self.node)
        if self.union:
            rows = rows.filter(superior=self.node)
        found = rows.filter(dimension=self.dimension, value=self.value).aggregate(number=Sum(self.column))
        return found["number"] or 0

    def below(self) -> QuerySet[Figure]:
        """The number of each node below that has a part of it, as ``number``."""
        # The nodes first, by the one index that knows what stood under a superior; then the rows of each of them.
        nodes = Figure.objects.filter(closing=self.closing, superior=self.node, dimension="").values("node")
        rows = Figure.objects.filter(closing=self.closing, superior=self.node, node__in=nodes)
        rows = rows.filter(dimension=self.dimension, value=self.value, **{f"{self.column}__gt": 0})
        return rows.select_related("node").annotate(number=F(self.column)).order_by("-number", "node__code")

    def people(self) -> "People":
        """Of a street or company union: who is behind the number, as is known now."""
        return People(self)


@dataclass(frozen=True)
class Line:
    """Somebody in a list, and what happened: ``on`` is the day; ``other`` the union of before or after."""

    membership: Membership
    union: Union
    on: date
    reason: str
    other: Union | None

    @property
    def member(self) -> Member:
        return self.membership.member


class People(Sequence[Line]):
    """The list behind a number, read a piece at a time, the newest first."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    @cached_property
    def _parameters(self) -> dict[str, Any]:
        cell = self.cell
        return {
            "opening": cell.closing.opening_day,
            "day": cell.closing.day,
            "zone": get_default_timezone_name(),
            "unions": self._unions(),
            "node": cell.node.pk,
            "value": cell.value,
        }

    def _unions(self) -> list[int]:
        """Those that stood under the street then or stand there now, or the one that was chosen."""
        cell = self.cell
        if cell.union:
            return [cell.union.pk]
        then = Figure.objects.filter(closing=cell.closing, superior=cell.node, dimension="").values_list("node")
        now = Union.objects.grassroots().filter(level3=cell.node).values_list("pk")
        return [pk for (pk,) in then.order_by().union(now)]

    def _read(self, columns: str, end: str = "", **more: int) -> list[tuple[Any, ...]]:
        cell = self.cell
        by = f"AND by_{cell.dimension} = %(value)s" if cell.dimension else ""
        marks = marked(lasting=cell.closing.basis == Basis.CORRECTED, of_unions=True)
        sql = f"{marks} SELECT {columns} FROM marked WHERE level3_id = %(node)s AND {PEOPLE[cell.column]} {by} {end}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, {**self._parameters, **more})
            return cursor.fetchall()

    @cached_property
    def _length(self) -> int:
        ((length,),) = self._read("count(*)")
        return int(length)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _ = index.indices(len(self))
        end = "ORDER BY on_day DESC, union_id, id LIMIT %(most)s OFFSET %(start)s"
        found = self._read("id, on_day, reason", end, most=max(0, stop - start), start=start)
        rows = Membership.objects.select_related("member__union", "union", "previous__union")
        memberships = rows.in_bulk([pk for pk, _, _ in found])
        after = self._after(memberships) if self.cell.column == "moved_out" else {}
        return [self._line(memberships[pk], on, reason, after) for pk, on, reason in found]

    @staticmethod
    def _after(memberships: dict[int, Membership]) -> dict[int, Union | None]:
        following = Membership.objects.filter(previous__in=memberships).select_related("union")
        return {row.previous_id: row.union for row in following if row.previous_id}

    def _line(self, row: Membership, on: date, reason: str | None, after: dict[int, Union | None]) -> Line:
        union, column = row.union, self.cell.column
        assert union is not None  # noqa: S101 (a line is of a membership in a union)
        if self.cell.is_stock:
            return Line(row, union, row.began_on, REASONS[row.began_by], None)
        if reason == RELOCATED:
            return Line(row, union, on + timedelta(days=column == "moved_out"), REASONS[RELOCATED], None)
        if column in ("joined", "moved_in"):
            other = row.previous.union if row.previous else None
            return Line(row, union, row.began_on, REASONS[row.began_by], other)
        return Line(row, union, row.ended_on or on, REASONS[row.ended_by or ""], after.get(row.pk))

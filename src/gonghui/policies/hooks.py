"""What apps above tell policies: the columns for which the city decides whether they are collected (SPEC 2.7, 3.10)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gonghui.kit.hooks import Registry


@dataclass(frozen=True)
class Column:
    """A column of a national form. ``requirable``: it may be required of everybody; else it is optional at most."""

    name: str
    label: str
    group: str
    requirable: bool = True
    help: str = ""


class Gap(NamedTuple):
    """The rows in which a column is empty, and the unions that have such rows."""

    rows: int
    unions: int


@dataclass(frozen=True)
class Subject:
    """What the columns describe. ``gaps`` counts, by column and under "" for any of them, in one statement: a job calls it."""

    title: str
    unit: str  # 名会员, 家工会
    columns: Sequence[Column]
    gaps: Callable[[Collection[str]], Mapping[str, Gap]]

    @property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


SUBJECTS: Registry[Subject] = Registry()
"""By a key that is stored: ``member``, ``union``."""

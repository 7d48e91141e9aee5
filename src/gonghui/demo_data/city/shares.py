"""The city in shares of some hundred unions: each is made from the plan, its place and the numbers that are given to it
before, by whichever process, and so always the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.cards.models import Application, Batch, Card, Line
from gonghui.demo_data.city import unions
from gonghui.demo_data.city.plan import OLDEST, Plan
from gonghui.demo_data.city.rows import Model, Range
from gonghui.demo_data.city.world import Superior
from gonghui.filings.models import AccountClaim, Amendment, Dissolution, Filing, Relocation
from gonghui.inspections.models import Confirmation
from gonghui.members.models import Correction, Member, Membership
from gonghui.notices.models import Notice
from gonghui.reviews.models import Review, Step
from gonghui.transfers.models import Transfer

UNIONS, PEOPLE = 400, 32_000
"""A share is full with one of these; a union is never divided."""

OWN = 20_000
"""So many ids of each table, and `OWN_A_DAY` of each day, are for what is in no share: the desk's orders, accounts of superiors."""
OWN_A_DAY = 1_000

A_UNION = 8
A_PERSON: Mapping[Model, int] = {Member: 1, Membership: 2, Card: 1, Application: 2, Line: 1}
"""Rows of a table at most."""
BY_DAY: frozenset[Model] = frozenset({
    AccountClaim, Amendment, Batch, Confirmation, Correction, Dissolution, Entry, Filing, Notice, Relocation, Review, Step, Transfer,
})  # fmt: skip
"""Tables whose ids follow the days: these are many more than there are rows, so that no column of 32 bits is among them."""

SETTLED = timedelta(days=OLDEST + 8)
"""The age of the superiors' accounts."""


@dataclass(frozen=True)
class Share:
    """Which unions, and what has been given out before them."""

    place: int
    first: int  # the number of its first union
    sizes: Sequence[int]
    homes: Sequence[int]  # places in the world's superiors
    people: int
    people_before: int
    numbers: Mapping[int, int] = field(default_factory=dict)  # the next of 会员编号, by the id of the level-2 superior


def shares(plan: Plan, superiors: Sequence[Superior], numbers: dict[int, int]) -> Iterator[Share]:
    """One after the other; ``numbers`` says after each what is next for those that follow."""
    places = {one.pk: place for place, one in enumerate(superiors)}
    sizes: list[int] = []
    homes: list[int] = []
    place = first = before = people = 0
    begun = dict(numbers)
    for number, (size, home) in enumerate(zip(plan.sizes(), unions.homes(plan, superiors), strict=True)):
        here = size + plan.leavers(number, size)
        if sizes and (len(sizes) == UNIONS or people + here > PEOPLE):
            yield Share(place, first, sizes, homes, people, before, begun)
            place, first, before, people, begun, sizes, homes = (
                place + 1, number, before + people, 0, dict(numbers), [], [])  # fmt: skip
        sizes.append(size)
        homes.append(places[home.pk])
        people += here
        level2 = home.level2.pk
        numbers[level2] = numbers.get(level2, 1) + here
    yield Share(place, first, sizes, homes, people, before, begun)


class Ids:
    """How the ids of the tables are shared out. ``begin``: the first that is free, by the label of the model."""

    def __init__(self, plan: Plan, begin: Mapping[str, int], tables: Sequence[Model]) -> None:
        self._begin, self._tables = begin, tables
        self._unions, self._people = plan.unions, plan.members + plan.most_leavers
        self._first_day = localdate(plan.midnight - SETTLED) - timedelta(days=20)
        self._days = (localdate(plan.midnight) - self._first_day).days + 2
        full = ceil(plan.unions / UNIONS) + 2 * ceil(self._people / PEOPLE) + 1
        self._whole_day = OWN_A_DAY + _a_day(full, self._unions, self._people)

    def begin(self, model: Model) -> int:
        """The first."""
        return self._begin[model._meta.label]

    def of(self, share: Share) -> Range:
        """Those of a share."""
        unions_, people = len(share.sizes), share.people
        first = {model: OWN + _rows(model, share.first, share.people_before) for model in self._tables}
        width = {model: _rows(model, unions_, people) for model in self._tables}
        before = _a_day(share.place, share.first, share.people_before)
        until = _a_day(share.place + 1, share.first + unions_, share.people_before + people)
        return self._range(first, width, OWN_A_DAY + before, until - before)

    def own(self) -> Range:
        """Those of what is in no share."""
        return self._range(dict.fromkeys(self._tables, 0), dict.fromkeys(self._tables, OWN), 0, OWN_A_DAY)

    def end(self, model: Model) -> int:
        """Behind all that the city may give."""
        if model in BY_DAY:
            return self.begin(model) + self._days * self._whole_day
        return self.begin(model) + OWN + _rows(model, self._unions, self._people)

    def _range(self, first: Mapping[Model, int], width: Mapping[Model, int], in_day: int, a_day: int) -> Range:
        return Range(
            {model: self.begin(model) + one for model, one in first.items() if model not in BY_DAY},
            width,
            {model: self.begin(model) + in_day for model in self._tables if model in BY_DAY},
            a_day,
            self._first_day,
            self._whole_day,
        )


def _rows(model: Model, unions_: int, people: int) -> int:
    """Of a table at most, without those that have ids by the day."""
    return A_UNION * unions_ + A_PERSON.get(model, 0) * people


def _a_day(shares_: int, unions_: int, people: int) -> int:
    """What happens on one day at most, from the first share on."""
    return 500 * shares_ + 12 * unions_ + people // 4

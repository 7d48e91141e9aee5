"""Makes the rows of a share, from nothing but what is in memory: no database is asked, so any process may do it."""

from collections.abc import Sequence
from dataclasses import dataclass

from gonghui.cards.models import Line
from gonghui.demo_data.city import cards, corrections, filings, inspections, members, transfers, unions
from gonghui.demo_data.city.plan import Clock, Plan
from gonghui.demo_data.city.rows import Leading, Model, Pieces, Range, Rows
from gonghui.demo_data.city.shares import Ids, Share
from gonghui.demo_data.city.world import Actor, Superior, World
from gonghui.inspections.models import Window

LEADING: Leading = {Line: cards.LINE}


@dataclass(frozen=True)
class Ground:
    """What is the same for all shares."""

    plan: Plan
    tables: Sequence[Model]
    ids: Ids
    first_number: int
    city_officer: Actor
    superiors: Sequence[Superior]
    windows: Sequence[Window]
    desk: cards.Desk

    def world(self, ids: Range) -> World:
        rows = Rows(self.tables, ids, LEADING)
        return World(self.plan, Clock(self.plan.midnight), rows, self.superiors, self.city_officer, self.first_number)


@dataclass(frozen=True)
class Made:
    """A share's rows, and what it has put into the desk's orders."""

    pieces: Pieces
    lots: Sequence[cards.Lot]


def make(ground: Ground, share: Share) -> Made:
    """All about the unions of a share; others of the same district, whose members they take in, are in it too."""
    world = ground.world(ground.ids.of(share))
    numbers = members.Numbers(dict(share.numbers), members.PEOPLE + share.people_before)
    donors, desk = transfers.Donors(), ground.desk.of_share(share.people_before)
    for place, (size, home) in enumerate(zip(share.sizes, share.homes, strict=True)):
        _one(world, share.first + place, size, ground.superiors[home], numbers, donors, desk, ground.windows)
    return Made(world.rows.packed(), [lot for lots in desk.lots for lot in lots])


def _one(
    world: World,
    number: int,
    size: int,
    superior: Superior,
    numbers: members.Numbers,
    donors: transfers.Donors,
    card_desk: cards.Desk,
    windows: Sequence[Window],
) -> None:
    """Everything about one union."""
    union = unions.found(world, number, size, superior)
    filings.file(world, union)
    filings.change(world, union)
    people = members.join(world, union, numbers)
    transfers.come(world, union, people, donors)
    cards.apply(world, union, people, card_desk)
    corrections.correct(world, union, people)
    transfers.ask(world, union, people, donors)
    inspections.confirm(world, union, people, windows)
    members.write(world, union, people, union.code)
    if gone := members.leave(world, union, numbers):
        left, act, at = gone
        transfers.left(world, union, left)
        members.write(world, union, left, union.code)
        if union.state == "dissolved":
            filings.end(world, union, len(left), act, at)
    donors.remember(union, people)

"""Every transition of batches, applications, cards and orders is made by an action (docs/states.md)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, count

import pytest
from django.utils.timezone import localdate

from gonghui.cards.applications.actions import close_members, refuse_members, withdraw_members
from gonghui.cards.holders.actions import issue_cards, undo_issue
from gonghui.cards.models import Application, Batch, Card, Line, Order, ResultFile
from gonghui.cards.orders import actions as orders
from gonghui.members.models import Member
from gonghui.reviews.actions import decide, withdraw
from tests.cards.stories import answer, approved, carded, exported, gathered, made, only, read, submitted
from tests.factories import change_member, live, make_member
from tests.people import Cast
from tests.states import every_move_is_made

pytestmark = pytest.mark.django_db
DAYS = count(1)


def past(batch: Batch) -> Batch:
    """Moves batches to an earlier day: only one batch a day makes cards."""
    Batch.objects.filter(pk=batch.pk).update(day=localdate() - timedelta(days=next(DAYS)))
    return live(batch)


def two(cast: Cast) -> list[Member]:
    return [make_member(cast.union), make_member(cast.union)]


def ids(batch: Batch) -> list[int]:
    return [application.pk for application in batch.applications.order_by("pk")]


def half_made(cast: Cast) -> tuple[Batch, Order]:
    """One of two cards is made, the other has failed."""
    batch = past(approved(cast, *two(cast)))
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[2]))
    return live(batch), live(order)


def tried_again_in_vain(cast: Cast, *, issued: bool) -> Batch:
    """The other one's new order is cancelled, and the member is withdrawn."""
    batch, order = half_made(cast)
    if issued:
        issue_cards(batch, None, by=cast.officer)
    second, _ = orders.retry(order, by=cast.platform_admin)
    orders.give_up(second.pk)
    withdraw_members(batch, ids(batch)[1:], by=cast.officer)
    return live(batch)


def lives_of_batches(cast: Cast) -> Iterator[tuple[Batch, str]]:
    """Returns ended batches, with their end states."""
    batch = past(submitted(cast))
    withdraw(batch.review, by=cast.officer)
    yield batch, "withdrawn"

    batch = past(submitted(cast))
    decide(batch.review, decision="refused", opinion="请核对。", by=cast.reviewer)
    yield batch, "returned"

    batch = past(submitted(cast, *two(cast)))
    refuse_members(batch, ids(batch)[:1], opinion="请核对。", by=cast.reviewer)
    decide(batch.review, decision="approved", opinion="", by=cast.reviewer)
    withdraw_members(batch, ids(batch)[1:], by=cast.officer)
    yield batch, "returned"

    batch = past(approved(cast))
    withdraw_members(batch, ids(batch), by=cast.officer)
    yield batch, "withdrawn"

    members = two(cast)
    batch = past(approved(cast, *members))
    change_member(members[0], name="王改名")  # left out of the file
    orders.cancel_order(gathered(cast, batch), by=cast.platform_admin)
    withdraw_members(batch, ids(batch)[1:], by=cast.officer)
    yield batch, "failed"
    close_members(batch, ids(batch)[:1], by=cast.officer)
    yield batch, "done"

    batch, _ = half_made(cast)
    close_members(batch, ids(batch)[1:], by=cast.officer)
    yield batch, "made"

    yield tried_again_in_vain(cast, issued=False), "made"
    yield tried_again_in_vain(cast, issued=True), "done"


def lives_of_cards(cast: Cast) -> Iterator[tuple[Card, str]]:
    for purpose, end in (("replacement", "replaced"), ("cancellation", "cancelled")):
        unclaimed = only(past(made(cast)))
        past(made(cast, unclaimed.member, purpose=purpose))
        yield unclaimed.card, end

        (card,) = held(cast)
        past(made(cast, card.member, purpose=purpose))
        yield card, end

        (card,) = held(cast)
        made(cast, card.member, purpose="loss")
        past(made(cast, card.member, purpose=purpose))
        yield card, end

    for card, state in ((only(past(made(cast))).card, "made"), (held(cast)[0], "issued")):
        withdraw(submitted(cast, card.member, purpose="loss").review, by=cast.officer)
        yield card, state


def held(cast: Cast) -> list[Card]:
    cards = carded(cast)
    past(Batch.objects.latest("pk"))
    return cards


def test_every_move_of_batches_applications_cards_and_orders_is_made(cast):
    with every_move_is_made(Batch, Application, Card, Order, Line, ResultFile):
        for row, state in chain(lives_of_batches(cast), lives_of_cards(cast)):
            assert live(row).state == state
        batch = past(made(cast))
        issue_cards(batch, None, by=cast.officer)
        undo_issue(batch, ids(batch), by=cast.officer)

"""「已发放」 (SPEC 4.4): the union hands out the cards, and may undo it for a week."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.cards.applications.actions import close_members, reveal_card
from gonghui.cards.holders.actions import issue_cards, undo_issue
from gonghui.cards.holders.lists import listed_cards
from gonghui.cards.models import Application, Card, Figure
from gonghui.kit.errors import Refused
from gonghui.members.memberships import move
from gonghui.members.models import Membership
from gonghui.members.queries import Filters
from tests.cards.stories import answer, approved, carded, exported, made, only, read
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


def test_cards_are_handed_out_one_by_one_and_all_at_once(cast):
    batch = made(cast, *(make_member(cast.union) for _ in range(3)))
    first = batch.applications.order_by("pk")[0]
    assert issue_cards(batch, [first.pk], by=cast.officer) == 1
    card = live(first).card
    assert (live(first).state, card.state, card.issued_by) == ("issued", "issued", cast.officer)
    assert live(batch).state == "made"
    assert issue_cards(batch, None, by=cast.officer) == 2
    assert live(batch).state == "done"
    assert Entry.objects.filter(verb="card.issued", data__count=2, actor=cast.officer).exists()


def test_what_is_not_made_or_handed_out_already_is_not_handed_out(cast):
    batch = approved(cast)
    with pytest.raises(Refused, match="没有可以这样办理的会员"):
        issue_cards(batch, [only(batch).pk], by=cast.officer)
    order = exported(cast, batch)
    read(cast, order, answer(order))
    issue_cards(batch, None, by=cast.officer)
    with pytest.raises(Refused, match="没有可以这样办理的会员"):
        issue_cards(batch, None, by=cast.officer)


def test_a_card_that_was_lost_before_it_was_fetched_is_not_handed_out(cast):
    batch = made(cast, make_member(cast.union), make_member(cast.union))
    lost, available = batch.applications.order_by("pk")
    approved(cast, lost.member, purpose="loss")
    with pytest.raises(Refused, match="已经挂失，不能登记发放"):
        issue_cards(batch, [lost.pk], by=cast.officer)
    assert issue_cards(batch, None, by=cast.officer) == 1
    assert (live(lost).state, live(available).state) == ("made", "issued")


@pytest.mark.parametrize("purpose", ["replacement", "cancellation"])
def test_a_card_that_ends_before_it_was_fetched_waits_for_nobody(cast, purpose):
    batch = made(cast)
    made(cast, only(batch).member, purpose=purpose)
    assert only(batch).state == "closed"
    assert "没有发放" in only(batch).remark
    assert live(batch).state == "done"


def test_an_undo_after_the_union_has_moved_does_not_fail(cast):
    (card,) = carded(cast, make_member(cast.union))
    application = Application.objects.get(card=card)
    Figure.objects.filter(event="issued").update(superior=cast.other_street, count=0)
    Figure.objects.create(superior=cast.street, month=Figure.objects.first().month, event="issued", count=0)
    assert undo_issue(application.batch, [application.pk], by=cast.officer) == 1


def test_only_the_unions_officer_hands_out(cast):
    batch = made(cast)
    for by in (cast.neighbour_officer, cast.reviewer, cast.platform_admin):
        with pytest.raises(Refused, match="经办人"):
            issue_cards(batch, None, by=by)
        with pytest.raises(Refused, match="经办人"):
            undo_issue(batch, [only(batch).pk], by=by)


def test_a_slip_is_taken_back_within_a_week(cast):
    (card,) = carded(cast, make_member(cast.union))
    application = Application.objects.get(card=card)
    assert undo_issue(application.batch, [application.pk], by=cast.officer) == 1
    assert (live(card).state, live(card).issued_at, live(application).state) == ("made", None, "made")
    assert live(application.batch).state == "made"
    issue_cards(application.batch, None, by=cast.officer)
    Application.objects.update(moved_at=timezone.now() - timedelta(days=8))
    with pytest.raises(Refused, match="只能在 7 天以内"):
        undo_issue(application.batch, [application.pk], by=cast.officer)


def test_a_card_that_was_lost_since_is_not_taken_back(cast):
    (card,) = carded(cast, make_member(cast.union))
    approved(cast, card.member, purpose="loss")
    application = Application.objects.get(card=card, purpose="new")
    with pytest.raises(Refused, match="没有其他变化"):
        undo_issue(application.batch, [application.pk], by=cast.officer)


def test_what_failed_is_given_up_and_the_member_is_free(cast):
    batch = approved(cast)
    order = exported(cast, batch)
    read(cast, order, answer(order, failed=[1]))
    with pytest.raises(Refused, match="经办人"):
        close_members(batch, [only(batch).pk], by=cast.neighbour_officer)
    assert close_members(batch, [only(batch).pk], by=cast.officer) == 1
    assert (only(batch).state, live(batch).state) == ("closed", "done")
    assert only(batch).remark == "E01 证件信息核查不一致"  # the reason remains
    with pytest.raises(Refused, match="没有可以这样办理的会员"):
        close_members(batch, [only(batch).pk], by=cast.officer)


def test_a_number_in_full_is_a_recorded_look_and_not_for_viewers(cast):
    (card,) = carded(cast, make_member(cast.union))
    assert reveal_card(card, by=cast.officer) == Card.objects.get().number
    assert Entry.objects.filter(verb="card.revealed", actor=cast.officer, data__card=card.pk).exists()
    with pytest.raises(Refused, match="遮盖后的卡号"):
        reveal_card(card, by=cast.viewer)


def union_ids(*cards: Card) -> list[int | None]:
    return [Card.objects.get(pk=card.pk).union_id for card in cards]


def test_a_card_goes_along_to_the_union_of_its_member_and_that_is_no_version_of_it(cast):
    (card,) = carded(cast)
    assert union_ids(card) == [cast.union.pk]
    versions = Card.events.rel.related_model.objects.count()
    for to in (cast.neighbour, None, cast.union):
        move([card.member_id], to=to, reason=Membership.Reason.TRANSFERRED if to else Membership.Reason.DISSOLVED)
        assert union_ids(card) == [to and to.pk]
        assert listed_cards(cast.officer, Filters()).cards.contains(card) == (to == cast.union)
    assert Card.events.rel.related_model.objects.count() == versions


def test_whatever_is_written_as_a_card_s_union_it_is_the_member_s(cast):
    (card,) = carded(cast)
    Card.objects.update(union=cast.neighbour)
    assert union_ids(card) == [cast.union.pk]
    Card.objects.update(member=make_member(cast.neighbour))
    assert union_ids(card) == [cast.neighbour.pk]


def test_cards_from_before_get_their_unions_in_batches(cast, monkeypatch):
    migration = import_module("gonghui.cards.migrations.0006_fill_union_of_cards")
    monkeypatch.setattr(migration, "BATCH", 2)
    cards = carded(cast, *(make_member(cast.union) for _ in range(5)))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cards_card DISABLE TRIGGER USER")
        cursor.execute("UPDATE cards_card SET union_id = NULL")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cards_card ENABLE TRIGGER USER")
    assert union_ids(*cards) == [None] * 5
    migration.fill(None, None)
    assert union_ids(*cards) == [cast.union.pk] * 5

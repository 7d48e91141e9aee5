"""Two users act at the same moment, on two connections: one succeeds, the other gets a clear sentence or no change."""

import pytest
from django.core.files.base import ContentFile

from gonghui.cards.applications.actions import refuse_members, submit_batches, withdraw_members
from gonghui.cards.holders.actions import issue_cards
from gonghui.cards.models import Application, Batch, Card, Order, ResultFile
from gonghui.cards.orders import actions as orders
from gonghui.cards.orders import results
from gonghui.cards.states import OPEN, ApplicationState
from gonghui.members.fields import MemberValues
from gonghui.members.register.actions import edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.reviews.actions import decide
from gonghui.transfers.departures.actions import release
from tests.cards.stories import answer, approved, coded, exported, gathered, made, only, submitted
from tests.factories import live, make_member
from tests.filings.test_races import DONE, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def consistent() -> None:
    """Checks that batches have the state of their members, and 已办会员卡 that of the cards."""
    from gonghui.cards import card_states

    before = dict(Batch.objects.values_list("pk", "state"))
    card_states.refresh_batch_states(before)
    assert dict(Batch.objects.values_list("pk", "state")) == before
    for card in Card.objects.select_related("member"):
        assert card.member.has_card == card.member.cards.live().exists()


def test_a_second_batch_of_the_day_from_two_windows_at_once(cast):
    coded(cast.union, cast.officer)
    groups = [[make_member(cast.union).pk], [make_member(cast.union).pk]]
    outcomes = at_once(*(lambda ids=ids: submit_batches(cast.union, ids, by=live(cast.officer)) for ids in groups))
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert any("一天只能添加一个批次" in outcome and "下一个可以申请的日子是" in outcome for outcome in outcomes)
    assert Batch.objects.count() == 1
    consistent()


def test_the_same_tick_sent_twice(cast):
    coded(cast.union, cast.officer)
    member = make_member(cast.union).pk
    outcomes = at_once(*[lambda: submit_batches(cast.union, [member], by=live(cast.officer))] * 2)
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert Application.objects.count() == 1


def test_asked_for_and_let_go_at_once(cast):
    coded(cast.union, cast.officer)
    member = make_member(cast.union)
    at_once(
        lambda: submit_batches(cast.union, [member.pk], by=live(cast.officer)),
        lambda: release(cast.union, [member.pk], to=None, reason="resigned", note="", by=live(cast.officer)),
    )
    is_open = Application.objects.filter(member=member, state__in=OPEN).exists()
    assert is_open == (live(member).union_id == cast.union.pk)


def test_approved_and_withdrawn_at_once(cast):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    first = batch.applications.order_by("pk")[0]
    at_once(
        lambda: decide(batch.review, decision="approved", opinion="", by=live(cast.reviewer)),
        lambda: withdraw_members(batch, [first.pk], by=live(cast.officer)),
    )
    assert live(first).state == ApplicationState.WITHDRAWN
    assert live(batch).state == "approved"
    consistent()


def test_two_reviewers_one_approves_and_one_refuses_a_member(cast):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    first = batch.applications.order_by("pk")[0]
    outcomes = at_once(
        lambda: decide(batch.review, decision="approved", opinion="", by=live(cast.reviewer)),
        lambda: refuse_members(batch, [first.pk], opinion="已离职", by=live(cast.reviewer)),
    )
    assert outcomes[0] == DONE
    assert live(first).state == ("refused" if outcomes[1] == DONE else "approved")
    assert outcomes[1] == DONE or "已经办结" in outcomes[1]
    consistent()


def test_edited_and_asked_for_at_once(cast):
    """In any order, the approved data is the register's."""
    coded(cast.union, cast.officer)
    member = make_member(cast.union)
    values = MemberValues(**values_of(member))._replace(name="王改名")
    outcomes = at_once(
        lambda: submit_batches(cast.union, [member.pk], by=live(cast.officer)),
        lambda: edit_member(member, values, version=version_of(member), by=live(cast.officer)),
    )
    assert outcomes[0] == DONE
    assert Application.objects.get().printed_name == live(member).name


def test_one_batch_gathered_into_two_orders_at_once(cast):
    batch = approved(cast)
    gather = lambda: orders.gather("new", foreign=False, batches=[batch.pk], by=live(cast.platform_admin))  # noqa: E731
    outcomes = at_once(gather, gather)
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert Order.objects.count() == 1
    consistent()


def test_gathered_and_withdrawn_at_once(cast):
    batch = approved(cast, make_member(cast.union), make_member(cast.union))
    first = batch.applications.order_by("pk")[0]
    at_once(
        lambda: orders.gather("new", foreign=False, batches=[batch.pk], by=live(cast.platform_admin)),
        lambda: withdraw_members(batch, [first.pk], by=live(cast.officer)),
    )
    assert live(first).state in ("making", "withdrawn")
    assert Order.objects.get().count == Application.objects.filter(state="making").count()
    consistent()


def test_exported_and_cancelled_at_once(cast):
    order = gathered(cast, approved(cast))
    outcomes = at_once(
        lambda: orders.export_order(order, by=live(cast.platform_admin)),
        lambda: orders.cancel_order(order, by=live(cast.platform_admin)),
    )
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    assert live(order).state == ("exported" if outcomes[0] == DONE else "cancelled")


def test_the_same_results_read_twice_at_once(cast):
    order = exported(cast, approved(cast))
    data = answer(order)
    read = lambda: results.upload_results(order, ContentFile(data, "结果.txt"), by=live(cast.platform_admin))  # noqa: E731
    outcomes = at_once(read, read)
    assert sorted(outcome == DONE for outcome in outcomes) == [False, True]
    result = ResultFile.objects.get()
    assert at_once(lambda: results.process(result.pk), lambda: results.process(result.pk)) == [DONE, DONE]
    assert Card.objects.count() == 1
    consistent()


def test_handed_out_and_reported_lost_at_once(cast):
    batch = made(cast)
    member = only(batch).member
    at_once(
        lambda: issue_cards(batch, None, by=live(cast.officer)),
        lambda: submit_batches(cast.union, [member.pk], purpose="loss", reason="丢失", by=live(cast.officer)),
    )
    assert Card.objects.get().state == "lost" or only(batch).state == "issued"
    assert Application.objects.filter(purpose="loss").exists()
    consistent()

"""The effects of a card's state (SPEC 2.4, 3.7, 4.4), its history, the month's figures, and overdue batches."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.cards import queries
from gonghui.cards.applications.actions import withdraw_members
from gonghui.cards.figures import recount
from gonghui.cards.holders.actions import issue_cards, undo_issue
from gonghui.cards.holders.lists import listed_cards
from gonghui.cards.models import Application, Batch, Figure, Line, Order
from gonghui.cards.orders import actions as orders
from gonghui.cards.states import LineState
from gonghui.members.hooks import leave_blockers
from gonghui.members.models import Member
from gonghui.members.queries import Filters
from gonghui.reviews.actions import decide
from gonghui.unions.hooks import blockers
from tests.cards.stories import answer, approved, carded, exported, gathered, made, only, read, submitted
from tests.factories import change_member, live, make_member, make_union

pytestmark = pytest.mark.django_db


def held(member: Member) -> str:
    return leave_blockers([member.pk]).get(member.pk, "")


def blocking(cast) -> list[str]:
    return [blocker.text for blocker in blockers(live(cast.union)) if "会员服务卡" in blocker.text]


def test_a_card_in_the_making_holds_its_member_and_its_union_step_by_step(cast):
    member = make_member(cast.union)
    assert (held(member), blocking(cast)) == ("", [])
    batch = submitted(cast, member)
    assert (held(member), blocking(cast)) == ("正在办理会员服务卡", ["1 名会员的会员服务卡正在办理"])
    decide(batch.review, decision="approved", opinion="", by=cast.reviewer)
    assert held(member)
    order = exported(cast, batch)
    assert held(member)
    read(cast, order, answer(order))
    assert held(member) == "会员服务卡已制成、还没有登记发放"
    assert blocking(cast) == ["1 张会员服务卡已制成、还没有登记发放"]
    issue_cards(batch, None, by=cast.officer)
    assert (held(member), blocking(cast)) == ("", [])


def test_a_loss_holds_nobody_but_the_union(cast):
    (card,) = carded(cast, make_member(cast.union))
    approved(cast, card.member, purpose="loss")
    assert held(card.member) == ""
    assert blocking(cast) == ["1 名会员的会员服务卡正在办理"]


def test_an_unclaimed_card_that_is_given_back_holds_nobody(cast):
    batch = made(cast)
    member = only(batch).member
    assert held(member)
    submitted(cast, member, purpose="cancellation")
    assert held(member) == ""


def test_has_card_follows_the_card(cast):
    member = make_member(cast.union)
    batch = approved(cast, member)
    assert not live(member).has_card
    order = exported(cast, batch)
    read(cast, order, answer(order))
    assert live(member).has_card
    issue_cards(batch, None, by=cast.officer)
    made(cast, member, purpose="loss")
    assert live(member).has_card
    made(cast, member, purpose="cancellation")
    assert not live(member).has_card


def test_a_cards_life_tells_who_and_when(cast):
    (card,) = carded(cast, make_member(cast.union))
    made(cast, card.member, purpose="loss", reason="地铁上丢失")
    batch = made(cast, card.member, purpose="replacement")
    life = [(moment.what.split(" ")[0], moment.who) for moment in queries.life_of(live(card))]
    assert life == [
        ("申请新办", "示例经办人"), ("新办审核通过", "五角场镇审核人"), ("汇总到订单", "市总平台管理员"), ("制卡成功", "市总平台管理员"),
        ("发放", "示例经办人"),
        ("申请挂失", "示例经办人"), ("挂失审核通过", "五角场镇审核人"), ("汇总到订单", "市总平台管理员"), ("挂失办结", "市总平台管理员"),
        ("已换卡", ""),
    ]  # fmt: skip
    assert any(moment.note == "地铁上丢失" for moment in queries.life_of(card))
    assert queries.life_of(only(batch).card)[0].what == "申请补办"


def figures(cast, user=None) -> dict[str, int]:
    return queries.figures(user or cast.platform_admin)[0][1]


def test_the_figures_equal_a_count_of_what_stands_in_the_tables(cast):
    cards = carded(cast, *(make_member(cast.union) for _ in range(4)))
    application = cards[0].applications.get()
    undo_issue(application.batch, [application.pk], by=cast.officer)
    made(cast, cards[1].member, purpose="loss")
    made(cast, cards[1].member, purpose="replacement")
    made(cast, cards[2].member, purpose="cancellation")
    added = figures(cast)
    assert added == {"applied": 5, "made": 5, "failed": 0, "issued": 3, "lost": 1, "cancelled": 1}
    recount()
    assert figures(cast) == added


def test_failures_are_counted_and_each_superior_sees_its_own(cast):
    order = exported(cast, approved(cast, make_member(cast.union), make_member(cast.union)))
    read(cast, order, answer(order, failed=[1]))
    for user in (cast.platform_admin, cast.district_admin, cast.reviewer):
        assert figures(cast, user)["failed"] == 1
    for user in (cast.other_reviewer, cast.bureau_admin):
        assert figures(cast, user)["failed"] == 0
    assert queries.figures(cast.officer) == []
    assert set(Figure.objects.values_list("superior", flat=True)) == {cast.street.pk}
    recount()
    assert figures(cast)["failed"] == 1


def test_what_is_stuck_is_told_with_what_it_waits_for(cast):
    batch = submitted(cast)
    assert not queries.is_stuck(batch)
    Batch.objects.filter(pk=batch.pk).update(moved_at=timezone.now() - timedelta(days=6, hours=1))
    assert queries.is_stuck(live(batch))
    overdue = {state: (words, count) for state, words, _, count in queries.overdue_counts(cast.reviewer)}
    assert overdue["pending"] == ("上级工会审核", 1)
    assert list(queries.stuck(cast.reviewer)) == [batch]
    assert not queries.stuck(cast.other_reviewer).exists()
    withdraw_members(batch, [only(batch).pk], by=cast.officer)
    assert not queries.stuck(cast.reviewer).exists()


def test_candidates_are_those_without_a_card_and_apart_those_under_way(cast):
    free, applicant = make_member(cast.union, name="王自由"), make_member(cast.union, name="王申请")
    make_member(cast.union, has_card=True)
    make_member(make_union("grassroots", cast.street))
    submitted(cast, applicant)
    assert list(queries.candidates(cast.officer, Filters())) == [free]
    assert list(queries.candidates(cast.officer, Filters(), queries.UNDER_WAY)) == [applicant]
    assert set(queries.candidates(cast.officer, Filters(name="王"))) == {free, applicant}


def test_a_superior_says_first_whose_cards(cast):
    (card,) = carded(cast, make_member(cast.union, name="王小明"))
    assert listed_cards(cast.reviewer, Filters()) is None
    assert list(listed_cards(cast.reviewer, Filters(name="王小")).cards) == [card]
    assert list(listed_cards(cast.reviewer, Filters(), card_number=card.number).cards) == [card]
    assert not listed_cards(cast.other_reviewer, Filters(), card_number=card.number).cards.exists()
    assert list(listed_cards(cast.officer, Filters()).cards) == [card]


def test_an_orders_counts_are_those_of_its_lines(cast):
    members = [make_member(cast.union) for _ in range(4)]
    batch = approved(cast, *members)
    order = orders.gather("new", foreign=False, batches=[batch.pk], by=cast.platform_admin)
    assert counted(order) == by_lines(order) == {"awaited": 4, "done": 0, "failed": 0, "left_out": 0}
    change_member(members[0], address="路" * 41)
    orders.build(order.pk)
    assert counted(order) == by_lines(order) == {"awaited": 3, "done": 0, "failed": 0, "left_out": 1}
    order = orders.export_order(order, by=cast.platform_admin)
    read(cast, order, answer(order, only=[1, 2], failed=[2]))
    assert counted(order) == by_lines(order) == {"awaited": 1, "done": 1, "failed": 1, "left_out": 1}
    assert Application.objects.failed_in(order).count() == 2
    read(cast, order, answer(order, failed=[2]), "累计.txt")
    assert counted(order) == by_lines(order) == {"awaited": 0, "done": 2, "failed": 1, "left_out": 1}


def test_a_batchs_way_does_not_name_an_order_that_was_cancelled(cast):
    batch = approved(cast)
    order = gathered(cast, batch)
    assert way(batch)[2:4] == [("汇总制卡", True, f"订单 {order.number}"), ("制卡结果", False, "")]
    orders.cancel_order(order, by=cast.platform_admin)
    assert way(batch)[2] == ("汇总制卡", False, "")


def way(batch: Batch) -> list[tuple[str, bool, str]]:
    return [(stage.label, stage.done, stage.told) for stage in queries.progress_of(live(batch))]


def counted(order: Order) -> dict[str, int]:
    ((_, counts),) = queries.line_counts([live(order)])
    return counts


def by_lines(order: Order) -> dict[str, int]:
    return {state: Line.objects.filter(order=order, state=state).count() for state in LineState.values}

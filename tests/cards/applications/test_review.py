"""The superior's review (SPEC 4.4): the whole batch, or single members of it."""

import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.cards.applications.actions import agree_name, refuse_members, withdraw_members
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.kinds import checks_of
from gonghui.reviews.models import Review, ReviewState
from tests.cards.stories import approved, carded, exported, only, submitted
from tests.factories import change_member, live, make_member
from tests.transfers.stories import requested

pytestmark = pytest.mark.django_db
KIND = KINDS["card_batch"]


def approve(cast, batch, by=None):
    return decide(batch.review, decision="approved", opinion="", by=by or cast.reviewer)


def levels(batch) -> list[str]:
    review = Review.objects.get(pk=batch.review_id)
    return [check.level for check in checks_of(review)]


def test_approved_as_a_whole_all_wait_for_the_city(cast):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    approve(cast, batch)
    assert live(batch).state == "approved"
    assert {application.state for application in batch.applications.all()} == {"approved"}
    assert Entry.objects.filter(verb="cardbatch.approved", object_id=batch.pk, data__count=2).exists()
    assert cast.officer.notices.filter(
        title__contains="已审核通过", url=reverse("cards:batch", args=[batch.pk])
    ).exists()


def test_refused_as_a_whole_the_members_are_free_again(cast):
    batch = submitted(cast)
    decide(batch.review, decision="refused", opinion="请核对名单", by=cast.reviewer)
    assert live(batch).state == "returned"
    assert (only(batch).state, only(batch).remark) == ("refused", "请核对名单")
    assert submitted(cast, only(batch).member)  # submitted again on the same day
    assert cast.officer.notices.filter(body__contains="请核对名单").exists()


def test_a_refused_member_leaves_the_batch_and_the_rest_goes_on(cast):
    batch = submitted(cast, *(make_member(cast.union) for _ in range(3)))
    first = batch.applications.order_by("pk")[0]
    assert refuse_members(batch, [first.pk], opinion="已离职", by=cast.reviewer) == 1
    assert (live(first).state, live(first).remark) == ("refused", "已离职")
    assert live(batch).state == "pending"
    approve(cast, batch)
    assert [application.state for application in batch.applications.order_by("pk")] == [
        "refused",
        "approved",
        "approved",
    ]
    assert Entry.objects.filter(verb="cardbatch.members_refused", data__opinion="已离职").exists()


def test_all_members_refused_refuse_the_batch(cast):
    batch = submitted(cast)
    refuse_members(batch, [only(batch).pk], opinion="人员有误", by=cast.reviewer)
    assert (live(batch).state, live(batch.review).state) == ("returned", ReviewState.REFUSED)


def test_a_refusal_of_a_member_needs_a_reason_the_reviewer_and_a_batch_that_waits(cast):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    application = batch.applications.order_by("pk")[0]
    with pytest.raises(Refused, match="必须填写原因"):
        refuse_members(batch, [application.pk], opinion=" ", by=cast.reviewer)
    for by in (cast.officer, cast.viewer, cast.other_reviewer, cast.district_admin):
        with pytest.raises(Refused, match="不是它的审核人"):
            refuse_members(batch, [application.pk], opinion="不行", by=by)
    approve(cast, batch)
    with pytest.raises(Refused, match="已经办结"):
        refuse_members(batch, [application.pk], opinion="不行", by=cast.reviewer)
    assert live(application).state == "approved"


def test_the_second_decision_is_refused_naming_the_first(cast):
    batch = submitted(cast)
    approve(cast, batch)
    with pytest.raises(Refused, match="已由 五角场镇审核人"):
        decide(batch.review, decision="refused", opinion="不行", by=cast.reviewer)


def test_whoever_does_not_pass_any_more_must_be_refused_singly(cast):
    member, other = make_member(cast.union, name="李远"), make_member(cast.union)
    batch = submitted(cast, member, other)
    change_member(member, address="路" * 41)
    assert levels(batch) == ["bad"]
    with pytest.raises(Refused, match=r"李远：联系地址不能超过40个字符.*单独退回"):
        approve(cast, batch)
    refuse_members(batch, [batch.applications.get(member=member).pk], opinion="地址过长", by=cast.reviewer)
    approve(cast, batch)
    assert live(batch).state == "approved"


def test_what_is_approved_is_what_was_submitted(cast):
    """The form changes nothing; other changes are found."""
    batch = submitted(cast)
    Member.objects.filter(pk=only(batch).member_id).update(name="王换名")
    assert levels(batch) == ["ok", "bad"]
    with pytest.raises(Refused, match="1 人的姓名、证件或出生日期已有变化"):
        approve(cast, batch)


def test_who_has_left_the_union_keeps_the_batch_back(cast):
    batch = submitted(cast, make_member(cast.union), make_member(cast.union))
    leaver = batch.applications.order_by("pk")[0].member
    Member.objects.filter(pk=leaver.pk).update(union=cast.neighbour)
    with pytest.raises(Refused, match="已不在本工会"):
        approve(cast, batch)


def test_another_unions_wish_for_a_member_does_not_keep_the_batch_back(cast):
    batch = submitted(cast)
    requested(cast, only(batch).member)
    assert levels(batch) == ["ok"]
    approve(cast, batch)
    order = exported(cast, live(batch))
    assert order.sent == 1


def test_agreed_names_are_shown_to_be_looked_at(cast):
    member = make_member(cast.union, name="王喆")
    agree_name(member, "王哲", by=cast.officer)
    batch = submitted(cast, member)
    assert levels(batch) == ["ok", "look"]
    review = Review.objects.get(pk=batch.review_id)
    assert "王喆 → 王哲" in checks_of(review)[1].text
    assert any("王喆（王哲）" in change.new for change in KIND.changes(review))


def test_the_officer_withdraws_the_whole(cast):
    batch = submitted(cast)
    withdraw(batch.review, by=cast.officer)
    assert (live(batch).state, only(batch).state) == ("withdrawn", "withdrawn")


# Loss: at once, and restored when it is not approved


def test_a_loss_is_marked_at_once_and_a_refusal_takes_it_back(cast):
    (card,) = carded(cast, make_member(cast.union))
    batch = submitted(cast, card.member, purpose="loss")
    assert live(card).state == "lost"
    assert live(card).lost_at is not None
    decide(batch.review, decision="refused", opinion="请先确认", by=cast.reviewer)
    assert (live(card).state, live(card).lost_at) == ("issued", None)


def test_a_found_card_is_taken_out_of_the_loss(cast):
    (card,) = carded(cast, make_member(cast.union))
    batch = submitted(cast, card.member, purpose="loss")
    withdraw_members(batch, [only(batch).pk], by=cast.officer)
    assert live(card).state == "issued"
    batch = approved(cast, card.member, purpose="loss")
    assert live(card).state == "lost"
    withdraw_members(batch, [only(batch).pk], by=cast.officer)
    assert live(card).state == "issued"


def test_a_cancellation_changes_nothing_before_the_card_maker_has_done_it(cast):
    (card,) = carded(cast, make_member(cast.union))
    approved(cast, card.member, purpose="cancellation")
    assert live(card).state == "issued"
    assert live(card.member).has_card


def test_the_review_page_leads_to_the_list_of_members(cast, client):
    batch = submitted(cast)
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:review", args=[batch.review_id])).content.decode()
    assert reverse("cards:batch", args=[batch.pk]) in page
    assert "查看名单，单独退回会员" in page

"""「转移」: two superiors, either order, both must approve; everything moves together (SPEC 2.4)."""

import pytest
from django.urls import reverse

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.filings.amendment.actions import save_amendment_draft
from gonghui.filings.models import Relocation
from gonghui.filings.registration.actions import register_employer
from gonghui.filings.relocation.actions import submit_relocation, target_entrance
from gonghui.filings.relocation.review import RelocationKind
from gonghui.imports.models import Batch
from gonghui.kit.errors import Refused
from gonghui.members.models import Member, Membership
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.kinds import checks_of
from gonghui.reviews.models import Review, Step
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Union
from tests.factories import make_member, make_union, make_user
from tests.filings.stories import amended, approved, relocated


def test_more_members_than_staff_are_told_to_both_superiors(cast):
    review = relocated(cast).review
    assert not [check for check in checks_of(review) if check.level == "look"]
    for _ in range(2):
        make_member(cast.union)
    review.base |= {"staff_count": 1}
    review.union.refresh_from_db()
    assert "多于职工人数 1 人" in str(checks_of(review))


def test_both_approve_in_either_order_and_the_union_moves(cast):
    for target, reviewers in (
        (cast.other_street, (cast.reviewer, cast.other_reviewer)),
        (cast.street, (cast.reviewer, cast.other_reviewer)),
    ):
        review = relocated(cast, target=target).review
        approved(review, reviewers[0])
        assert Union.objects.get(pk=cast.union.pk).superior_id != target.pk, "one approval moves nothing"
        approved(review, reviewers[1])
        assert Union.objects.get(pk=cast.union.pk).superior == target
    assert Entry.objects.filter(verb="relocation.approved", object_id=cast.union.pk).count() == 2


def test_across_to_the_other_side_of_the_tree_and_the_ancestors_follow(cast):
    approved(relocated(cast, "across", cast.company).review, cast.company_reviewer, cast.reviewer)
    union = Union.objects.get(pk=cast.union.pk)
    assert (union.superior, union.level2, union.level3) == (cast.company, cast.bureau, cast.company)


def test_members_history_numbers_and_drafts_go_along(cast):
    member, number = make_member(cast.union), cast.union.number
    before = Member.objects.filter(pk=member.pk).values().get(), list(Membership.objects.values())
    save_amendment_draft(cast.union, values={"leader": "赵示例"}, by=cast.officer)
    Batch.objects.create(
        kind="members", union=cast.union, state="checked", filename="会员.xlsx", uploaded_by=cast.officer
    )
    approved(relocated(cast, "across", cast.company).review, cast.company_reviewer, cast.reviewer)
    assert (Member.objects.filter(pk=member.pk).values().get(), list(Membership.objects.values())) == before
    union = Union.objects.get(pk=cast.union.pk)
    assert (union.number, union.member_count) == (number, 1)
    assert union.amendments.filter(review=None).exists()
    assert union.imports.filter(state="checked").exists()


def test_former_superiors_lose_sight_and_keep_what_they_decided(cast, client):
    member = make_member(cast.union)
    review = relocated(cast, "across", cast.company).review
    approved(review, cast.company_reviewer, cast.reviewer)
    for who, seen in (
        (cast.reviewer, 404),
        (cast.district_admin, 404),
        (cast.company_reviewer, 200),
        (cast.bureau_admin, 200),
    ):
        client.force_login(who)
        assert client.get(reverse("filings:union", args=[cast.union.pk])).status_code == seen
        assert client.get(reverse("members:view", args=[member.pk])).status_code == seen
    client.force_login(cast.reviewer)
    page = client.get(reverse("reviews:review", args=[review.pk]))
    assert page.status_code == 200
    assert reverse("filings:union", args=[cast.union.pk]) not in page.content.decode()


def test_who_decides_later_sees_what_was_asked_for_not_what_is_live_now(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer, cast.other_reviewer)
    Union.objects.filter(pk=cast.union.pk).update(leader="秘示例")
    assert "秘示例" not in str(RelocationKind().changes(Review.objects.get(pk=review.pk)))


def test_one_refusal_ends_it(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer)
    decide(review, decision="refused", opinion="本街道不接收。", by=cast.other_reviewer)
    review.refresh_from_db()
    assert review.state == "refused"
    assert Union.objects.get(pk=cast.union.pk).superior == cast.street
    assert cast.officer.notices.filter(title__contains="新江湾城街道工会退回").exists()
    with pytest.raises(Refused, match="不能重复审核"):
        approved(review, cast.reviewer)


def test_after_a_refusal_the_other_superior_no_longer_decides(cast):
    review = relocated(cast).review
    decide(review, decision="refused", opinion="本街道不接收。", by=cast.other_reviewer)
    with pytest.raises(Refused, match="已办结"):
        approved(review, cast.reviewer)


def test_it_can_be_withdrawn_until_the_last_decision(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer)
    withdraw(review, by=cast.officer)
    with pytest.raises(Refused, match="已撤回"):
        approved(review, cast.other_reviewer)
    assert Union.objects.get(pk=cast.union.pk).superior == cast.street


def test_it_cannot_be_withdrawn_after_the_last_decision(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer, cast.other_reviewer)
    with pytest.raises(Refused, match="不能重复审核"):
        withdraw(review, by=cast.officer)


def test_a_kind_offers_only_its_own_side(cast):
    assert target_entrance(cast.union, "within") == "district"
    assert target_entrance(cast.union, "across") == "bureau"
    assert target_entrance(cast.far, "within") == "bureau"
    assert target_entrance(cast.far, "across") == "district"


@pytest.mark.parametrize(
    ("way", "target"),
    [
        ("within", "company"),
        ("across", "other_street"),
        ("within", "district"),
        ("within", "city"),
        ("within", "neighbour"),
    ],
)
def test_a_target_of_another_kind_or_level_is_refused(cast, way, target):
    with pytest.raises(Refused, match=r"不是「.*转移」可以转入的上级工会"):
        relocated(cast, way, getattr(cast, target))
    assert not Relocation.objects.exists()


def test_the_superior_now_is_no_target(cast):
    with pytest.raises(Refused, match="现在就属于五角场镇工会"):
        relocated(cast, target=cast.street)


def test_another_open_request_keeps_it_back(cast):
    amended(cast)
    with pytest.raises(Refused, match="资料修改」正在等待上级工会审核"):
        relocated(cast)


def test_two_relocations_at_once_are_one(cast):
    relocated(cast)
    with pytest.raises(Refused, match="组织转移」正在等待"):
        relocated(cast)
    assert Relocation.objects.count() == 1


def test_an_import_in_work_keeps_it_back_and_the_last_approval_too(cast):
    review = relocated(cast).review
    approved(review, cast.reviewer)
    batch = Batch.objects.create(
        kind="members", union=cast.union, state="queued", filename="会员.xlsx", uploaded_by=cast.officer
    )
    assert checks_of(review)[0].level == "bad"
    with pytest.raises(Refused, match="正在处理"):
        approved(review, cast.other_reviewer)
    assert Step.objects.filter(review=review, open=True).count() == 1
    Batch.objects.filter(pk=batch.pk).update(state="done")
    approved(review, cast.other_reviewer)
    assert Union.objects.get(pk=cast.union.pk).superior == cast.other_street


def test_a_claim_that_waits_follows_to_the_new_superior(cast):
    claim = register_employer(cast.claimant, name=cast.union.employer.name, registered_id=None)
    approved(relocated(cast).review, cast.reviewer, cast.other_reviewer)
    with pytest.raises(Refused, match="不由您所在的工会审核"):
        approved(claim.review, cast.reviewer)
    approved(claim.review, cast.other_reviewer)


def test_a_reason_is_required(cast):
    with pytest.raises(Refused, match="请填写转移原因"):
        submit_relocation(cast.union, way="within", target=cast.other_street, reason=" ", by=cast.officer)


@pytest.mark.parametrize("who", ["neighbour_officer", "reviewer", "platform_admin", "claimant"])
def test_only_the_unions_own_officer_asks(cast, who):
    with pytest.raises(Refused, match="只有本工会的经办人"):
        submit_relocation(cast.union, way="within", target=cast.other_street, reason="搬迁", by=getattr(cast, who))


def test_the_receiving_superior_sees_the_request_but_not_the_union_before_it_approves(cast, client):
    review = relocated(cast).review
    client.force_login(cast.other_reviewer)
    page = client.get(reverse("reviews:review", args=[review.pk])).content.decode()
    assert "单位搬迁" in page
    assert reverse("filings:union", args=[cast.union.pk]) not in page
    assert client.get(reverse("filings:union", args=[cast.union.pk])).status_code == 404


def test_earlier_rounds_that_one_may_not_see_are_not_listed(cast, client):
    third = make_union(UnionKind.STREET, cast.district, name="殷行街道工会", area="殷行街道")
    first = relocated(cast, target=third).review
    decide(first, decision="refused", opinion="材料里有秘密。", by=make_user(third, Role.REVIEWER))
    second = relocated(cast).review
    client.force_login(cast.other_reviewer)
    assert "材料里有秘密" not in client.get(reverse("reviews:review", args=[second.pk])).content.decode()
    client.force_login(cast.officer)
    assert "材料里有秘密" in client.get(reverse("reviews:review", args=[second.pk])).content.decode()

"""The rules of drafting and submitting a filing, and what its decision does (SPEC 2.1, 2.2)."""

import pytest

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.filings.filing.actions import save_draft, submit_filing
from gonghui.filings.models import Filing
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import UnionState
from tests.factories import make_union, make_user, org_code
from tests.filings.stories import returned, submitted, values


def test_submitting_sends_the_filing_to_the_chosen_superior(cast):
    filing = submitted(cast)
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.PENDING
    assert [step.superior for step in filing.review.steps.all()] == [cast.street]
    assert cast.unfiled.superior is None, "nothing is live before the approval"
    assert Entry.objects.filter(verb="filing.submitted", union_id=cast.unfiled.pk, actor=cast.newcomer).exists()
    assert cast.reviewer.notices.filter(title__contains="上海新办餐饮有限公司").exists()
    assert not cast.viewer.notices.exists()


def test_approval_makes_the_particulars_live_and_numbers_the_union(cast):
    filing = submitted(cast)
    decide(filing.review, decision="approved", opinion="经核实，信息属实。", by=cast.reviewer)
    union = cast.unfiled
    union.refresh_from_db()
    assert (union.state, union.superior, union.level2) == (UnionState.APPROVED, cast.street, cast.district)
    assert union.number.startswith(cast.district.code)
    assert len(union.number) == 9
    assert union.employer.code == org_code(4321)
    assert union_details.unpack(union_details.current(union), union)["phone"] == "19900001234"
    assert cast.newcomer.notices.filter(title__contains="审核通过", body__contains="信息属实").exists()
    assert Entry.objects.filter(verb="filing.approved", object_id=union.pk, actor=cast.reviewer).exists()


def test_the_phone_is_sealed_in_every_table(cast):
    filing = submitted(cast)
    assert "19900001234" not in str(filing.values)
    assert "19900001234" not in str(filing.review.proposed)


def test_return_gives_the_filing_back_and_frees_the_code(cast):
    review = returned(cast)
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.RETURNED
    assert not Filing.objects.get(review=review).code_held
    assert cast.newcomer.notices.filter(title__contains="退回修改", body__contains="门牌号").exists()


def test_resubmission_opens_a_new_round_beside_the_old_one(cast):
    first = returned(cast)
    second = submitted(cast, address="示例路1号3楼").review
    assert (second.round, second.base) == (2, first.proposed)
    assert set(cast.unfiled.reviews.values_list("pk", flat=True)) == {first.pk, second.pk}


def test_withdrawal_makes_it_editable_again(cast):
    filing = submitted(cast)
    withdraw(filing.review, by=cast.newcomer)
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.UNFILED
    assert submitted(cast).review.round == 2


def test_withdrawal_of_a_resubmission_leaves_it_returned(cast):
    returned(cast)
    withdraw(submitted(cast).review, by=cast.newcomer)
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.RETURNED


def test_submitting_twice_is_refused(cast):
    submitted(cast)
    with pytest.raises(Refused, match="待审核"):
        submitted(cast)
    assert Review.objects.count() == 1


def test_an_approved_union_is_not_filed_again(cast):
    with pytest.raises(Refused, match="审核通过"):
        submit_filing(cast.union, entrance="district", values=values(cast), by=cast.officer)


@pytest.mark.parametrize("who", ["officer", "reviewer", "claimant", "platform_admin"])
def test_only_the_unions_own_officer_files(cast, who):
    with pytest.raises(Refused, match="权限"):
        submit_filing(cast.unfiled, entrance="district", values=values(cast), by=getattr(cast, who))
    with pytest.raises(Refused, match="权限"):
        save_draft(cast.unfiled, entrance="district", values={}, by=getattr(cast, who))


def test_a_disabled_officer_does_not_file(cast):
    cast.newcomer.is_active = False
    cast.newcomer.save()
    with pytest.raises(Refused):
        submitted(cast)


def test_code_of_an_approved_union_is_refused_with_the_way_out(cast):
    with pytest.raises(Refused, match="请向原经办人了解") as refusal:
        submitted(cast, code=cast.union.employer.code)
    assert refusal.value.field == "code"
    cast.unfiled.refresh_from_db()
    assert cast.unfiled.state == UnionState.UNFILED


def test_code_of_a_waiting_filing_is_refused(cast):
    submitted(cast)
    other = make_union(UnionKind.GRASSROOTS, None)
    with pytest.raises(Refused, match="已被平台上的另一家单位使用"):
        submit_filing(other, entrance="district", values=values(cast), by=make_user(other, Role.OFFICER))


def test_superior_must_be_of_the_entrances_kind(cast):
    with pytest.raises(Refused, match="填报入口"):
        submitted(cast, superior=cast.company)


def test_draft_keeps_what_was_typed_right_or_wrong(cast):
    save_draft(cast.unfiled, entrance="bureau", values={"code": "12", "phone": "199"}, by=cast.newcomer)
    filing = save_draft(cast.unfiled, entrance="bureau", values={"code": "123", "phone": "1990"}, by=cast.newcomer)
    assert Filing.objects.count() == 1
    assert union_details.unpack(filing.values, filing.union) == {"code": "123", "phone": "1990"}
    assert "1990" not in filing.values.get("phone", "")


def test_submitting_uses_up_the_draft(cast):
    save_draft(cast.unfiled, entrance="district", values={"code": "12"}, by=cast.newcomer)
    submitted(cast)
    assert not Filing.objects.filter(review=None).exists()

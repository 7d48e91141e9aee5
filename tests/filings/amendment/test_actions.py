"""「修改」: what is asked for waits beside what is live, and is checked against it again (SPEC 2.3)."""

import pytest

from gonghui.audit.models import Entry
from gonghui.filings.amendment.actions import returned_amendment, save_amendment_draft, submit_amendment
from gonghui.filings.amendment.review import AmendmentKind
from gonghui.filings.filing.form import AmendmentForm, FilingForm
from gonghui.filings.models import Amendment
from gonghui.kit.errors import Refused
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.kinds import checks_of
from gonghui.reviews.models import Review
from gonghui.unions import union_details
from gonghui.unions.models import Union
from tests.factories import make_user
from tests.filings.stories import amended, approved, changed


def test_the_form_offers_exactly_what_may_be_changed(cast):
    assert {*AmendmentForm().fields, *union_details.FIXED} == set(union_details.MANUAL)
    assert set(FilingForm(entrance="district").fields) == {*union_details.MANUAL, "level2"}


def test_the_old_values_stand_until_it_is_approved(cast):
    review = amended(cast, leader="赵示例", staff_count=120).review
    union = Union.objects.get(pk=cast.union.pk)
    assert (union.leader, union.staff_count, union.state) == ("", None, "approved")
    approved(review, cast.reviewer)
    union.refresh_from_db()
    assert (union.leader, union.staff_count) == ("赵示例", 120)
    assert union_details.unpack(union_details.current(union), union)["phone"] == "19900001234"
    assert Entry.objects.filter(verb="amendment.approved", actor=cast.reviewer, object_id=union.pk).exists()
    assert cast.officer.notices.filter(title__contains="修改已审核通过", body__contains="同意").exists()


def test_name_code_type_and_superior_stay(cast):
    before = {key: union_details.current(cast.union)[key] for key in union_details.FIXED}
    values = changed(cast) | {"employer_name": "别的单位", "code": "X", "superior": cast.other_street}
    approved(submit_amendment(cast.union, values=values, by=cast.officer).review, cast.reviewer)
    after = union_details.current(Union.objects.get(pk=cast.union.pk))
    assert {key: after[key] for key in union_details.FIXED} == before


def test_the_side_by_side_marks_what_differs_and_only_that(cast):
    approved(amended(cast).review, cast.reviewer)
    review = amended(cast, address="示例路2号", phone="19900004321").review
    differing = [change.label for change in AmendmentKind().changes(review) if change.differs]
    assert differing == ["单位地址", "联系电话"]
    assert "19900004321" not in str(review.proposed)


def test_a_phone_that_differs_only_under_its_mask_says_so(cast):
    approved(amended(cast, phone="19900001234").review, cast.reviewer)
    review = amended(cast, phone="19911111234").review
    (change,) = [change for change in AmendmentKind().changes(review) if change.differs]
    assert change.new == "199****1234（与原来不同）"


def test_nothing_changed_is_refused(cast):
    approved(amended(cast).review, cast.reviewer)
    with pytest.raises(Refused, match="完全相同"):
        amended(cast)
    assert Review.objects.filter(kind="amendment").count() == 1


def test_one_request_at_a_time(cast):
    amended(cast)
    with pytest.raises(Refused, match="正在审核"):
        amended(cast, leader="赵示例")
    assert Amendment.objects.count() == 1


def test_approval_is_refused_when_the_live_values_changed_meanwhile(cast):
    review = amended(cast).review
    Union.objects.filter(pk=cast.union.pk).update(leader="孙示例")
    assert checks_of(Review.objects.get(pk=review.pk))[0].level == "bad"
    with pytest.raises(Refused, match="工会负责人已有变化"):
        approved(review, cast.reviewer)
    review.refresh_from_db()
    assert review.state == "pending"
    assert Union.objects.get(pk=cast.union.pk).leader == "孙示例"


def test_a_return_leaves_the_old_values_and_is_where_the_next_one_begins(cast):
    amendment = amended(cast, leader="赵示例")
    decide(amendment.review, decision="refused", opinion="请附任命文件。", by=cast.reviewer)
    assert Union.objects.get(pk=cast.union.pk).leader == ""
    assert returned_amendment(cast.union) == amendment
    assert cast.officer.notices.filter(title__contains="被退回", body__contains="任命文件").exists()
    second = amended(cast, leader="赵示例")
    assert second.review.round == 2
    approved(second.review, cast.reviewer)
    assert returned_amendment(cast.union) is None
    assert amended(cast, leader="钱示例").review.round == 1


def test_a_withdrawal_leaves_everything(cast):
    review = amended(cast, leader="赵示例").review
    withdraw(review, by=cast.officer)
    assert Union.objects.get(pk=cast.union.pk).leader == ""
    with pytest.raises(Refused, match="已撤回"):
        approved(review, cast.reviewer)
    assert amended(cast).review.state == "pending"


def test_a_draft_is_kept_right_or_wrong_and_used_up(cast):
    save_amendment_draft(cast.union, values={"leader": "1", "phone": "199"}, by=cast.officer)
    draft = save_amendment_draft(cast.union, values={"leader": "12", "phone": "1990"}, by=cast.officer)
    assert Amendment.objects.get() == draft
    assert union_details.unpack(draft.values, draft.union) == {"leader": "12", "phone": "1990"}
    assert amended(cast).pk == draft.pk


@pytest.mark.parametrize("who", ["neighbour_officer", "reviewer", "platform_admin", "claimant", "newcomer"])
def test_only_the_unions_own_officer_amends(cast, who):
    with pytest.raises(Refused, match="只有本工会的经办人"):
        submit_amendment(cast.union, values=changed(cast), by=getattr(cast, who))
    assert not Amendment.objects.exists()


def test_an_officer_whose_account_was_disabled_meanwhile_does_not_amend(cast):
    type(cast.officer).objects.filter(pk=cast.officer.pk).update(is_active=False)
    with pytest.raises(Refused, match="只有本工会的经办人"):
        amended(cast)


def test_a_union_that_is_not_approved_is_filed_not_amended(cast):
    with pytest.raises(Refused, match="未填报"):
        submit_amendment(cast.unfiled, values=changed(cast), by=cast.newcomer)


def test_more_members_than_staff_asks_for_a_look(cast):
    Union.objects.filter(pk=cast.union.pk).update(member_count=500)
    review = amended(cast, staff_count=100).review
    levels = {check.text: check.level for check in checks_of(review)}
    assert levels["平台上有会员 500 人，多于职工人数 100 人，请核实"] == "look"


def test_a_colleague_may_withdraw_what_an_officer_asked(cast):
    colleague = make_user(cast.union)
    withdraw(amended(cast).review, by=colleague)
    assert Review.objects.get(kind="amendment").state == "withdrawn"

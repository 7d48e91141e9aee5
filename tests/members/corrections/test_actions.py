"""Name, document and birth date of a member with a card go to the superior's review (SPEC 3.8)."""

from datetime import date

import pytest
from django.urls import reverse

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.corrections.actions import withdraw_correction
from gonghui.members.memberships import move
from gonghui.members.models import Correction, Member
from gonghui.members.register.actions import add_member, edit_member, version_of
from gonghui.reviews import actions as reviews
from gonghui.reviews.actions import decide
from gonghui.reviews.kinds import checks_of, is_clean
from gonghui.reviews.models import Step
from tests.factories import make_user, resident_id
from tests.members.people import values

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(cast) -> Member:
    added = add_member(cast.union, values(1), by=cast.officer)
    Member.objects.filter(pk=added.pk).update(has_card=True)
    return live(added)


def live(member: Member) -> Member:
    return Member.objects.select_related("union").get(pk=member.pk)


def edited(member: Member, by, **changes):
    member = live(member)
    return edit_member(member, values(1)._replace(**changes), version=version_of(member), by=by)


def asked(cast, member: Member, **changes) -> Correction:
    edited(member, cast.officer, **(changes or {"name": "王改名"}))
    return Correction.objects.order_by("-pk").first()


def test_without_a_card_everything_changes_at_once(cast, member):
    Member.objects.update(has_card=False)
    assert edited(member, cast.officer, name="王改名") == (["name"], [])
    assert live(member).name == "王改名"


def test_what_the_card_shows_waits_and_the_rest_of_the_same_edit_is_saved(cast, member):
    assert edited(member, cast.officer, name="王改名", education="master") == (["education"], ["name"])
    current = live(member)
    assert (current.name, current.education, current.correction) == (values(1).name, "master", "pending")
    step = Step.objects.get(open=True)
    assert (step.superior, step.review.kind, step.review.exclusive) == (cast.street, "correction", False)
    assert cast.reviewer.notices.filter(title__contains="会员信息修改").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "王改名"},
        {"born_on": date(1990, 2, 3)},
        {"document_number": resident_id(5)},
        {"document_type": "passport", "document_number": "E12345678"},
    ],
)
def test_each_of_them_goes_to_review(cast, member, change):
    assert set(edited(member, cast.officer, **change).for_review) == set(change)


def test_the_sex_goes_along_with_the_number_that_tells_it(cast, member):
    other = "female" if member.sex == "male" else "male"
    assert edited(member, cast.officer, sex=other).at_once == ["sex"]
    assert "sex" in edited(member, cast.officer, sex=member.sex, document_number=resident_id(5)).for_review


def test_approved_it_takes_effect(cast, member):
    correction = asked(cast, member, name="王改名", document_number=resident_id(5))
    decide(correction.review, decision="approved", opinion="", by=cast.reviewer)
    current = live(member)
    assert (current.name, current.document_number, current.correction) == ("王改名", resident_id(5), "")
    assert Member.objects.get(document_hash=current.document_hash) == current
    assert cast.officer.notices.filter(title__contains="已审核通过").exists()
    assert Entry.objects.filter(verb="member.corrected", object_id=member.pk).exists()
    with pytest.raises(Refused, match="不能重复审核"):
        decide(correction.review, decision="approved", opinion="", by=cast.reviewer)


def test_returned_the_old_values_stand_and_the_officer_sees_why_and_sends_again(cast, member, client):
    correction = asked(cast, member)
    decide(correction.review, decision="refused", opinion="请附证件", by=cast.reviewer)
    assert (live(member).name, live(member).correction) == (values(1).name, "returned")
    client.force_login(cast.officer)
    page = client.get(reverse("members:view", args=[member.pk])).content.decode()
    assert "请附证件" in page
    assert "重新提交" in page
    again = client.get(reverse("members:edit", args=[member.pk]), {"again": 1})
    assert again.context["form"]["name"].value() == "王改名"
    assert asked(cast, member).review.round == 2
    assert live(member).correction == "pending"


def test_one_at_a_time_and_other_values_meanwhile(cast, member):
    asked(cast, member)
    with pytest.raises(Refused, match="正在等待上级工会审核"):
        edited(member, cast.officer, name="王又改")
    assert edited(member, cast.officer, education="master").at_once == ["education"]
    assert Correction.objects.count() == 1


def test_withdrawn_by_the_officer_only(cast, member):
    correction = asked(cast, member)
    with pytest.raises(Refused):
        withdraw_correction(member, by=cast.neighbour_officer)
    withdraw_correction(member, by=cast.officer)
    assert live(member).correction == ""
    with pytest.raises(Refused, match="没有正在审核的修改"):
        withdraw_correction(member, by=cast.officer)
    with pytest.raises(Refused, match="已撤回"):
        decide(correction.review, decision="approved", opinion="", by=cast.reviewer)


def test_a_document_of_somebody_else_is_refused_when_asked_for_and_when_approved(cast, member):
    other = add_member(cast.union, values(2), by=cast.officer)
    with pytest.raises(Refused, match="属于本工会的另一名会员"):
        edited(member, cast.officer, document_number=other.document_number)
    correction = asked(cast, member, document_number=resident_id(5))
    add_member(cast.neighbour, values(3)._replace(document_number=resident_id(5)), by=cast.neighbour_officer)
    assert [check.level for check in checks_of(correction.review)] == ["ok", "bad"]
    with pytest.raises(Refused, match="另一名会员"):
        decide(correction.review, decision="approved", opinion="", by=cast.reviewer)
    assert live(member).correction == "pending"


def test_what_has_changed_since_is_not_approved(cast, member):
    correction = asked(cast, member)
    Member.objects.filter(pk=member.pk).update(name="王他改")
    with pytest.raises(Refused, match="已有变化"):
        decide(correction.review, decision="approved", opinion="", by=cast.reviewer)


def test_who_moves_takes_no_correction_along(cast, member):
    correction = asked(cast, member)
    move([member.pk], to=cast.neighbour, reason="transferred")
    assert live(member).correction == ""
    correction.review.refresh_from_db()
    assert (correction.review.state, correction.review.steps.filter(open=True).exists()) == ("withdrawn", False)


def test_another_superior_does_not_decide(cast, member):
    with pytest.raises(Refused):
        decide(asked(cast, member).review, decision="approved", opinion="", by=cast.other_reviewer)


def test_a_name_without_a_common_character_asks_for_a_look(cast, member):
    assert not is_clean(asked(cast, member, name="赵完全").review)


def test_numbers_are_sealed_masked_and_shown_in_full_by_a_recorded_look(cast, member, client):
    correction = asked(cast, member, document_number=resident_id(5))
    assert resident_id(5).encode() not in bytes(correction.proposed_sealed)
    assert correction.review.proposed == correction.review.base == {}
    client.force_login(cast.reviewer)
    page = reverse("reviews:review", args=[correction.review.pk])
    assert resident_id(5) not in client.get(page).content.decode()
    full = client.post(reverse("reviews:reveal", args=[correction.review.pk])).content.decode()
    assert resident_id(5) in full
    assert Entry.objects.filter(verb="review.revealed", actor_id=cast.reviewer.pk).exists()
    with pytest.raises(Refused, match="审核这项申请的人"):
        reviews.reveal(correction.review, by=make_user(cast.street, "viewer"))
    with pytest.raises(Refused):
        reviews.reveal(correction.review, by=cast.officer)


def test_the_list_the_versions_and_the_page_tell_how_it_stands(cast, member, client):
    asked(cast, member)
    client.force_login(cast.officer)
    assert "待审核" in client.get(reverse("members:list")).content.decode()
    versions = client.get(reverse("members:versions", args=[member.pk])).content.decode()
    assert "提交审核的修改" in versions
    assert "王改名" in versions
    form = reverse("members:edit", args=[member.pk])
    assert "审核结束以前这几项不能再改" in client.get(form).text, "before somebody types in vain"
    page = client.post(reverse("members:withdraw", args=[member.pk]), follow=True).content.decode()
    assert "已撤回修改申请" in page
    assert "审核结束以前" not in client.get(form).text


def test_two_members_of_a_union_wait_side_by_side(cast, member):
    other = add_member(cast.union, values(2), by=cast.officer)
    Member.objects.filter(pk=other.pk).update(has_card=True)
    other = live(other)
    edit_member(other, values(2)._replace(name="李改名"), version=version_of(other), by=cast.officer)
    asked(cast, member)
    assert Step.objects.filter(open=True, superior=cast.street).count() == 2

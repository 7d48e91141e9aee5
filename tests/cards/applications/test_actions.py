"""「申请办卡」 (SPEC 4.1, 4.2): all or nothing, foreigners separately, one batch a day; and withdrawing members."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.cards.applications.actions import MAX_BATCH_MEMBERS, agree_name, disagree, submit_batches, withdraw_members
from gonghui.cards.applications.preflight import examine
from gonghui.cards.models import AgreedName, Application, Batch, UnionCode
from gonghui.kit.errors import Refused
from gonghui.members.fields import MemberValues
from gonghui.members.models import Member
from gonghui.members.register.actions import edit_member, version_of
from gonghui.members.register.forms import values_of
from gonghui.reviews.actions import decide, withdraw
from gonghui.reviews.models import ReviewState
from gonghui.transfers.departures.actions import release
from tests.cards.stories import approved, coded, only, submitted
from tests.factories import live, make_member
from tests.transfers.stories import agreed, requested

pytestmark = pytest.mark.django_db


def foreigner(cast, agreed_name: str = "E MARCHE") -> Member:
    number = f"X{Member.objects.count():08}"
    member = make_member(cast.union, name="Elena Marchetti", document_type="passport", number=number)
    agree_name(member, agreed_name, by=cast.officer)
    return member


def refused(cast, ids, **more) -> str:
    with pytest.raises(Refused) as refusal:
        submit_batches(cast.union, ids, by=more.pop("by", cast.officer), **more)
    return refusal.value.sentence


def test_a_batch_goes_to_the_superior_and_is_recorded(cast):
    members = [make_member(cast.union) for _ in range(3)]
    batch = submitted(cast, *members)
    assert (batch.state, batch.count, batch.day, batch.foreign) == ("pending", 3, localdate(), False)
    assert batch.review.steps.get().superior == cast.street
    assert {application.member for application in batch.applications.all()} == set(members)
    assert cast.reviewer.notices.filter(title__contains="会员服务卡待审核").exists()
    assert Entry.objects.filter(verb="cardbatch.submitted", object_id=batch.pk, actor=cast.officer).exists()


def test_foreigners_are_put_in_their_own_batch(cast):
    coded(cast.union, cast.officer)
    ids = [make_member(cast.union).pk, foreigner(cast).pk, make_member(cast.union).pk]
    residents, foreigners = submit_batches(cast.union, ids, by=cast.officer)
    assert (residents.foreign, residents.count, str(residents)) == (False, 2, f"{localdate()} 新办")
    assert (foreigners.foreign, foreigners.count, str(foreigners)) == (True, 1, f"{localdate()} 外籍人士新办")
    assert only(foreigners).printed_name == "E MARCHE"


def test_nobody_and_more_than_a_batch_takes_are_refused(cast):
    coded(cast.union, cast.officer)
    assert "还没有选中会员" in refused(cast, [])
    assert "一个批次最多 2,000 人，现在选中 5,000 人" in refused(cast, range(1, 5_001))
    assert MAX_BATCH_MEMBERS == 2_000
    assert not Batch.objects.exists()


def test_a_member_just_transferred_is_refused_and_nothing_is_half_taken(cast):
    coded(cast.union, cast.officer)
    former, stays = make_member(cast.union, name="王离开"), make_member(cast.union)
    agreed(requested(cast, former), by=cast.officer)
    sentence = refused(cast, [former.pk, stays.pk])
    assert "1 人已不在本工会（可能刚刚转出），没有提交" in sentence
    assert "王离开" not in sentence  # the name of another union's member is not disclosed
    assert not Application.objects.exists()


def test_one_member_who_does_not_pass_keeps_the_whole_back_by_name(cast):
    coded(cast.union, cast.officer)
    good, bad = make_member(cast.union), make_member(cast.union, name="李远", address="路" * 41)
    assert "李远：联系地址不能超过40个字符" in refused(cast, [good.pk, bad.pk])
    assert not Application.objects.exists()


def test_without_a_code_the_way_is_told(cast):
    assert "先填写并保存 9 位工会组织机构代码" in refused(cast, [make_member(cast.union).pk])


def test_only_an_officer_of_the_approved_union_asks(cast):
    coded(cast.union, cast.officer)
    member = make_member(cast.union)
    for by in (cast.neighbour_officer, cast.reviewer, cast.platform_admin):
        assert "经办人" in refused(cast, [member.pk], by=by)
    cast.officer.roles = [Role.VIEWER]
    cast.officer.save()
    assert "经办人" in refused(cast, [member.pk])


def test_one_batch_a_day_and_the_next_free_day_is_told(cast):
    submitted(cast)
    tomorrow = localdate() + timedelta(days=1)
    sentence = refused(cast, [make_member(cast.union).pk])
    assert "已有一个其他会员的新办批次，一天只能添加一个批次" in sentence
    assert f"下一个可以申请的日子是 {tomorrow}" in sentence
    submit_batches(cast.union, [foreigner(cast).pk], by=cast.officer)  # of the other kind
    assert "已有一个外籍人士新办批次" in refused(cast, [foreigner(cast).pk])


def test_residents_and_foreigners_together_are_refused_together(cast):
    submitted(cast)
    refused(cast, [make_member(cast.union).pk, foreigner(cast).pk])
    assert Batch.objects.count() == 1


def test_the_database_itself_allows_one_batch_a_day(cast):
    batch = submitted(cast)
    values = {"union": cast.union, "count": 1, "code": batch.code, "created_by": cast.officer}
    with pytest.raises(IntegrityError, match="card_batch_one_a_day"), transaction.atomic():
        Batch.objects.create(**values)
    Batch.objects.create(**values, day=localdate() - timedelta(days=1))
    Batch.objects.create(**values, foreign=True)
    Batch.objects.create(**values, purpose="loss")
    Batch.objects.create(**values, purpose="loss")  # a loss does not wait for tomorrow


def test_a_batch_that_came_back_as_a_whole_does_not_count(cast):
    batch = submitted(cast)
    decide(batch.review, decision="refused", opinion="人员有误", by=cast.reviewer)
    second = submitted(cast, only(batch).member)
    withdraw(second.review, by=cast.officer)
    assert submitted(cast, only(batch).member).state == "pending"


def test_the_database_itself_keeps_a_member_in_one_batch(cast):
    batch = submitted(cast)
    other = Batch.objects.create(union=cast.union, count=1, code=batch.code, created_by=cast.officer, foreign=True)
    with pytest.raises(IntegrityError, match="card_application_one_open"), transaction.atomic():
        other.applications.create(member=only(batch).member, purpose="new", printed_name="王", seen=b"")


def test_many_members_cost_as_many_statements_as_few(cast):
    coded(cast.union, cast.officer)
    counts = []
    for size in (3, 60):
        members = [make_member(cast.union).pk for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            (batch,) = submit_batches(cast.union, members, by=cast.officer)
        counts.append(len(queries))
        withdraw(batch.review, by=cast.officer)
    assert counts[0] == counts[1]


# Withdrawing


def test_members_are_taken_out_until_they_are_gathered_and_the_rest_goes_on(cast):
    members = [make_member(cast.union) for _ in range(3)]
    batch = submitted(cast, *members)
    first, second, _ = batch.applications.order_by("pk")
    assert withdraw_members(batch, [first.pk], by=cast.officer) == 1
    decide(batch.review, decision="approved", opinion="", by=cast.reviewer)
    assert withdraw_members(batch, [second.pk], by=cast.officer) == 1
    assert [application.state for application in batch.applications.order_by("pk")] == [
        "withdrawn",
        "withdrawn",
        "approved",
    ]
    assert live(batch).state == "approved"


def test_when_all_are_taken_out_the_review_waits_no_more(cast):
    batch = submitted(cast)
    withdraw_members(batch, [only(batch).pk], by=cast.officer)
    assert (live(batch).state, live(batch.review).state) == ("withdrawn", ReviewState.WITHDRAWN)
    with pytest.raises(Refused, match="没有可以这样办理的会员"):
        withdraw_members(batch, [only(batch).pk], by=cast.officer)


def test_another_unions_officer_takes_nobody_out(cast):
    batch = submitted(cast)
    with pytest.raises(Refused, match="经办人"):
        withdraw_members(batch, [only(batch).pk], by=cast.neighbour_officer)


def test_who_leaves_in_spite_of_all_is_in_no_batch_any_more(cast):
    from gonghui.members.memberships import move

    stays = make_member(cast.union)
    leaver = make_member(cast.union)
    batch = submitted(cast, stays, leaver)
    move([leaver.pk], to=None, reason="resigned")
    states = dict(batch.applications.values_list("member", "state"))
    assert states == {stays.pk: "pending", leaver.pk: "withdrawn"}


# The card's data, and the member's union, do not change in production


def edit(member: Member, by, **changes):
    values = MemberValues(**values_of(member))._replace(**changes)
    return edit_member(member, values, version=version_of(member), by=by)


def test_what_the_card_shows_does_not_change_while_it_is_made(cast):
    member = make_member(cast.union)
    batch = approved(cast, member)
    with pytest.raises(Refused, match="会员服务卡正在办理") as refusal:
        edit(live(member), cast.officer, name="王改名")
    assert refusal.value.field == "name"
    assert edit(live(member), cast.officer, address="杨浦区新路2号").at_once == ["address"]
    withdraw_members(batch, [only(batch).pk], by=cast.officer)
    assert edit(live(member), cast.officer, name="王改名").at_once == ["name"]


def test_nobody_leaves_the_union_while_the_card_is_made(cast):
    member = make_member(cast.union)
    approved(cast, member)
    outcome = release(cast.union, [member.pk], to=None, reason="resigned", note="", by=cast.officer)
    assert "正在办理会员服务卡" in "".join(outcome.remarks())
    assert live(cast.union).member_count == 1


# Agreed names


def test_an_agreed_name_is_saved_changed_and_recorded(cast):
    member = make_member(cast.union, name="王喆")
    agree_name(member, "王折", by=cast.officer)
    agree_name(member, "王哲", by=cast.officer)
    assert (AgreedName.objects.get().name, AgreedName.objects.get().for_name) == ("王哲", "王喆")
    assert Entry.objects.filter(verb="card.name_agreed", data__agreed="王哲").exists()


def test_a_name_of_common_characters_is_special_by_the_officers_choice(cast):
    member = make_member(cast.union, name="王小明")
    with pytest.raises(Refused, match="读音不同"):
        agree_name(member, "王明明", by=cast.officer)
    with pytest.raises(Refused, match="与姓名相同"):
        agree_name(member, "王小明", by=cast.officer)
    agree_name(member, "王晓明", by=cast.officer)
    checked = examine([member])[member.pk]
    assert (checked.special, checked.by_choice, checked.printed_name) == (True, True, "王晓明")
    disagree(member, by=cast.officer)
    assert not examine([member])[member.pk].special
    disagree(member, by=cast.officer)  # once more changes nothing
    assert Entry.objects.filter(verb="card.name_dropped").count() == 1


def test_a_name_that_must_be_agreed_stays_so_and_others_drop_none(cast):
    member = make_member(cast.union, name="王喆")
    agree_name(member, "王哲", by=cast.officer)
    with pytest.raises(Refused, match="必须有约定姓名"):
        disagree(member, by=cast.officer)
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused, match="经办人"):
            disagree(member, by=by)
    assert AgreedName.objects.exists()


def test_an_agreed_name_is_not_changed_while_the_card_is_made_nor_by_others(cast):
    member = make_member(cast.union, name="王喆")
    agree_name(member, "王哲", by=cast.officer)
    submitted(cast, member)
    with pytest.raises(Refused, match="正在办理，约定姓名不能修改"):
        agree_name(member, "王折", by=cast.officer)
    for by in (cast.neighbour_officer, cast.reviewer):
        with pytest.raises(Refused, match="经办人"):
            agree_name(member, "王折", by=by)
    assert UnionCode.objects.count() == 1

"""「撤销」 at once and by a typed confirmation, and the city's restoration within 30 days (SPEC 2.5)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gonghui.audit.models import Entry
from gonghui.filings.dissolution.actions import dissolve_union, find_heir, impact_of, restore_union
from gonghui.filings.models import Dissolution
from gonghui.filings.registration.actions import register_employer
from gonghui.imports.models import Batch
from gonghui.kit.errors import Refused
from gonghui.members.memberships import not_restored
from gonghui.members.models import Member, Membership
from gonghui.members.register.actions import add_member
from gonghui.unions.levels import UnionKind
from gonghui.unions.models import Employer, Union
from tests.factories import live, make_member, make_union, make_user
from tests.filings.stories import amended, approved, dissolved, submitted
from tests.members.people import values


def restored(cast, dissolution: Dissolution) -> Dissolution:
    return restore_union(dissolution, reason="误操作", by=cast.platform_admin)


def test_closing_leaves_the_members_in_no_union(cast):
    member = make_member(cast.union)
    dissolution = dissolved(cast)
    member.refresh_from_db()
    assert (member.union, member.status) == (None, "unattached")
    stay, after = member.memberships.order_by("pk")
    assert (after.union, after.previous, after.began_on, after.ended_on) == (None, stay, stay.ended_on, None)
    assert (stay.ended_on, stay.ended_by, stay.ended_act) == (timezone.localdate(), "dissolved", dissolution.act)
    assert (live(cast.union).state, live(cast.union).member_count, dissolution.member_count) == ("dissolved", 0, 1)
    assert Entry.objects.filter(verb="union.dissolved", actor=cast.officer, object_id=cast.union.pk).exists()


def test_merging_takes_the_members_along_with_number_and_history(cast):
    member, number = make_member(cast.union), None
    number = member.number
    make_member(cast.neighbour)
    dissolved(cast, "merged", cast.neighbour)
    member.refresh_from_db()
    assert (member.union, member.status, member.number) == (cast.neighbour, "normal", number)
    assert [(stay.union, stay.began_by, stay.ended_by) for stay in member.memberships.order_by("pk")] == [
        (cast.union, "added", "merged"),
        (cast.neighbour, "merged", None),
    ]
    assert (live(cast.union).member_count, live(cast.neighbour).member_count) == (0, 2)
    assert cast.neighbour_officer.notices.filter(title__contains="已合并到本工会", body__contains="1 人").exists()
    assert cast.reviewer.notices.filter(title__contains="已撤销").exists()


def test_no_review_is_asked_for(cast):
    dissolved(cast, "left_city")
    assert not cast.union.reviews.exists()


def test_the_typed_number_must_be_the_unions(cast):
    with pytest.raises(Refused, match="不一致") as refusal:
        dissolve_union(cast.union, way="closed", into=None, reason="注销", confirmed="123", by=cast.officer)
    assert refusal.value.field == "confirmed"
    assert live(cast.union).state == "approved"


def test_a_reason_is_required(cast):
    with pytest.raises(Refused, match="请填写撤销原因"):
        dissolve_union(cast.union, way="closed", into=None, reason=" ", confirmed=cast.union.number, by=cast.officer)


def test_the_second_time_is_refused(cast):
    dissolved(cast)
    with pytest.raises(Refused, match="已撤销"):
        dissolved(cast)
    assert Dissolution.objects.count() == 1


def test_what_is_under_way_keeps_it_back(cast):
    amended(cast)
    with pytest.raises(Refused, match="资料修改」正在等待"):
        dissolved(cast)
    assert [blocker.text for blocker in impact_of(cast.union).blockers] == ["「资料修改」正在等待上级工会审核"]


def test_an_import_in_work_keeps_it_back(cast):
    Batch.objects.create(kind="members", union=cast.union, state="queued", filename="会员", uploaded_by=cast.officer)
    with pytest.raises(Refused, match="正在处理"):
        dissolved(cast)


def test_the_impact_counts_members_and_cards(cast):
    make_member(cast.union, has_card=True)
    make_member(cast.union)
    impact = impact_of(live(cast.union))
    assert (impact.members, impact.cards, impact.blockers) == (2, 1, [])


@pytest.mark.parametrize("key", ["number", "name", "employer", "code"])
def test_the_heir_is_found_by_number_full_name_or_code(cast, key):
    heir = cast.neighbour
    text = {"number": heir.number, "name": heir.name, "employer": heir.employer.name, "code": heir.employer.code}[key]
    assert find_heir(cast.union, f" {text} ") == heir


def test_there_is_no_heir_by_a_part_of_its_name_of_itself_or_of_one_that_is_not_approved(cast):
    for text in ("邻家", "", "上海新办餐饮有限公司", "五角场镇工会"):
        with pytest.raises(Refused, match="没有找到"):
            find_heir(cast.union, text)
    with pytest.raises(Refused, match="不能合并到本工会自己"):
        find_heir(cast.union, cast.union.number)


def test_merging_into_oneself_nobody_or_a_dissolved_union_is_refused(cast):
    with pytest.raises(Refused, match="本工会自己"):
        dissolved(cast, "merged", cast.union)
    with pytest.raises(Refused, match="合并到哪一家"):
        dissolved(cast, "merged", None)
    with pytest.raises(Refused, match="请填写一家审核通过的基层工会"):
        dissolved(cast, "merged", cast.street)
    Union.objects.filter(pk=cast.neighbour.pk).update(state="dissolved")
    with pytest.raises(Refused, match="已撤销"):
        dissolved(cast, "merged", cast.neighbour)
    assert not Dissolution.objects.exists()


def test_the_database_refuses_a_merger_into_itself(cast):
    wrong = Dissolution(
        union=cast.union, way="merged", into=cast.union, reason="x", member_count=0, dissolved_by=cast.officer,
        act="00000000-0000-0000-0000-000000000000",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="dissolution_not_into_itself"), transaction.atomic():
        wrong.save()


@pytest.mark.parametrize("who", ["neighbour_officer", "reviewer", "platform_admin", "claimant"])
def test_only_the_unions_own_officer_dissolves(cast, who):
    with pytest.raises(Refused, match="只有本工会的经办人"):
        dissolve_union(cast.union, way="closed", into=None, reason="x", confirmed="x", by=getattr(cast, who))


def test_the_code_is_free_again_and_the_employer_may_file_anew(cast):
    code = cast.union.employer.code
    dissolved(cast)
    approved(submitted(cast, code=code).review, cast.reviewer)
    assert Employer.objects.get(code=code).union == cast.unfiled
    assert Employer.objects.get(union=cast.union).former_code == code


def test_restoring_brings_union_code_and_members_back(cast):
    member, code = make_member(cast.union), cast.union.employer.code
    dissolution = restored(cast, dissolved(cast))
    member.refresh_from_db()
    assert (member.union, member.status, live(cast.union).member_count) == (cast.union, "normal", 1)
    assert (live(cast.union).state, Employer.objects.get(union=cast.union).code) == ("approved", code)
    assert [(stay.began_by, stay.ended_by) for stay in member.memberships.order_by("pk")] == [
        ("added", "dissolved"),
        ("dissolved", "restored"),
        ("restored", None),
    ]
    assert (dissolution.restored_count, dissolution.restored_by) == (1, cast.platform_admin)
    assert cast.officer.notices.filter(title__contains="已由上海市总工会恢复").exists()


def test_restoring_a_merged_union_takes_its_members_out_again_and_leaves_the_others(cast):
    mine, theirs = make_member(cast.union), make_member(cast.neighbour)
    restored(cast, dissolved(cast, "merged", cast.neighbour))
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.union, theirs.union) == (cast.union, cast.neighbour)
    assert (live(cast.union).member_count, live(cast.neighbour).member_count) == (1, 1)


def test_who_has_gone_elsewhere_stays_there_and_is_named(cast):
    add_member(cast.union, values(1), by=cast.officer)
    gone, back = Member.objects.get(union=cast.union), make_member(cast.union)
    dissolution = dissolved(cast)
    add_member(cast.neighbour, values(1), by=cast.neighbour_officer)
    assert [stay.member for stay in not_restored(dissolution.act)] == [gone]
    dissolution = restored(cast, dissolution)
    gone.refresh_from_db()
    back.refresh_from_db()
    assert (gone.union, back.union) == (cast.neighbour, cast.union)
    assert dissolution.restored_count == 1
    assert [stay.member for stay in not_restored(dissolution.act, dissolution.restore_act)] == [gone]
    assert (live(cast.union).member_count, live(cast.neighbour).member_count) == (1, 1)


def test_a_merger_into_one_that_merged_on_leaves_the_members_where_they_are(cast):
    member = make_member(cast.union)
    first = dissolved(cast, "merged", cast.neighbour)
    dissolve_union(
        cast.neighbour, way="merged", into=cast.far, reason="再次合并", confirmed=cast.neighbour.number,
        by=cast.neighbour_officer,
    )  # fmt: skip
    assert restored(cast, first).restored_count == 0
    member.refresh_from_db()
    assert member.union == cast.far


def test_a_second_life_can_end_and_be_restored_again(cast):
    member = make_member(cast.union)
    for _ in range(2):
        restored(cast, dissolved(cast))
    member.refresh_from_db()
    assert member.union == cast.union
    assert member.memberships.count() == 5
    assert Membership.objects.filter(member=member, ended_on=None).count() == 1


def test_after_thirty_days_it_is_too_late(cast):
    dissolution = dissolved(cast)
    Dissolution.objects.filter(pk=dissolution.pk).update(dissolved_at=timezone.now() - timedelta(days=29, hours=23))
    dissolution.refresh_from_db()
    assert dissolution.restorable_days == 1
    Dissolution.objects.filter(pk=dissolution.pk).update(dissolved_at=timezone.now() - timedelta(days=30, minutes=1))
    with pytest.raises(Refused, match="已超过 30 天"):
        restored(cast, dissolution)
    assert live(cast.union).state == "dissolved"


def test_restoring_twice_is_refused(cast):
    dissolution = dissolved(cast)
    restored(cast, dissolution)
    with pytest.raises(Refused, match="已由 市总平台管理员 恢复"):
        restored(cast, dissolution)


@pytest.mark.parametrize("who", ["officer", "reviewer", "district_admin", "bureau_admin", "neighbour_officer"])
def test_only_the_citys_platform_administrators_restore(cast, who):
    dissolution = dissolved(cast)
    with pytest.raises(Refused, match="只有市总工会的平台管理员"):
        restore_union(dissolution, reason="x", by=getattr(cast, who))


def test_a_code_that_another_union_uses_by_now_keeps_it_dissolved(cast):
    code = cast.union.employer.code
    dissolution = dissolved(cast)
    submitted(cast, code=code)
    with pytest.raises(Refused, match="正在填报的单位使用"):
        restored(cast, dissolution)
    approved(cast.unfiled.reviews.get(), cast.reviewer)
    with pytest.raises(Refused, match="已由上海新办餐饮有限公司工会使用"):
        restored(cast, dissolution)
    assert live(cast.union).state == "dissolved"


def test_a_newcomer_of_a_dissolved_unions_employer_registers_anew(cast):
    dissolved(cast)
    union = register_employer(cast.claimant, name=cast.union.employer.name, registered_id=None)
    assert isinstance(union, Union)
    assert union.state == "unfiled"


def test_many_members_move_with_as_many_statements_as_few(cast):
    query_counts = []
    for count in (2, 30):
        union = make_union(UnionKind.GRASSROOTS, cast.street)
        officer = make_user(union)
        for _ in range(count):
            make_member(union)
        with CaptureQueriesContext(connection) as queries:
            end = dissolve_union(union, way="merged", into=cast.far, reason="x", confirmed=union.number, by=officer)
            restored(cast, end)
        query_counts.append(len(queries))
    assert query_counts[0] == query_counts[1]


def test_a_stay_that_began_today_may_end_today(cast):
    make_member(cast.union)
    dissolved(cast)
    stay = Membership.objects.get(union=cast.union)
    assert stay.began_on == stay.ended_on == timezone.localdate() >= date(2026, 1, 1)

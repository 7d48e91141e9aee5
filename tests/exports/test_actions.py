"""Full numbers leave by one door: who approves, who has the sheet, who calls it back (SPEC 5.5)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.audit.queries import looks_at
from gonghui.exports import actions, building, queries
from gonghui.exports.models import Export, ExportState, File
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.queries import Filters
from gonghui.notices.models import Notice
from tests.exports.stories import PURPOSE, approved, asked, built, colleague, lines, pending, ready
from tests.factories import live, make_member, make_user
from tests.policies.stories import ruled
from tests.states import put

pytestmark = pytest.mark.django_db


def titles(user: User) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


# Asking


def test_up_to_some_rows_one_alone_is_enough_and_above_a_second_person_is_asked(cast):
    ruled(cast, export_alone_rows=2)
    for _ in range(2):
        make_member(cast.union)
    export = asked(cast.officer)
    assert (export.state, export.second, export.decides) == (ExportState.BUILDING, False, None)
    actions.recall(export, by=cast.officer)
    make_member(cast.union)
    export = asked(cast.officer)
    assert (export.state, export.second, export.total) == (ExportState.PENDING, True, 3)


def test_a_district_may_ask_for_a_second_person_earlier_than_the_city(cast):
    ruled(cast, "district_admin", export_alone_rows=1)
    for union in (cast.union, cast.union, cast.far, cast.far):
        make_member(union)
    assert asked(cast.officer).second
    assert not asked(cast.far_officer).second


def test_masked_numbers_need_nobody_else_and_no_purpose(cast):
    ruled(cast, export_alone_rows=1)
    for _ in range(2):
        make_member(cast.union)
    assert asked(cast.officer, full=False, purpose="").state == ExportState.BUILDING


def test_a_second_officer_of_the_union_is_asked_before_its_superior(cast):
    second = colleague(cast)
    export = pending(cast)
    assert export.decides == cast.union
    assert titles(second) == ["示例经办人申请导出会员名单，请您批准"]
    assert titles(cast.reviewer) == []


def test_where_there_is_one_officer_only_the_superior_is_asked(cast):
    export = pending(cast)
    assert export.decides == cast.street
    assert titles(cast.reviewer) == ["示例经办人申请导出会员名单，请您批准"]
    assert titles(cast.viewer) == [], "who only looks approves nothing"


def test_a_superior_without_anybody_who_could_is_passed_over(cast):
    User.objects.filter(pk=cast.reviewer.pk).update(is_active=False)
    assert pending(cast).decides == cast.district


def test_the_city_with_one_account_has_nobody_who_could_approve(cast):
    with pytest.raises(Refused, match=r"须由另一位同事批准.*请先由管理员增加账号"):
        pending(cast, by=cast.platform_admin)
    assert not Export.objects.exists()


@pytest.mark.parametrize("purpose", ["", " 报 ", "长" * 201])
def test_full_numbers_leave_for_a_purpose(cast, purpose):
    make_member(cast.union)
    with pytest.raises(Refused, match="请填写导出的用途") as refused:
        asked(cast.officer, purpose=purpose)
    assert refused.value.field == "purpose"


def test_asking_is_recorded_with_what_and_why_and_without_a_number(cast):
    export = pending(cast)
    entry = Entry.objects.get(verb="export.asked")
    assert entry.data["purpose"] == PURPOSE
    assert (entry.data["rows"], entry.data["full"], entry.data["second"]) == (2, True, True)
    assert "证件号码" in entry.data["columns"]
    assert Member.objects.first().document_number not in str(entry.data)
    assert entry.object_id == export.pk


def test_what_was_searched_for_is_sealed_and_told_to_who_decides(cast):
    ruled(cast, export_alone_rows=1)
    for _ in range(2):
        make_member(cast.union, name="罕见名")
    export = asked(cast.officer, q=Filters(name="罕见名").token(cast.officer))
    assert "罕见名".encode() not in bytes(live(export).what_sealed)
    assert live(export).told["conditions"] == [["姓名", "罕见名"]]


def test_one_list_of_a_kind_is_under_way_at_a_time(cast):
    pending(cast)
    with pytest.raises(Refused, match=r"另一份“会员名单”正在等待批准或正在生成.*先收回它"):
        asked(cast.officer)
    assert Export.objects.count() == 1


def test_what_is_out_of_scope_is_not_in_it(cast):
    make_member(cast.union)
    make_member(cast.neighbour)
    with pytest.raises(Refused, match="已不在您的管辖范围内"):
        asked(cast.officer, union=cast.neighbour.pk)
    assert asked(cast.officer).total == 1


# Deciding


def test_an_approval_is_recorded_begins_the_job_and_is_told(cast):
    second = colleague(cast)
    export = approved(pending(cast), second)
    assert (export.state, export.decided_by) == (ExportState.BUILDING, second)
    assert Entry.objects.get(verb="export.approved").actor == second
    assert titles(cast.officer) == ["导出会员名单已批准，正在生成"]
    assert not Notice.objects.filter(user=second, read_at=None).exists()


def test_a_refusal_has_a_reason_which_is_told(cast):
    second = colleague(cast)
    export = pending(cast)
    with pytest.raises(Refused, match="请填写不批准的原因") as refused:
        actions.decide(export, approved=False, opinion=" ", by=second)
    assert refused.value.field == "opinion"
    actions.decide(export, approved=False, opinion="范围太大", by=second)
    assert live(export).state == ExportState.REFUSED
    assert "范围太大" in Notice.objects.get(user=cast.officer).body


def test_nobody_approves_his_own(cast):
    colleague(cast)
    export = pending(cast)
    with pytest.raises(Refused, match="您自己申请的导出"):
        actions.decide(export, approved=True, rows=2, by=cast.officer)
    assert live(export).state == ExportState.PENDING


def test_nor_does_the_database_let_anybody(cast):
    export = pending(cast)
    own = {"decided_by": cast.officer, "decided_at": timezone.now(), "state": ExportState.BUILDING}
    for values, constraint in (
        (own, "export_not_approved_by_oneself"),
        ({"state": ExportState.BUILDING}, "export_approved_by_a_second_person"),
    ):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Export.objects.filter(pk=export.pk).update(**values)


@pytest.mark.parametrize("who", ["viewer", "district_admin", "neighbour_officer", "other_reviewer", "platform_admin"])
def test_only_the_union_that_was_asked_decides(cast, who):
    export = pending(cast)
    with pytest.raises(Refused, match="只有被请求批准的工会"):
        actions.decide(export, approved=True, rows=2, by=getattr(cast, who))
    assert live(export).state == ExportState.PENDING


def test_a_second_decision_names_the_first(cast):
    second = colleague(cast)
    export = approved(pending(cast), second)
    for yes in (True, False):
        with pytest.raises(Refused, match=r"已由第二经办人于 \d{4}.* 批准，没有重复办理"):
            actions.decide(export, approved=yes, opinion="再看看", rows=2, by=second)


def test_what_was_called_back_is_not_approved(cast):
    second = colleague(cast)
    export = pending(cast)
    actions.recall(export, by=cast.officer)
    with pytest.raises(Refused, match="已由示例经办人收回"):
        actions.decide(export, approved=True, rows=2, by=second)


def test_other_rows_than_were_seen_are_not_approved(cast):
    second = colleague(cast)
    export = pending(cast)
    make_member(cast.union)
    with pytest.raises(Refused, match="现在是 3 行，没有批准"):
        actions.decide(export, approved=True, rows=2, by=second)
    assert actions.decide(export, approved=True, rows=3, by=second).total == 3


def test_who_has_lost_the_right_meanwhile_gets_nothing(cast):
    second = colleague(cast)
    export = pending(cast)
    User.objects.filter(pk=cast.officer.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match=r"现在不能批准：您的角色只能导出遮盖号码"):
        actions.decide(export, approved=True, rows=2, by=second)
    actions.decide(export, approved=False, opinion="已不是经办人", by=second)


def test_where_nobody_is_left_to_approve_the_next_above_is_asked(cast):
    second = colleague(cast)
    export = pending(cast)
    actions.ask_others()
    assert live(export).decides == cast.union
    User.objects.filter(pk=second.pk).update(is_active=False)
    actions.ask_others()
    assert live(export).decides == cast.street
    assert titles(cast.reviewer) == ["示例经办人申请导出会员名单，请您批准"]
    actions.ask_others()
    assert len(titles(cast.reviewer)) == 1


# Handing out


def test_who_has_lost_the_right_since_the_sheet_was_written_does_not_have_it(cast):
    export = ready(cast)
    User.objects.filter(pk=cast.officer.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="您的角色只能导出遮盖号码"):
        actions.fetch(export, by=cast.officer)
    assert live(export).fetched == 0


def test_only_who_asked_has_the_sheet_and_each_time_is_recorded(cast):
    member = make_member(cast.union)
    export = built(cast.officer)
    for _ in range(2):
        content = actions.fetch(export, by=cast.officer).content
    assert member.document_number in lines(content)[2]
    entries = Entry.objects.filter(verb="member.exported")
    assert [entry.data for entry in entries] == [{"count": 1, "full": True, "purpose": PURPOSE}] * 2
    assert [entry.actor for entry in looks_at(member.number)] == [cast.officer] * 2
    assert live(export).fetched == 2
    for who in ("reviewer", "district_admin", "neighbour_officer"):
        with pytest.raises(Refused, match="只有申请导出的人可以下载"):
            actions.fetch(export, by=getattr(cast, who))


def test_the_sheet_is_sealed(cast):
    make_member(cast.union)
    built(cast.officer)
    assert not bytes(File.objects.get().content_sealed).startswith(b"PK")


def test_a_sheet_goes_after_a_day(cast):
    make_member(cast.union)
    export = built(cast.officer)
    now = timezone.now()
    actions.expire(now + timedelta(hours=23))
    assert File.objects.exists()
    Export.objects.filter(pk=export.pk).update(ended_at=now - timedelta(hours=24))
    with pytest.raises(Refused, match="只保留 24 小时"):
        actions.fetch(export, by=cast.officer)
    actions.expire(now)
    assert not File.objects.exists()
    assert live(export).state == ExportState.EXPIRED
    with pytest.raises(Refused, match="只保留 24 小时"):
        actions.fetch(export, by=cast.officer)


def test_who_has_left_the_union_does_not_have_its_sheet(cast):
    make_member(cast.union)
    export = built(cast.officer)
    User.objects.filter(pk=cast.officer.pk).update(union=cast.neighbour)
    with pytest.raises(Refused, match="账号仍属于当时的工会"):
        actions.fetch(export, by=cast.officer)


# Calling back


@pytest.mark.parametrize("who", ["officer", "reviewer", "district_admin", "platform_admin"])
def test_who_asked_and_the_superiors_call_it_back_and_nothing_leaves_any_more(cast, who):
    export, by = ready(cast), getattr(cast, who)
    actions.recall(export, reason="发现用途不符", by=by)
    assert not File.objects.exists()
    with pytest.raises(Refused, match=f"已由{by}收回，不能再下载"):
        actions.fetch(export, by=cast.officer)
    assert Entry.objects.get(verb="export.recalled").data["reason"] == "发现用途不符"
    assert ("导出的会员名单已被收回" in titles(cast.officer)) == (by != cast.officer)


def test_the_second_person_calls_it_back(cast):
    export = ready(cast)
    actions.recall(export, reason="用途不符", by=export.decided_by)
    assert live(export).state == ExportState.RECALLED


@pytest.mark.parametrize("who", ["viewer", "neighbour_officer", "other_reviewer", "bureau_admin"])
def test_nobody_else_calls_it_back(cast, who):
    export = pending(cast)
    with pytest.raises(Refused, match="可以收回导出"):
        actions.recall(export, reason="用途不符", by=getattr(cast, who))


def test_the_export_of_another_is_called_back_for_a_reason_and_ones_own_without(cast):
    export = pending(cast)
    with pytest.raises(Refused, match="请填写收回的原因"):
        actions.recall(export, by=cast.reviewer)
    assert actions.recall(export, by=cast.officer).state == ExportState.RECALLED
    assert not Notice.objects.filter(user=cast.reviewer, read_at=None).exists(), "nothing waits any more"


@pytest.mark.parametrize("state", [ExportState.RECALLED, ExportState.EXPIRED, ExportState.FAILED])
def test_what_has_ended_is_not_called_back(cast, state):
    make_member(cast.union)
    export = asked(cast.officer, full=False)
    if state == ExportState.RECALLED:
        actions.recall(export, by=cast.officer)
    else:
        put(export, state)
    with pytest.raises(Refused, match="不用再收回"):
        actions.recall(export, by=cast.officer)


# The desk


def test_it_waits_for_the_second_person_and_not_for_who_asked(cast):
    second = colleague(cast)
    pending(cast)
    waiting = {who: [item.rows.count() for item in queries.work(who)] for who in (second, cast.officer, cast.reviewer)}
    assert waiting == {second: [1], cast.officer: [0], cast.reviewer: [0]}


def test_an_account_sees_its_own_and_who_may_approve_all_below(cast):
    make_member(cast.union)
    make_member(cast.far)
    export = built(cast.officer)
    masked = asked(cast.viewer, full=False, purpose="")
    seen = {who: set(Export.objects.visible_to(getattr(cast, who))) for who in ("officer", "viewer", "reviewer")}
    assert seen == {"officer": {export}, "viewer": {masked}, "reviewer": {export, masked}}
    for who in ("neighbour_officer", "other_reviewer", "bureau_admin", "claimant"):
        assert not Export.objects.visible_to(getattr(cast, who)).exists()
    assert Export.objects.visible_to(cast.platform_admin).count() == 2
    assert Export.objects.visible_to(make_user(cast.union, Role.OFFICER)).count() == 1


def test_the_job_that_comes_again_ends_what_is_old(cast):
    from gonghui.exports.tasks import end_exports

    make_member(cast.union)
    export = built(cast.officer)
    Export.objects.filter(pk=export.pk).update(ended_at=timezone.now() - timedelta(days=2))
    end_exports(0)
    assert live(export).state == ExportState.EXPIRED
    building.build(export.pk)
    assert live(export).state == ExportState.EXPIRED

"""「保留会籍」 and back (SPEC 3.10)."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from gonghui.audit.models import Entry
from gonghui.kit.errors import Refused
from gonghui.members.hooks import leave_blockers, pending_departures
from gonghui.members.models import Member
from gonghui.members.register.history import changes_of
from gonghui.members.retention import actions
from gonghui.members.retention.actions import resume, retain
from gonghui.unions.models import Union
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


def kept(cast, *members: Member, reason: str = "sick", on: date | None = None) -> int:
    return retain(cast.union, [member.pk for member in members], reason=reason, on=on or localdate(), by=cast.officer)


def test_several_are_retained_at_once_counted_recorded_and_in_their_history(cast):
    first, second = make_member(cast.union), make_member(cast.union)
    assert kept(cast, first, second, reason="unemployed") == 2
    member = live(first)
    assert (member.standing, member.retained_for, member.standing_on) == ("retained", "unemployed", localdate())
    assert (member.union, member.status) == (cast.union, "normal")
    assert (live(cast.union).member_count, live(cast.union).retained_count) == (2, 2)
    entry = Entry.objects.get(verb="member.retained")
    assert (entry.data["count"], entry.data["reason"]) == (2, "unemployed")
    texts = {one.label: (one.old, one.new) for one in changes_of(member)[0].differences}
    assert texts["会籍"] == ("正常", "保留会籍")
    assert texts["保留原因"] == ("", "失业")


def test_back_to_normal_since_a_day(cast):
    member = make_member(cast.union)
    kept(cast, member)
    assert resume(cast.union, [member.pk], on=localdate(), by=cast.officer) == 1
    back = live(member)
    assert (back.standing, back.retained_for, back.standing_on) == ("normal", "", localdate())
    assert live(cast.union).retained_count == 0
    assert Entry.objects.filter(verb="member.resumed", object_id=member.pk).exists()


def test_a_double_click_changes_nothing_more(cast):
    member = make_member(cast.union)
    assert (kept(cast, member), kept(cast, member)) == (1, 0)
    assert live(cast.union).retained_count == 1
    assert member.events.count() == 1
    assert Entry.objects.filter(verb="member.retained").count() == 1
    assert resume(cast.union, [member.pk], on=localdate(), by=cast.officer) == 1
    assert resume(cast.union, [member.pk], on=localdate(), by=cast.officer) == 0


def test_another_reason_is_a_change_and_counts_once(cast):
    member = make_member(cast.union)
    kept(cast, member, reason="sick")
    assert kept(cast, member, reason="retired") == 1
    assert (live(member).retained_for, live(cast.union).retained_count) == ("retired", 1)


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_a_reason_is_needed(cast, reason):
    with pytest.raises(Refused, match="请选择保留会籍的原因") as refused:
        kept(cast, make_member(cast.union), reason=reason)
    assert refused.value.field == "reason"


def test_the_day_is_not_to_come_nor_before_birth_joining_or_the_change_before(cast):
    member = make_member(cast.union)
    tomorrow, yesterday = localdate() + timedelta(days=1), localdate() - timedelta(days=1)
    with pytest.raises(Refused, match=f"保留会籍的日期 {tomorrow} 晚于今天（{localdate()}）"):
        kept(cast, member, on=tomorrow)
    with pytest.raises(Refused, match=f"保留会籍的日期 {yesterday} 早于入会日期 {localdate()}"):
        kept(cast, member, on=yesterday)
    with pytest.raises(Refused, match="保留会籍的日期 1989-12-31 早于出生日期 1990-01-01"):
        kept(cast, member, on=member.born_on - timedelta(days=1))
    member.memberships.update(began_on=localdate() - timedelta(days=5))
    kept(cast, member)
    with pytest.raises(Refused, match=f"恢复会籍的日期 {yesterday} 早于会籍变动日期 {localdate()}"):
        resume(cast.union, [member.pk], on=yesterday, by=cast.officer)
    assert live(member).standing == "retained"


@pytest.mark.parametrize(
    ("hook", "way_out"),
    [(leave_blockers, "请先在“会员服务卡管理”中办完或撤回"), (pending_departures, "请先在“会员转出审核”中答复或撤回")],
)
def test_not_while_a_card_or_a_transfer_is_under_way(cast, monkeypatch, hook, way_out):
    held, free = make_member(cast.union, name="卡示例"), make_member(cast.union)
    busy = lambda ids: dict.fromkeys(set(ids) & {held.pk}, "正在办理")  # noqa: E731
    monkeypatch.setitem(hook.functions, "test", busy)
    with pytest.raises(Refused, match=f"卡示例：正在办理，{way_out}"):
        kept(cast, held, free)
    assert live(free).standing == "normal"  # all or nothing


def test_not_while_a_correction_waits(cast):
    member = make_member(cast.union)
    Member.objects.filter(pk=member.pk).update(correction="pending")
    with pytest.raises(Refused, match="在会员页面撤回申请"):
        kept(cast, member)


def test_who_holds_an_office_gives_it_up_before(cast):
    with pytest.raises(Refused, match="担任工会主席，保留会籍期间不担任工会职务"):
        kept(cast, make_member(cast.union, position="chair"))


def test_only_the_unions_own_officer_and_only_its_members(cast):
    ours, theirs = make_member(cast.union), make_member(cast.neighbour, name="他会员")
    with pytest.raises(Refused, match="1 人已不在本工会") as refused:
        kept(cast, ours, theirs)
    assert "他会员" not in refused.value.sentence
    for by in (cast.neighbour_officer, cast.reviewer, cast.platform_admin):
        with pytest.raises(Refused, match="经办人"):
            retain(cast.union, [ours.pk], reason="sick", on=localdate(), by=by)
    with pytest.raises(Refused, match="勾选会员"):
        kept(cast)


def test_so_many_at_once(cast, monkeypatch):
    monkeypatch.setattr(actions, "MAX_CHANGED", 1)
    with pytest.raises(Refused, match="一次最多办理 1 名会员"):
        kept(cast, make_member(cast.union), make_member(cast.union))


def test_many_are_retained_by_as_many_statements_as_few(cast, django_assert_max_num_queries):
    members = [make_member(cast.union) for _ in range(12)]
    with django_assert_max_num_queries(25):
        kept(cast, *members)
    assert Union.objects.get(pk=cast.union.pk).retained_count == 12

"""Exports of the national forms: who, what, in how many files, what is recorded and kept, and 「已上报」 (SPEC 3.10)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit.models import Entry
from gonghui.audit.queries import looks_at
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.national import queries
from gonghui.national.exports import actions
from gonghui.national.member_form import MEMBER_FORM
from gonghui.national.models import Export, File, Held, MemberReport
from gonghui.national.states import PENDING, ExportState, ReportState
from gonghui.notices.models import Notice
from tests.factories import change_member, live, make_member
from tests.national.stories import asked, collecting_all, contents, exported, grid, reported, rows, whole_member

pytestmark = pytest.mark.django_db


def facts(verb: str) -> dict:
    return Entry.objects.filter(verb=f"nationalform.{verb}").latest("pk").data


def state_of(member: Member) -> str:
    states = [PENDING, *ReportState.values]
    (state,) = [one for one in states if queries.in_state(MEMBER_FORM, Member.objects.filter(pk=member.pk), one)]
    return state


def test_a_union_exports_its_own_members_and_no_others(cast):
    make_member(cast.union, name="王一")
    make_member(cast.neighbour, name="邻家人")
    assert [row["姓名"] for row in rows(exported(cast.officer))] == ["王一"]


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("platform_admin", ["王一", "邻家人", "电机人"]),
        ("district_admin", ["王一", "邻家人"]),
        ("reviewer", ["王一"]),
        ("bureau_admin", ["电机人"]),
    ],
)
def test_a_superior_exports_all_below_it_in_the_trees_order(cast, who, names):
    for union, name in ((cast.union, "王一"), (cast.far, "电机人"), (cast.neighbour, "邻家人"), (None, "无工会")):
        make_member(union, name=name)
    assert [row["姓名"] for row in rows(exported(getattr(cast, who)))] == names


@pytest.mark.parametrize("who", ["viewer", "newcomer", "claimant"])
def test_who_may_not_see_full_numbers_exports_nothing(cast, who):
    make_member(cast.union)
    with pytest.raises(Refused, match="只能由本工会的经办人或上级工会的管理员导出"):
        actions.ask("member", purpose="填报", by=getattr(cast, who))
    assert not Export.objects.exists()


def test_a_reviewer_without_the_right_to_sensitive_columns_exports_nothing(cast):
    User.objects.filter(pk=cast.reviewer.pk).update(roles=["reviewer"])
    make_member(cast.union)
    with pytest.raises(Refused, match="管理员导出"):
        actions.ask("member", purpose="填报", by=cast.reviewer)


def test_the_purpose_is_asked_for_and_recorded(cast):
    make_member(cast.union)
    for purpose in ("", " 报 ", "长" * 201):
        with pytest.raises(Refused, match="请填写导出的用途"):
            actions.ask("member", purpose=purpose, by=cast.officer)
    exported(cast.officer)
    assert facts("asked") == {"form": "member", "purpose": "填报全国采集表"}
    assert facts("built") == {"form": "member", "rows": 1, "files": 1, "incomplete": 1}
    assert Notice.objects.get(user=cast.officer).title == "工会会员信息采集表已生成"


def test_nothing_to_fill_in_is_refused_before_a_job_begins(cast):
    with pytest.raises(Refused, match="没有可以填入采集表的资料"):
        actions.ask("member", purpose="填报", by=cast.officer)


def test_the_same_form_is_filled_in_once_at_a_time(cast):
    make_member(cast.union)
    actions.ask("member", purpose="填报", by=cast.officer)
    with pytest.raises(Refused, match="正在生成"):
        actions.ask("member", purpose="填报", by=cast.officer)
    actions.ask("organisation", purpose="填报", by=cast.officer)


@pytest.mark.parametrize(("members", "files"), [(4, [4]), (5, [4, 1]), (9, [4, 4, 1])])
def test_more_rows_than_a_file_takes_go_into_several_each_numbered_from_one(cast, members, files):
    for _ in range(members):
        make_member(cast.union)
    export = exported(cast.officer, most=4)
    assert [file.rows for file in File.objects.order_by("position")] == files
    numbers = [[line[0] for line in grid(data)[4:]] for data in contents(export)]
    assert numbers == [[str(one) for one in range(1, count + 1)] for count in files]
    assert export.rows == members


def test_a_file_takes_63_000_rows():
    assert actions.MAX_ROWS == 63_000


def test_the_same_data_gives_the_same_bytes(cast):
    collecting_all(cast)
    for seed in range(5):
        whole_member(cast, seed)
    assert contents(exported(cast.officer)) == contents(exported(cast.officer))


def test_files_are_sealed_and_each_download_is_recorded(cast):
    member = make_member(cast.union, name="罕见名")
    export = exported(cast.officer)
    stored = bytes(File.objects.get().content_sealed)
    assert not stored.startswith(b"PK")
    file = actions.download(export, 1, by=cast.officer)
    assert file.content.startswith(b"PK")
    assert facts("downloaded") == {
        "form": "member", "purpose": "填报全国采集表", "file": file.name, "rows": 1, "digest": file.digest,
    }  # fmt: skip
    assert member.document_number.encode() not in stored
    assert [entry.actor for entry in looks_at(member.number)] == [cast.officer]


def test_a_download_is_a_look_at_whom_that_file_holds(cast):
    first, second = make_member(cast.union), make_member(cast.union)
    export = asked(cast.officer)
    actions.build(export.pk, most=1)
    actions.download(live(export), 2, by=cast.officer)
    assert [looks_at(one.number).count() for one in (first, second)] == [0, 1]


def test_files_go_after_a_day_and_who_was_in_them_after_ninety(cast):
    make_member(cast.union)
    export = exported(cast.officer)
    now = timezone.now()
    actions.drop_old_files(now + timedelta(hours=23))
    assert File.objects.exists()
    actions.drop_old_files(now + timedelta(hours=25))
    assert (File.objects.count(), Held.objects.count()) == (0, 1)
    with pytest.raises(Refused, match="文件已删除"):
        actions.download(export, 1, by=cast.officer)
    actions.drop_old_files(now + timedelta(days=91))
    assert not Held.objects.exists()
    with pytest.raises(Refused, match="请重新导出"):
        actions.mark(export, by=cast.officer)


def test_a_second_run_of_the_job_starts_over(cast):
    """The first one was killed after two files."""
    for _ in range(5):
        make_member(cast.union)
    export = exported(cast.officer, most=2)
    Export.objects.filter(pk=export.pk).delete()
    again = asked(cast.officer)
    again.files.create(position=1, name="半份", rows=2, size=1, digest="", content_sealed=b"")
    Held.objects.create(export=again, position=0, subjects=[1], versions=[export.run])
    actions.build(again.pk)
    assert [file.rows for file in again.files.all()] == [5]
    assert len(Held.objects.get(export=again).subjects) == 5


def test_a_run_that_another_has_taken_over_writes_nothing_more(cast, monkeypatch):
    for _ in range(4):
        make_member(cast.union)
    export = asked(cast.officer)
    write, runs = actions._write, []

    def taken_over(*args):
        if not runs:
            runs.append(1)
            actions.build(export.pk, most=2)
        return write(*args)

    monkeypatch.setattr(actions, "_write", taken_over)
    actions.build(export.pk, most=3)
    assert [file.rows for file in export.files.order_by("position")] == [2, 2]
    assert live(export).state == ExportState.READY


def test_an_export_that_is_given_up_keeps_nothing_and_may_be_asked_for_again(cast):
    make_member(cast.union)
    export = asked(cast.officer)
    Held.objects.create(export=export, position=0, subjects=[1], versions=[])
    actions.give_up(export.pk)
    assert live(export).state == ExportState.FAILED
    assert not Held.objects.exists()
    assert "重新办理" in Notice.objects.get(user=cast.officer).body
    assert exported(cast.officer).state == ExportState.READY


def test_marked_as_reported_all_that_it_held_is_reported(cast):
    collecting_all(cast)
    member, other = whole_member(cast, 1), make_member(cast.neighbour)
    assert state_of(member) == PENDING
    export = reported(cast.officer)
    assert (export.state, export.reported_by) == (ExportState.REPORTED, cast.officer)
    assert (state_of(member), state_of(other)) == (ReportState.REPORTED, PENDING)
    assert facts("reported") == {"form": "member", "rows": 1}
    figures = queries.member_figures([cast.union.pk, cast.neighbour.pk])
    assert (figures[cast.union.pk].reported, figures[cast.neighbour.pk].pending) == (1, 1)


def test_a_reported_member_who_changes_is_pending_again_and_one_who_changed_before_the_mark_too(cast):
    collecting_all(cast)
    first, second, third = (whole_member(cast, seed) for seed in (1, 2, 3))
    export = exported(cast.officer)
    change_member(second, education="master")
    actions.mark(export, by=cast.officer)
    actions.enter(export.pk)
    change_member(third, political_status="13")
    Member.objects.filter(pk=first.pk).update(has_card=True)
    assert [state_of(one) for one in (first, second, third)] == [ReportState.REPORTED, PENDING, PENDING]


def test_a_member_deleted_meanwhile_is_not_entered(cast):
    member = make_member(cast.union)
    make_member(cast.union)
    export = exported(cast.officer)
    member.memberships.all().delete()
    member.delete()
    actions.mark(export, by=cast.officer)
    actions.enter(export.pk)
    assert MemberReport.objects.count() == 1


def test_an_export_is_marked_once_and_only_when_it_is_ready(cast):
    make_member(cast.union)
    export = asked(cast.officer)
    with pytest.raises(Refused, match="正在生成"):
        actions.mark(export, by=cast.officer)
    actions.build(export.pk)
    actions.mark(export, by=cast.officer)
    with pytest.raises(Refused, match="正在登记"):
        actions.mark(export, by=cast.officer)
    actions.enter(export.pk)
    actions.enter(export.pk)
    assert MemberReport.objects.count() == 1
    with pytest.raises(Refused, match="已上报"):
        actions.mark(export, by=cast.officer)


def test_who_has_lost_the_right_downloads_and_marks_no_more(cast):
    make_member(cast.union)
    export = exported(cast.officer)
    User.objects.filter(pk=cast.officer.pk).update(roles=[])
    for act in (lambda: actions.download(export, 1, by=cast.officer), lambda: actions.mark(export, by=cast.officer)):
        with pytest.raises(Refused, match="只能由"):
            act()


def test_a_mark_that_is_given_up_may_be_made_again(cast):
    make_member(cast.union)
    export = exported(cast.officer)
    actions.mark(export, by=cast.officer)
    actions.give_up(export.pk)
    assert (live(export).state, live(export).reported_by) == (ExportState.READY, None)
    actions.mark(live(export), by=cast.officer)

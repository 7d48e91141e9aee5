"""The import engine's rules: who may, when, one at a time, all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from gonghui.accounts.models import Role
from gonghui.audit.models import Entry
from gonghui.imports import actions, admission, job, tasks
from gonghui.imports.hooks import KINDS
from gonghui.imports.kinds import Changed
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.kit.jobs import give_up_abandoned
from gonghui.members.models import Member, StagedMember
from gonghui.notices.models import Mail, Notice
from gonghui.unions.models import UnionState
from tests.factories import live, make_member, make_user
from tests.states import put
from tests.workbooks import member_row, upload

KIND = KINDS["members"]


def send(cast, *rows, by=None) -> Batch:
    return actions.upload_workbook(cast.union, KIND, upload(rows), by=by or cast.officer)


def take_new(batch: Batch, *, by) -> Batch:
    return actions.confirm_import(batch, ["new"], by=by)


def jobs() -> list[int]:
    waiting = ProcrastinateJob.objects.filter(task_name="gonghui.imports.tasks.commit_batch", status="todo")
    return [job.args["batch_id"] for job in waiting]


pytestmark = pytest.mark.django_db


def test_clean_file_is_queued_with_its_job_and_recorded(cast):
    batch = send(cast, member_row(1), member_row(2))
    assert (batch.state, batch.rows_total, batch.rows_valid, batch.problem_count) == (ImportState.QUEUED, 2, 2, 0)
    assert jobs() == [batch.pk]
    assert Entry.objects.get(verb="import.uploaded").actor == cast.officer
    assert not Member.objects.exists()


def test_one_error_and_nothing_is_taken(cast):
    batch = send(cast, member_row(1), member_row(2, mobile="1"))
    assert (batch.state, batch.rows_valid, batch.problem_count) == (ImportState.INVALID, 1, 1)
    assert jobs() == []
    [problem] = batch.problems
    assert (problem.row, problem.column, problem.heading, problem.value) == (3, "mobile", "移动电话", "1")


def test_what_is_kept_of_a_file_is_sealed(cast):
    row = member_row(1, mobile="1234567")
    batch = send(cast, row)
    number = str(row[3]).encode()
    for sealed in (batch.file_sealed, batch.problems_sealed):
        assert b"1234567" not in bytes(sealed)
        assert number not in bytes(sealed)
        assert not bytes(sealed).startswith(b"PK")


@pytest.mark.parametrize(
    "user", ["neighbour_officer", "reviewer", "viewer", "district_admin", "platform_admin", "claimant"]
)
def test_only_officers_of_the_union_may_upload(cast, user):
    with pytest.raises(Refused, match="只有本工会的经办人"):
        send(cast, member_row(1), by=getattr(cast, user))
    assert not Batch.objects.exists()


def test_officer_who_lost_the_role_may_not(cast):
    stale = type(cast.officer).objects.get(pk=cast.officer.pk)
    type(cast.officer).objects.filter(pk=cast.officer.pk).update(roles=[Role.VIEWER])
    with pytest.raises(Refused, match="只有本工会的经办人"):
        send(cast, member_row(1), by=stale)


@pytest.mark.parametrize("state", [UnionState.UNFILED, UnionState.PENDING, UnionState.RETURNED, UnionState.DISSOLVED])
def test_only_an_approved_union_imports(cast, state):
    put(cast.union, state)
    with pytest.raises(Refused, match="审核通过以后才能导入"):
        send(cast, member_row(1))


def test_one_import_at_a_time(cast):
    send(cast, member_row(1))
    with pytest.raises(Refused, match="正在处理中"):
        send(cast, member_row(2))
    assert Batch.objects.count() == 1


def test_another_union_imports_meanwhile(cast):
    send(cast, member_row(1))
    batch = actions.upload_workbook(cast.neighbour, KIND, upload([member_row(2)]), by=cast.neighbour_officer)
    assert batch.state == ImportState.QUEUED


def test_next_import_after_the_end(cast):
    job.run_batch(send(cast, member_row(1)).pk)
    assert send(cast, member_row(2)).state == ImportState.QUEUED


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_the_same_moment_make_one(cast):
    ready = Barrier(2)

    def run(seed: int) -> str:
        try:
            officer = type(cast.officer).objects.get(pk=cast.officer.pk)
            file = upload([member_row(seed)])
            ready.wait()
            return actions.upload_workbook(cast.union, KIND, file, by=officer).state
        except Refused as refused:
            return refused.sentence
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(run, (1, 2)))
    assert ends[0] == ImportState.QUEUED
    assert "正在处理中" in ends[1]
    assert Batch.objects.count() == 1
    assert len(jobs()) == 1


def test_no_more_imports_wait_than_five(cast):
    waiting = [send(cast, member_row(1, mobile="1")) for _ in range(admission.MAX_WAITING)]
    for row in (member_row(2, mobile="1"), member_row(2)):
        with pytest.raises(Refused, match=r"已有 5 个导入等待处理.*确认、修改或放弃"):
            send(cast, row)
    assert list(Batch.objects.order_by("pk")) == waiting  # none of them is discarded for the new one
    assert actions.upload_workbook(
        cast.neighbour, KIND, upload([member_row(3, mobile="1")]), by=cast.neighbour_officer
    ).is_waiting
    actions.discard_batch(waiting[0], by=cast.officer)
    assert send(cast, member_row(2)).state == ImportState.QUEUED


def test_what_no_longer_keeps_a_file_does_not_count_as_waiting(cast, monkeypatch):
    monkeypatch.setattr(admission, "MAX_WAITING", 1)
    send(cast, member_row(1, mobile="1"))
    job.drop_old_files(timezone.now() + timedelta(days=1))
    assert send(cast, member_row(2, mobile="1")).is_waiting


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_uploads_at_the_same_moment_wait_no_more_than_they_may(cast, monkeypatch):
    monkeypatch.setattr(admission, "MAX_WAITING", 2)
    ready = Barrier(4)

    def run(seed: int) -> bool:
        try:
            officer = type(cast.officer).objects.get(pk=cast.officer.pk)
            file = upload([member_row(seed, mobile="1")])
            ready.wait()
            return actions.upload_workbook(cast.union, KIND, file, by=officer).is_waiting
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(1, 5))) == [False, False, True, True]
    assert Batch.objects.count() == 2


def test_a_union_uploads_so_many_workbooks_a_day(cast, monkeypatch):
    monkeypatch.setattr(admission, "UPLOADS_A_DAY", 2)
    for _ in range(2):
        actions.discard_batch(send(cast, member_row(1, mobile="1")), by=cast.officer)
    with pytest.raises(Refused, match="今天已上传 2 个导入文件"):
        send(cast, member_row(2))
    Batch.objects.update(uploaded_at=timezone.now() - timedelta(days=1))
    assert send(cast, member_row(2)).state == ImportState.QUEUED


def test_valid_rows_first(cast):
    batch = send(cast, member_row(1), member_row(2, mobile="1"), member_row(3))
    batch = take_new(batch, by=cast.officer)
    assert (batch.state, batch.valid_only) == (ImportState.QUEUED, True)
    assert jobs() == [batch.pk]
    job.run_batch(batch.pk)
    batch = live(batch)
    assert (batch.state, batch.rows_done, batch.problem_count) == (ImportState.DONE, 2, 1)
    assert cast.union.members.count() == 2


def test_valid_rows_only_once(cast):
    batch = send(cast, member_row(1), member_row(2, mobile="1"))
    take_new(batch, by=cast.officer)
    with pytest.raises(Refused, match="处理中"):
        take_new(batch, by=cast.officer)
    assert len(jobs()) == 1


def test_valid_rows_wait_for_the_import_in_work(cast):
    waiting = send(cast, member_row(1), member_row(2, mobile="1"))
    send(cast, member_row(3))
    with pytest.raises(Refused, match="正在处理中"):
        take_new(waiting, by=cast.officer)


def test_no_valid_row_no_import(cast):
    batch = send(cast, member_row(1, mobile="1"))
    with pytest.raises(Refused, match="没有可以导入的行"):
        take_new(batch, by=cast.officer)


@pytest.mark.parametrize("act", [take_new, actions.discard_batch])
def test_neither_taken_nor_given_up_by_others(cast, act):
    batch = send(cast, member_row(1), member_row(2, mobile="1"))
    for other in (cast.neighbour_officer, cast.reviewer, cast.platform_admin):
        with pytest.raises(Refused, match="只有本工会的经办人"):
            act(batch, by=other)
    assert live(batch).state == ImportState.INVALID


def test_given_up_once_and_never_while_queued(cast):
    batch = send(cast, member_row(1, mobile="1"))
    actions.discard_batch(batch, by=cast.officer)
    with pytest.raises(Refused, match="已放弃"):
        actions.discard_batch(batch, by=cast.officer)
    with pytest.raises(Refused, match="处理中"):
        actions.discard_batch(send(cast, member_row(1)), by=cast.officer)


@pytest.mark.server
def test_second_run_of_a_job_changes_nothing(cast):
    batch = send(cast, member_row(1), member_row(2))
    job.run_batch(batch.pk)
    numbers = set(Member.objects.values_list("number", flat=True))
    job.run_batch(batch.pk)
    assert set(Member.objects.values_list("number", flat=True)) == numbers
    assert Entry.objects.filter(verb="members.imported").count() == 1


def test_end_rings_the_uploaders_bell_and_is_mailed(cast):
    colleague = make_user(cast.union)
    job.run_batch(send(cast, member_row(1)).pk)
    notice = Notice.objects.get()
    assert (notice.user, notice.title) == (cast.officer, "模板导入会员：导入成功")
    assert Mail.objects.get().to == cast.officer.email
    assert not Notice.objects.filter(user=colleague).exists()


def test_person_added_after_the_check_fails_the_whole_import(cast):
    row = member_row(1)
    batch = send(cast, row, member_row(2))
    make_member(cast.neighbour, name=row[0], number=row[3])
    job.run_batch(batch.pk)
    batch = live(batch)
    assert (batch.state, batch.group_counts) == (ImportState.FAILED, {"elsewhere": 1, "new": 1})
    assert "会员库有了变化" in batch.message
    assert cast.union.members.count() == 0
    assert Notice.objects.get().title == "模板导入会员：导入失败"


def test_person_added_after_the_check_is_left_out_of_the_valid_rows(cast):
    row = member_row(1)
    batch = send(cast, row, member_row(2), member_row(3, mobile="1"))
    take_new(batch, by=cast.officer)
    make_member(cast.neighbour, name=row[0], number=row[3])
    job.run_batch(batch.pk)
    batch = live(batch)
    assert (batch.state, batch.rows_valid, batch.problem_count) == (ImportState.DONE, 1, 1)
    assert "另有 1 行没有导入" in batch.message
    assert cast.union.members.count() == 1


def test_person_added_between_check_and_commit_of_the_job_is_found_by_the_next_check(cast, monkeypatch):
    """The unique index stops the commit; the run starts again and reports the row."""
    row = member_row(1)
    batch = send(cast, row, member_row(2))
    stage = KIND.stage

    def stage_while_another_adds(*arguments):
        stage(*arguments)
        if not Member.objects.exists():
            make_member(cast.neighbour, name=row[0], number=row[3])

    monkeypatch.setitem(KINDS, KIND.key, _with(stage=stage_while_another_adds))
    job.run_batch(batch.pk)
    batch = live(batch)
    assert (batch.state, batch.group_counts) == (ImportState.FAILED, {"elsewhere": 1, "new": 1})
    assert cast.union.members.count() == 0
    assert not StagedMember.objects.exists()


def _with(**changed):
    return replace(KIND, **changed)


def test_register_that_keeps_changing_is_left_to_the_next_attempt(cast, monkeypatch):
    def never(batch, plan):
        raise Changed

    batch = send(cast, member_row(1))
    monkeypatch.setitem(KINDS, KIND.key, _with(commit=never))
    with pytest.raises(Changed):
        job.run_batch(batch.pk)
    assert live(batch).state == ImportState.QUEUED


def test_union_dissolved_meanwhile_fails_with_the_reason(cast):
    batch = send(cast, member_row(1))
    cast.union.state = UnionState.DISSOLVED
    cast.union.save()
    job.run_batch(batch.pk)
    batch = live(batch)
    assert batch.state == ImportState.FAILED
    assert "审核通过以后" in batch.message
    assert not Member.objects.exists()


def test_failure_half_way_leaves_nothing(cast, monkeypatch):
    def half(batch, plan):
        KIND.commit(batch, plan)
        raise RuntimeError("the power went")

    batch = send(cast, member_row(1), member_row(2))
    monkeypatch.setitem(KINDS, KIND.key, _with(commit=half))
    with pytest.raises(RuntimeError, match="the power went"), transaction.atomic():
        job.run_batch(batch.pk)
    assert not Member.objects.exists()
    cast.union.refresh_from_db()
    assert cast.union.member_count == 0
    monkeypatch.undo()
    job.run_batch(batch.pk)
    assert live(batch).state == ImportState.DONE
    assert Member.objects.count() == 2


def test_queued_import_without_a_job_fails_and_says_so(cast):
    batch = send(cast, member_row(1))
    give_up_abandoned(timestamp=0)
    assert live(batch).state == ImportState.QUEUED  # its job waits
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    give_up_abandoned(timestamp=0)
    batch = live(batch)
    assert batch.state == ImportState.FAILED
    assert "请重新上传" in batch.message
    assert Notice.objects.get().title == "模板导入会员：导入失败"
    assert send(cast, member_row(1)).state == ImportState.QUEUED


def test_files_are_forgotten_after_their_time_but_not_while_queued(cast):
    job.run_batch(send(cast, member_row(1)).pk)
    waiting = send(cast, member_row(2), member_row(3, mobile="1"))
    queued = send(cast, member_row(4))
    Batch.objects.update(uploaded_at=timezone.now() - timedelta(days=tasks.DAYS_KEPT, minutes=1))
    fresh = actions.upload_workbook(
        cast.neighbour, KIND, upload([member_row(5, mobile="1")]), by=cast.neighbour_officer
    )
    tasks.drop_old_files(timestamp=0)
    with_file = {batch.pk for batch in Batch.objects.all() if batch.file_sealed}
    assert with_file == {queued.pk, fresh.pk}
    with pytest.raises(Refused, match="保存期限"):
        actions.marked_workbook(live(waiting), by=cast.officer)

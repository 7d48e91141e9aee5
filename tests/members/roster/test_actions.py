"""One intake (SPEC 3.4): a workbook may hold newcomers, our own members and people of other unions; the officer ticks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gonghui.imports import actions, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from gonghui.members.register.actions import add_member
from gonghui.members.validation import validate_member
from gonghui.transfers.models import Transfer
from tests.factories import make_member
from tests.workbooks import COLUMNS, HEADINGS, member_row, upload

pytestmark = [pytest.mark.django_db, pytest.mark.server]
KIND = KINDS["members"]


def send(cast, *rows, headings=HEADINGS) -> Batch:
    return actions.upload_workbook(cast.union, KIND, upload(rows, headings=headings), by=cast.officer)


def taken(cast, batch: Batch, *groups: str) -> Batch:
    job.run_batch(actions.confirm_import(batch, groups, by=cast.officer).pk)
    return Batch.objects.get(pk=batch.pk)


def joined(cast, seed: int, union=None, officer=None, **changed) -> Member:
    """A member with all the values of ``member_row``."""
    values, problems = validate_member(
        dict(zip([column.key for column in COLUMNS], member_row(seed, **changed), strict=True))
    )
    assert values, problems
    return add_member(union or cast.union, values, by=officer or cast.officer)


def everybody(cast) -> list[list]:
    """One row of each sort."""
    joined(cast, 1)
    joined(cast, 2)
    joined(cast, 3, cast.far, cast.far_officer)
    back = member_row(4)
    make_member(None, name=back[0], number=back[3])
    return [member_row(1), member_row(2, education="硕士研究生"), member_row(3), back, member_row(5)]


def test_the_rows_are_sorted_and_nothing_happens_before_the_officer_says_so(cast):
    batch = send(cast, *everybody(cast))
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    assert batch.group_counts == {"same": 1, "changed": 1, "elsewhere": 1, "returning": 1, "new": 1}
    assert Member.objects.filter(union=cast.union).count() == 2
    assert not Transfer.objects.exists()


def test_only_what_is_ticked_is_taken(cast):
    batch = taken(cast, send(cast, *everybody(cast)), "changed")
    assert (batch.state, batch.message) == (ImportState.DONE, "新增会员 0 人。修改 1 名会员的资料。")
    assert Member.objects.filter(union=cast.union).count() == 2
    assert Member.objects.filter(union=cast.union, education="master").count() == 1


def test_all_sorts_at_once(cast):
    batch = taken(cast, send(cast, *everybody(cast)), "new", "returning", "changed", "elsewhere", "same")
    assert batch.state == ImportState.DONE
    assert "新增会员 1 人。另有 1 人原在会员库中" in batch.message
    assert "1 人的转入申请" in batch.message
    cast.union.refresh_from_db()
    assert cast.union.member_count == cast.union.members.count() == 4
    transfer = Transfer.objects.get()
    assert (transfer.origin, transfer.target, transfer.is_waiting) == (cast.far, cast.union, True)


def test_a_file_of_newcomers_and_returning_people_is_queued_without_a_question(cast):
    back = member_row(4)
    make_member(None, name=back[0], number=back[3])
    assert send(cast, back, member_row(5)).state == ImportState.QUEUED


def test_an_empty_cell_erases_nothing(cast):
    member = joined(cast, 1, position="工会主席")
    batch = send(cast, member_row(1, position="", address="", education="", household="", skill_level=""))
    assert batch.group_counts == {"same": 1}
    batch = taken(cast, send(cast, member_row(1, position="", address="", mobile="19911112222")), "changed")
    found = Member.objects.get(pk=member.pk)
    assert (found.position, found.address, found.mobile) == ("chair", member.address, "19911112222")


def test_nothing_to_do_for_unchanged_rows(cast):
    joined(cast, 1)
    batch = send(cast, member_row(1))
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    with pytest.raises(Refused, match="请勾选要导入的内容"):
        actions.confirm_import(batch, ["same"], by=cast.officer)


def test_what_the_card_shows_is_not_changed_by_a_workbook(cast):
    member = joined(cast, 1)
    Member.objects.filter(pk=member.pk).update(has_card=True)
    batch = send(cast, member_row(1, name="王改名"))
    assert batch.state == ImportState.INVALID
    (problem,) = batch.problems
    assert "已办会员卡，姓名不能用文件修改" in problem.wrong
    assert send(cast, member_row(1, education="硕士研究生")).group_counts == {"changed": 1}


def test_of_another_unions_person_under_another_name_nothing_is_told(cast):
    row = member_row(3)
    joined(cast, 3, cast.far, cast.far_officer)
    free = member_row(4)
    make_member(None, name=free[0], number=free[3])
    batch = send(cast, ["王错名", *row[1:]], ["王错名", *free[1:]])
    assert {problem.wrong for problem in batch.problems} == {"姓名与证件号码不相符"}


def test_more_than_a_fifth_changed_is_warned_of(cast):
    joined(cast, 1)
    cast.union.refresh_from_db()
    assert "超过本工会会员（1 人）的五分之一" in send(cast, member_row(1, education="硕士研究生")).warning
    for seed in range(10, 20):
        joined(cast, seed)
    cast.union.refresh_from_db()
    assert send(cast, member_row(1, education="硕士研究生")).warning == ""


def test_more_than_work_there_are_asked_about_before_they_come_in(cast):
    """Also a file of new people alone, which comes in at once otherwise."""
    cast.union.staff_count = 2
    cast.union.save()
    batch = send(cast, *[member_row(seed) for seed in (1, 2, 3)])
    assert batch.state == "sorted"
    assert batch.warning.startswith("导入后会员 3 人，多于职工人数 2 人。")
    assert send(cast, member_row(1), member_row(2)).state == "queued"


def test_the_page_shows_the_sums_and_what_would_change_masked(client, cast):
    batch = send(cast, *everybody(cast))
    client.force_login(cast.officer)
    address = reverse("imports:batch", args=[batch.pk])
    page = client.get(address).content.decode()
    for words in ("新会员", "恢复会籍", "资料有变化", "在其他工会", "没有变化", "确认导入所选"):
        assert words in page
    changed = client.get(address, {"group": "changed"}).content.decode()
    assert "硕士研究生" in changed
    assert str(member_row(2)[3]) not in changed
    done = client.post(reverse("imports:confirm", args=[batch.pk]), {"group": ["new", "changed"]}, follow=True)
    assert "2 行已开始导入" in done.content.decode()


def test_somebody_who_moves_between_the_word_and_the_job_is_left_out_and_told(cast):
    batch = send(cast, *everybody(cast))
    actions.confirm_import(batch, ["new", "changed"], by=cast.officer)
    joined(cast, 5, cast.far, cast.far_officer)
    job.run_batch(batch.pk)
    batch.refresh_from_db()
    assert "另有 1 行没有导入" in batch.message


def test_many_rows_of_our_own_ask_as_many_queries_as_few(cast):
    counts = []
    for first, last in ((1, 6), (10, 60)):
        rows = [member_row(seed, education="硕士研究生") for seed in range(first, last)]
        for seed in range(first, last):
            joined(cast, seed)
        batch = send(cast, *rows)
        batch = actions.confirm_import(batch, ["changed"], by=cast.officer)
        with CaptureQueriesContext(connection) as queries:
            job.run_batch(batch.pk)
        counts.append(len(queries))
        assert Batch.objects.get(pk=batch.pk).state == ImportState.DONE
    assert counts[0] == counts[1]

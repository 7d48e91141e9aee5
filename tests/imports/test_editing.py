"""Corrections in the page: rows with errors are edited in a grid and checked again without a new upload (SPEC 3.4)."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.imports import actions, editing, job
from gonghui.imports.hooks import KINDS
from gonghui.imports.models import Batch, ImportState
from gonghui.kit.errors import Refused
from gonghui.members.models import Member
from tests.factories import live
from tests.imports.test_actions import jobs
from tests.markup import markup
from tests.workbooks import HEADINGS, member_row, upload

pytestmark = pytest.mark.django_db
KIND = KINDS["members"]


@pytest.fixture
def batch(cast) -> Batch:
    """A good row, one with a wrong mobile (row 3), one without a name and with a wrong mobile (row 4)."""
    rows = [member_row(1), member_row(2, mobile="1"), member_row(3, mobile="2", name="")]
    return actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer)


def mended(cast, batch: Batch, cells=None, out=(), version=0) -> Batch:
    return editing.edit_rows(batch, cells or {}, list(out), version=version, by=cast.officer)


def taken(cast, batch: Batch) -> None:
    """「确认导入」, and the job."""
    job.run_batch(actions.confirm_import(batch, ["new"], by=cast.officer).pk)


def test_what_is_mended_is_checked_again_and_the_rest_is_told(cast, batch):
    batch = mended(cast, batch, {3: {"mobile": "19900000002"}})
    assert (batch.state, batch.rows_valid, batch.problem_count, batch.mended) == (ImportState.INVALID, 2, 2, 1)
    assert {problem.row for problem in live(batch).problems} == {4}
    assert jobs() == []
    assert Entry.objects.filter(verb="import.mended", object_id=batch.pk).exists()


def test_all_mended_it_waits_for_the_word_and_comes_in_as_mended(cast, batch):
    batch = mended(cast, batch, {3: {"mobile": "199 0000 0002"}, 4: {"mobile": "19900000003", "name": "王补名"}})
    assert batch.state == ImportState.AWAITING_CONFIRMATION
    assert jobs() == []
    taken(cast, batch)
    assert {member.mobile for member in Member.objects.filter(name="王补名")} == {"19900000003"}
    assert cast.union.members.count() == 3


def test_a_row_may_be_left_out(cast, batch):
    batch = mended(cast, batch, {3: {"mobile": "19900000002"}}, out=[4])
    assert (batch.state, batch.rows_total) == (ImportState.AWAITING_CONFIRMATION, 2)
    taken(cast, batch)
    assert cast.union.members.count() == 2


def test_not_all_rows_may_be_left_out(cast, batch):
    with pytest.raises(Refused, match="至少保留一行"):
        mended(cast, batch, out=[2, 3, 4])


def test_an_older_page_changes_nothing(cast, batch):
    mended(cast, batch, {3: {"mobile": "19900000002"}})
    with pytest.raises(Refused, match="另一个窗口"):
        mended(cast, batch, {4: {"name": "王补名"}}, version=0)
    assert live(batch).problem_count == 2


def test_mended_in_two_steps(cast, batch):
    mended(cast, batch, {3: {"mobile": "19900000002"}})
    batch = mended(cast, live(batch), {4: {"name": "王补名", "mobile": "19900000003"}}, version=1)
    assert batch.state == ImportState.AWAITING_CONFIRMATION


def test_only_the_officers_and_only_while_it_waits(cast, batch):
    with pytest.raises(Refused):
        editing.edit_rows(batch, {}, [4], version=0, by=cast.neighbour_officer)
    actions.discard_batch(batch, by=cast.officer)
    with pytest.raises(Refused):
        mended(cast, live(batch), {3: {"mobile": "19900000002"}})
    with pytest.raises(Refused):
        editing.invalid_rows(live(batch), by=cast.officer)


def test_the_valid_rows_go_in_first_and_the_others_wait_to_be_mended(cast, batch):
    job.run_batch(actions.confirm_import(batch, ["new"], by=cast.officer).pk)
    remainder = Batch.objects.get(follows=batch)
    assert (remainder.state, remainder.rows_total, remainder.rows_valid) == (ImportState.INVALID, 2, 0)
    assert [row.number for row in editing.invalid_rows(remainder, by=cast.officer)] == [3, 4]
    remainder = mended(cast, remainder, {3: {"mobile": "19900000002"}}, out=[4])
    assert remainder.state == ImportState.AWAITING_CONFIRMATION
    taken(cast, remainder)
    assert cast.union.members.count() == 2
    assert not Batch.objects.filter(follows=remainder).exists()


def test_what_is_mended_is_sealed_and_stands_in_the_marked_workbook(cast, batch):
    batch = mended(cast, batch, {3: {"mobile": "19900000002"}})
    assert b"19900000002" not in bytes(live(batch).mends_sealed)
    book = load_workbook(BytesIO(actions.marked_workbook(live(batch), by=cast.officer)))
    assert book.worksheets[0].cell(3, HEADINGS.index("移动电话") + 1).value == "19900000002"


# The page


def test_the_grid_shows_each_wrong_cell_with_its_remedy_and_saves(client, cast, batch):
    client.force_login(cast.officer)
    address = reverse("imports:edit", args=[batch.pk])
    page = client.get(address).content.decode()
    for words in ("第 3 行，移动电话", "应为 11 位", "没有填写姓名", "不导入第 4 行"):
        assert words in page
    assert str(member_row(1)[3]) not in page  # correct rows are not shown
    assert Entry.objects.filter(verb="import.looked_at").exists()
    sent = {
        "version": 0, "c-3-mobile": "19900000002", "was-3-mobile": "1", "out-4": "1",
        "c-4-mobile": "2", "was-4-mobile": "2",
    }  # fmt: skip
    shown = markup(client.post(address, sent, follow=True))
    assert "2 行已无错误，还没有导入任何一行。" in shown
    assert "确认导入 2 人" in shown
    assert live(batch).state == ImportState.AWAITING_CONFIRMATION


def test_only_who_is_a_member_already_is_no_word_to_be_said(client, cast):
    """Unchanged members count among the rows, and not among the people to import."""
    first = actions.upload_workbook(cast.union, KIND, upload([member_row(1)]), by=cast.officer)
    job.run_batch(first.pk)
    rows = [member_row(1), member_row(2), member_row(3, mobile="1")]
    batch = actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer)
    mended(cast, batch, {4: {"mobile": "19900000003"}})
    client.force_login(cast.officer)
    address = reverse("imports:batch", args=[batch.pk])
    shown = markup(client.get(address))
    assert "3 行已无错误" in shown
    assert "确认导入 2 人" in shown
    mended(cast, live(batch), out=[3, 4], version=1)
    shown = client.get(address).content.decode()
    assert "没有要导入的内容" in shown
    assert "确认导入" not in shown


def test_a_hundred_rows_are_saved_at_once(client, cast):
    rows = [member_row(seed, mobile="1") for seed in range(100)]
    batch = actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer)
    client.force_login(cast.officer)
    sent: dict[str, object] = {"version": 0}
    for row in range(2, 102):
        for column in KIND.columns():
            sent |= {f"c-{row}-{column.key}": "x", f"was-{row}-{column.key}": "x"}
        sent |= {f"c-{row}-mobile": f"199{row:08}", f"was-{row}-mobile": "1"}
    assert "确认导入 100 人" in markup(client.post(reverse("imports:edit", args=[batch.pk]), sent, follow=True))


def test_still_wrong_it_comes_back_with_what_was_typed(client, cast, batch):
    client.force_login(cast.officer)
    address = reverse("imports:edit", args=[batch.pk])
    sent = {"version": 0, "c-3-mobile": "77", "was-3-mobile": "1", "c-3-nonsense": "x"}
    answer = client.post(address, sent, follow=True)
    assert "还有 3 处错误" in answer.content.decode()
    assert 'value="77"' in answer.content.decode()


def test_the_page_asks_no_more_for_many_rows(client, cast):
    client.force_login(cast.officer)
    query_counts = []
    for first, last in ((1, 11), (20, 120)):
        rows = [member_row(seed, mobile="1") for seed in range(first, last)]
        batch = actions.upload_workbook(cast.union, KIND, upload(rows), by=cast.officer)
        address = reverse("imports:edit", args=[batch.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address, {"size": 100})
        query_counts.append(len(queries))
        assert len(page.context["page"].rows) == min(100, last - first)
    assert query_counts[0] == query_counts[1]

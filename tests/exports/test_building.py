"""The job that writes an export: whole or not at all, with progress, stopped when it is called back (SPEC 5.5)."""

import pytest

from gonghui.accounts.models import Role, User
from gonghui.audit.models import Entry
from gonghui.exports import actions, building
from gonghui.exports.models import ExportState, File
from gonghui.notices.models import Notice
from tests.exports.stories import approved, asked, built, colleague, lines, pending, taken
from tests.factories import live, make_member

pytestmark = pytest.mark.django_db


def test_the_sheet_says_who_when_for_what_and_who_approved_it(cast):
    second = colleague(cast)
    export = pending(cast)
    approved(export, second)
    building.build(export.pk)
    content = actions.fetch(export, by=cast.officer).content
    (stamp, *rest), headings, *rows = lines(content)
    assert not any(rest)
    for word in (export.number, "示例经办人", cast.union.name, "用途：核对参保名单", "批准人 第二经办人"):
        assert word in stamp
    assert headings[:2] == ("会员编号", "姓名")
    assert len(rows) == 2


def test_a_masked_list_is_masked_and_has_no_second_person_in_its_stamp(cast):
    member = make_member(cast.union)
    headings, row = taken(cast.officer, full=False, purpose="")
    assert "*" in dict(zip(headings, row, strict=True))["证件号码"]
    assert member.document_number not in row


def test_what_is_written_is_recorded_and_told(cast):
    make_member(cast.union)
    export = built(cast.officer)
    assert (export.state, export.rows, export.done) == (ExportState.READY, 1, 1)
    assert Entry.objects.get(verb="export.built").data["rows"] == 1
    assert Notice.objects.get(user=cast.officer).title == "导出的会员名单可以下载了"


def test_the_progress_is_seen_while_it_is_written(cast, monkeypatch):
    seen = []
    monkeypatch.setattr(building, "CHUNK", 2)
    for _ in range(5):
        make_member(cast.union)
    export = asked(cast.officer)

    def noting(rows):
        for row in rows:
            seen.append(live(export).done)
            yield row

    between(monkeypatch, noting)
    building.build(export.pk)
    assert seen == [0, 0, 2, 2, 4]


def between(monkeypatch, passing) -> None:
    """Has every row go through ``passing`` on its way into the sheet."""
    write = building.write_stamped
    monkeypatch.setattr(
        building, "write_stamped", lambda path, headings, rows, **words: write(path, headings, passing(rows), **words)
    )


def test_calling_it_back_stops_the_job(cast, monkeypatch):
    monkeypatch.setattr(building, "CHUNK", 1)
    for _ in range(3):
        make_member(cast.union)
    export = asked(cast.officer)
    written = []

    def passing(rows):
        for row in rows:
            if not written:
                actions.recall(export, by=cast.officer)
            written.append(row)
            yield row

    between(monkeypatch, passing)
    building.build(export.pk)
    assert len(written) == 1, "the next step sees that nobody wants it"
    assert live(export).state == ExportState.RECALLED
    assert not File.objects.exists()


def test_called_back_at_the_last_moment_nothing_is_kept(cast, monkeypatch):
    make_member(cast.union)
    export = asked(cast.officer)
    write = building.write_stamped

    def and_recalled(*args, **words):
        rows = write(*args, **words)
        actions.recall(export, by=cast.officer)
        return rows

    monkeypatch.setattr(building, "write_stamped", and_recalled)
    building.build(export.pk)
    assert live(export).state == ExportState.RECALLED
    assert not File.objects.exists()


def test_of_two_runs_the_later_one_writes(cast, monkeypatch):
    make_member(cast.union)
    export = asked(cast.officer)
    write = building.write_stamped

    def and_another_run(*args, **words):
        rows = write(*args, **words)
        monkeypatch.setattr(building, "write_stamped", write)
        building.build(export.pk)
        return rows

    monkeypatch.setattr(building, "write_stamped", and_another_run)
    building.build(export.pk)
    assert File.objects.count() == 1
    assert Entry.objects.filter(verb="export.built").count() == 1


def test_more_rows_than_were_approved_are_not_written(cast):
    second = colleague(cast)
    export = approved(pending(cast), second)
    make_member(cast.union)
    building.build(export.pk)
    export = live(export)
    assert export.state == ExportState.FAILED
    assert "超过 2 行，没有生成" in export.failure
    assert not File.objects.exists()
    assert "请重新导出" in Notice.objects.filter(user=cast.officer).latest("pk").body


def test_who_has_lost_the_right_meanwhile_gets_nothing(cast):
    make_member(cast.union)
    export = asked(cast.officer)
    User.objects.filter(pk=cast.officer.pk).update(roles=[Role.VIEWER])
    building.build(export.pk)
    assert "只能导出遮盖号码后的名单" in live(export).failure
    assert not File.objects.exists()

"""Who is on 「未建会名单」, and how its employers are marked (SPEC 5.3)."""

from io import BytesIO
from threading import Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from gonghui.audit.models import Entry
from gonghui.exports.actions import fetch
from gonghui.exports.building import build
from gonghui.exports.models import Export
from gonghui.kit.errors import Refused
from gonghui.kit.invent import invent_uscc
from gonghui.registers.models import EmployerMark, Mark
from gonghui.registers.unorganised import actions, views
from gonghui.registers.unorganised.actions import MAX_AT_ONCE, export_unorganised, mark
from gonghui.registers.unorganised.form import UnorganisedFilter
from gonghui.unions.models import CoveredEmployer, Employer, RegisteredEmployer, UnionState
from tests.filings.stories import dissolved
from tests.registers.entries import make_entry
from tests.registers.files import csv_of, employer_line, loaded

pytestmark = pytest.mark.django_db


def listed(user) -> list[RegisteredEmployer]:
    return list(RegisteredEmployer.objects.visible_to(user).without_union().order_by("pk"))


def seen(*entries: RegisteredEmployer) -> dict[int, int]:
    """As the page that is opened now carries them."""
    marks = {one.employer_id: one.version for one in EmployerMark.objects.filter(employer__in=entries)}
    return {one.pk: marks.get(one.pk, 0) for one in entries}


def marked(entry: RegisteredEmployer) -> tuple[str, str] | None:
    return EmployerMark.objects.filter(employer=entry).values_list("kind", "note").first()


# Who is on the list


def test_each_superior_sees_the_employers_of_its_own_streets(cast):
    here, there = make_entry(1, cast.street), make_entry(2, cast.other_street)
    company, nowhere = make_entry(3, cast.company), make_entry(4)
    assert listed(cast.platform_admin) == [here, there, company, nowhere]
    assert listed(cast.district_admin) == [here, there]
    assert listed(cast.bureau_admin) == [company]
    assert listed(cast.reviewer) == listed(cast.viewer) == [here]
    assert listed(cast.officer) == listed(cast.newcomer) == listed(cast.claimant) == []


@pytest.mark.parametrize("register", [invent_uscc(1), invent_uscc(1)[8:17]], ids=["18", "9"])
@pytest.mark.parametrize("union", [invent_uscc(1), invent_uscc(1)[8:17]], ids=["18", "9"])
def test_an_employer_that_gets_a_union_leaves_the_list_by_itself(cast, register, union):
    entry, other = make_entry(1, cast.street, code=register), make_entry(2, cast.street)
    assert listed(cast.reviewer) == [entry, other]
    Employer.objects.filter(union=cast.far).update(code=union)
    assert listed(cast.reviewer) == [other]
    assert list(RegisteredEmployer.objects.with_union()) == [entry]


def test_an_employer_that_a_joint_union_covers_leaves_it_too_until_it_is_freed(cast):
    entry = make_entry(1, cast.street)
    covered = CoveredEmployer.objects.create(union=cast.union, code=entry.code, name=entry.name, staff_count=30)
    assert listed(cast.reviewer) == []
    assert list(RegisteredEmployer.objects.with_union()) == [entry]
    covered.freed_by = uuid4()
    covered.save()
    assert listed(cast.reviewer) == [entry]


def test_an_employer_whose_union_is_dissolved_or_not_approved_yet_is_on_the_list(cast):
    entry = make_entry(1, cast.street)
    Employer.objects.filter(union=cast.union).update(code=entry.code)
    assert listed(cast.reviewer) == []
    dissolved(cast)
    assert listed(cast.reviewer) == [entry]
    assert cast.unfiled.state == UnionState.UNFILED
    Employer.objects.filter(union=cast.unfiled).update(registered=entry)
    assert listed(cast.reviewer) == [entry]


# Marks


def test_a_mark_says_what_why_by_whom_and_when_and_is_recorded(cast):
    entry = make_entry(1, cast.street)
    result = mark(seen(entry), Mark.UNFIT, "  职工都是\n劳务派遣 ", by=cast.reviewer)
    assert result.changed == [entry]
    kept = EmployerMark.objects.get()
    assert (kept.kind, kept.note, kept.by) == ("unfit", "职工都是 劳务派遣", cast.reviewer)
    assert kept.marked_at <= timezone.now()
    told = Entry.objects.get(verb="employer.marked")
    assert (told.object_id, told.union_id) == (entry.pk, cast.street.pk)
    assert told.data == {"count": 1, "employers": [entry.name], "mark": "unfit", "note": "职工都是 劳务派遣"}
    assert entry in listed(cast.reviewer)


@pytest.mark.parametrize("who", ["platform_admin", "district_admin", "reviewer"])
def test_every_level_marks_what_is_below_it_and_takes_it_back(cast, who):
    entry, by = make_entry(1, cast.street), getattr(cast, who)
    mark(seen(entry), Mark.CONTACTED, by=by)
    assert marked(entry) == ("contacted", "")
    mark(seen(entry), Mark.UNFIT, "不足三人", by=by)
    assert marked(entry) == ("unfit", "不足三人")
    mark(seen(entry), None, by=by)
    assert marked(entry) is None
    assert [
        kind for (kind,) in EmployerMark.events.rel.related_model.objects.order_by("pgh_id").values_list("kind")
    ] == [
        "contacted",
        "unfit",
    ]
    assert list(Entry.objects.filter(verb__startswith="employer.").order_by("id").values_list("verb", flat=True)) == [
        "employer.marked",
        "employer.marked",
        "employer.unmarked",
    ]


@pytest.mark.parametrize("who", ["viewer", "officer", "claimant", "disabled"])
def test_who_may_not_marks_nothing(cast, who):
    entry = make_entry(1, cast.street)
    if who == "disabled":
        type(cast.reviewer).objects.filter(pk=cast.reviewer.pk).update(is_active=False)
    with pytest.raises(Refused, match="只有上级工会的管理员和审核人"):
        mark(seen(entry), Mark.CONTACTED, by=cast.reviewer if who == "disabled" else getattr(cast, who))
    assert marked(entry) is None


def test_what_is_out_of_scope_is_not_marked_and_is_as_if_it_were_not_there(cast):
    here, there = make_entry(1, cast.street), make_entry(2, cast.other_street)
    with pytest.raises(Refused, match="已不在您管辖的名单中") as refused:
        mark(seen(there), Mark.CONTACTED, by=cast.reviewer)
    with pytest.raises(Refused) as never:
        mark({10**17: 0}, Mark.CONTACTED, by=cast.reviewer)
    assert refused.value.sentence == never.value.sentence
    result = mark(seen(here, there), Mark.CONTACTED, by=cast.reviewer)
    assert (result.changed, result.gone) == ([here], 1)
    assert marked(there) is None


def test_a_second_click_changes_nothing_and_records_nothing(cast):
    entry = make_entry(1, cast.street)
    page = seen(entry)
    mark(page, Mark.CONTACTED, "已电话联系", by=cast.reviewer)
    result = mark(page, Mark.CONTACTED, "已电话联系", by=cast.reviewer)
    assert (result.changed, result.same, dict(result.passed_over)) == ([], 1, {})
    page = seen(entry)
    mark(page, None, by=cast.reviewer)
    assert mark(page, None, by=cast.reviewer).same == 1
    assert Entry.objects.filter(verb__startswith="employer.").count() == 2


def test_a_page_that_is_out_of_date_replaces_no_mark_and_says_whose(cast):
    entry, other = make_entry(1, cast.street), make_entry(2, cast.street)
    page = seen(entry, other)
    mark(seen(entry), Mark.UNFIT, "不足三人", by=cast.district_admin)
    result = mark(page, Mark.CONTACTED, by=cast.reviewer)
    assert result.changed == [other]
    (told,) = result.remarks()
    assert f"{cast.district_admin} 刚标为“不具备条件”" in told
    assert marked(entry) == ("unfit", "不足三人")
    page = seen(entry)
    mark(page, None, by=cast.district_admin)
    (told,) = mark(page, Mark.UNFIT, "别的原因", by=cast.reviewer).remarks()
    assert "标记刚被取消" in told
    assert marked(entry) is None


def test_an_employer_that_has_a_union_by_now_is_left_and_told(cast):
    entry, other = make_entry(1, cast.street), make_entry(2, cast.street)
    page = seen(entry, other)
    Employer.objects.filter(union=cast.far).update(code=entry.code)
    result = mark(page, Mark.CONTACTED, by=cast.reviewer)
    assert result.changed == [other]
    assert list(result.remarks()) == [f"{entry.name}（1 家）没有改动：已经建会，不再列在名单中。"]
    assert marked(entry) is None


@pytest.mark.parametrize(
    ("kind", "note", "sentence"),
    [
        (Mark.CONTACTED, "长" * 201, "说明有 201 个字"),
        (Mark.UNFIT, "长" * 201, "说明有 201 个字"),
        (Mark.UNFIT, " \n", "要写明原因"),
    ],
)
def test_a_note_that_is_missing_or_too_long_is_refused_at_its_field(cast, kind, note, sentence):
    entry = make_entry(1, cast.street)
    with pytest.raises(Refused, match=sentence) as refused:
        mark(seen(entry), kind, note, by=cast.reviewer)
    assert refused.value.field == "note"
    assert marked(entry) is None


def test_none_and_too_many_are_refused(cast):
    with pytest.raises(Refused, match="请先勾选单位"):
        mark({}, Mark.CONTACTED, by=cast.reviewer)
    with pytest.raises(Refused, match="一次最多标记 500 家"):
        mark(dict.fromkeys(range(1, MAX_AT_ONCE + 2), 0), Mark.CONTACTED, by=cast.reviewer)


def test_the_database_holds_that_unfit_says_why_and_a_note_is_short(cast):
    entry = make_entry(1, cast.street)
    for kind, note in (("unfit", ""), ("contacted", "长" * 201), ("other", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmployerMark.objects.create(
                employer=entry, kind=kind, note=note, by=cast.reviewer, marked_at=timezone.now()
            )


def test_a_new_load_of_the_register_keeps_the_marks(cast):
    loaded(csv_of([employer_line(1)]), by=cast.platform_admin)
    entry = RegisteredEmployer.objects.get()
    mark(seen(entry), Mark.UNFIT, "不足三人", by=cast.platform_admin)
    load = loaded(csv_of([employer_line(1, 职工人数=77, 单位名称="上海示例改名有限公司")]), by=cast.platform_admin)
    assert load.changed == 1
    entry.refresh_from_db()
    assert (entry.ranked_staff, entry.name) == (77, "上海示例改名有限公司")
    assert marked(entry) == ("unfit", "不足三人")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_is_told_what_the_first_has_done(cast):
    entry = make_entry(1, cast.street)
    page, results = seen(entry), []

    def second() -> None:
        results.append(mark(page, Mark.UNFIT, "不足三人", by=cast.district_admin))
        connection.close()

    later = Thread(target=second)
    with transaction.atomic():
        assert mark(page, Mark.CONTACTED, by=cast.reviewer).changed == [entry]
        later.start()
        later.join(0.5)
        assert not results, "it does not wait for the first"
    later.join(60)
    assert (results[0].changed, len(results[0].passed_over)) == ([], 1)
    assert marked(entry) == ("contacted", "")
    assert Entry.objects.filter(verb="employer.marked").count() == 1


# The export


def exported(user, path, **query: str) -> list[tuple]:
    export_unorganised(UnorganisedFilter(query, user=user), path, by=user)
    return list(load_workbook(path).active.values)


def test_the_export_holds_the_list_under_its_filters_and_is_recorded(cast, tmp_path):
    entry = make_entry(1, cast.street, industry="C", address="示例路 1 号", staff_count=None)
    make_entry(2, cast.street, staff_count=300)
    make_entry(3, cast.other_street)
    mark(seen(entry), Mark.UNFIT, "不足三人", by=cast.reviewer)
    rows = exported(cast.reviewer, tmp_path / "all.xlsx")
    assert [row[0] for row in rows][-2:] == ["上海示例第2商贸有限公司", "上海示例第1商贸有限公司"]
    told = [cell or "" for cell in rows[-1]]
    assert told[:5] == [entry.name, entry.code, "杨浦区总工会", "五角场镇工会", "制造业"]
    assert told[6:11] == ["", "示例路 1 号", "不具备条件", "不足三人", cast.reviewer.name]
    assert Entry.objects.get(verb="employer.exported").data == {"count": 2}
    assert len(exported(cast.reviewer, tmp_path / "some.xlsx", mark="unfit")) == len(rows) - 1


def test_nothing_a_wrong_filter_and_an_officer_export_nothing(cast, tmp_path):
    for user, query, sentence in (
        (cast.reviewer, {}, "没有可以导出的单位"),
        (cast.reviewer, {"staff": "huge"}, "查询条件不正确"),
        (cast.officer, {}, "只有上级工会"),
    ):
        with pytest.raises(Refused, match=sentence):
            exported(user, tmp_path / "none.xlsx", **query)
    assert not Entry.objects.filter(verb="employer.exported").exists()


def test_a_long_list_leaves_by_the_job_and_without_anybody_s_approval(cast, client, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 1)
    for number in (1, 2, 3):
        make_entry(number, cast.street, staff_count=300 if number < 3 else 5)
    client.force_login(cast.reviewer)
    answer = client.post(f"{reverse('registers:unorganised_export')}?staff=300-999")
    export = Export.objects.get()
    assert answer["Location"] == reverse("exports:export", args=[export.pk])
    assert (export.full, export.second, export.total) == (False, False, 2)
    assert export.told["conditions"] == [["职工人数", "300 至 999 人"]]
    build(export.pk)
    sheet = load_workbook(BytesIO(fetch(export, by=cast.reviewer).content)).active
    assert [row[0] for row in sheet.values][2:] == ["上海示例第2商贸有限公司", "上海示例第1商贸有限公司"]
    assert Entry.objects.get(verb="employer.exported").data == {"count": 2}


def test_more_than_a_request_writes_are_refused_inside_the_action(cast, tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 1)
    for number in (1, 2):
        make_entry(number, cast.street)
    with pytest.raises(Refused, match="后台生成"):
        exported(cast.reviewer, tmp_path / "all.xlsx")
